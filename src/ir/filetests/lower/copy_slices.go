// pass: lower
// As many elements as the shorter one has are moved; the detector hears of both ranges.
package main

func f(a, b []int) int {
	return copy(a, b)
}

/* expect:
func main.f (i64, i64, i64, i64, i64, i64) -> (i64) "main.f"
  l0: i64 a
  l1: i64 a
  l2: i64 a
  l3: i64 b
  l4: i64 b
  l5: i64 b
  l6: i64
b0:
  set l0, v0
  set l1, v1
  set l2, v2
  set l3, v3
  set l4, v4
  set l5, v5
  v6 = iconst.i64 0
  set l6, v6
  v7 = get l0
  v8 = get l1
  v9 = get l2
  v10 = get l3
  v11 = get l4
  v12 = get l5
  v13 = cmp.slt.i64 v11, v8
  v14 = select.i64 v13, v11, v8
  v15 = iconst.i64 3
  v16 = shl.i64 v14, v15
  call runtime.racereadrange(v10, v16) : (i64, i64) -> ()
  call runtime.racewriterange(v7, v16) : (i64, i64) -> ()
  call runtime.memmoveNoPointers(v7, v10, v16) : (i64, i64, i64) -> ()
  return v14
*/
