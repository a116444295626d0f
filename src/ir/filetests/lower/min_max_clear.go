// pass: lower
// min and max of integers are selections; clear of a slice is a range that is written.
package main

func f(a, b int, s []int) (int, int) {
	clear(s)
	return min(a, b), max(a, b)
}

/* expect:
func main.f (i64, i64, i64, i64, i64) -> (i64, i64) "main.f"
  l0: i64 a
  l1: i64 b
  l2: i64 s
  l3: i64 s
  l4: i64 s
  l5: i64
  l6: i64
b0:
  set l0, v0
  set l1, v1
  set l2, v2
  set l3, v3
  set l4, v4
  v5 = iconst.i64 0
  set l5, v5
  v6 = iconst.i64 0
  set l6, v6
  v7 = get l2
  v8 = get l3
  v9 = get l4
  v10 = iconst.i64 3
  v11 = shl.i64 v8, v10
  call runtime.racewriterange(v7, v11) : (i64, i64) -> ()
  call runtime.memclrNoHeapPointers(v7, v11) : (i64, i64) -> ()
  v12 = get l0
  v13 = get l1
  v14 = cmp.slt.i64 v13, v12
  v15 = select.i64 v14, v13, v12
  v16 = get l0
  v17 = get l1
  v18 = cmp.sgt.i64 v17, v16
  v19 = select.i64 v18, v17, v16
  return v15, v19
*/
