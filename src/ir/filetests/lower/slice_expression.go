// pass: lower
// Both bounds are checked, the high one against the capacity; where nothing is left the pointer is not moved.
package main

func f(s []int, i, j int) []int {
	return s[i:j]
}

/* expect:
func main.f (i64, i64, i64, i64, i64) -> (i64, i64, i64) "main.f"
  l0: i64 s
  l1: i64 s
  l2: i64 s
  l3: i64 i
  l4: i64 j
  l5: i64
  l6: i64
  l7: i64
b0:
  set l0, v0
  set l1, v1
  set l2, v2
  set l3, v3
  set l4, v4
  v5 = iconst.i64 0
  v6 = iconst.i64 0
  v7 = iconst.i64 0
  set l5, v5
  set l6, v6
  set l7, v7
  v8 = get l0
  v9 = get l1
  v10 = get l2
  v11 = get l3
  v12 = get l4
  v13 = cmp.ugt.i64 v12, v10
  br v13, b1, b2
b1 cold:
  call runtime.panicSliceAcap(v12, v10) : (i64, i64) -> ()
  unreachable
b2:
  v14 = cmp.ugt.i64 v11, v12
  br v14, b5, b6
b5 cold:
  call runtime.panicSliceB(v11, v12) : (i64, i64) -> ()
  unreachable
b6:
  v15 = sub.i64 v12, v11
  v16 = sub.i64 v10, v11
  v17 = iconst.i64 3
  v18 = shl.i64 v11, v17
  v19 = iconst.i64 0
  v20 = cmp.eq.i64 v16, v19
  v21 = iconst.i64 0
  v22 = select.i64 v20, v21, v18
  v23 = add.i64 v8, v22
  return v23, v15, v16
*/
