// pass: lower
// Where there is room the element is stored behind the last; else the runtime grows the slice.
package main

func f(s []int, x int) []int {
	return append(s, x)
}

/* expect:
func main.f (i64, i64, i64, i64) -> (i64, i64, i64) "main.f"
  l0: i64 s
  l1: i64 s
  l2: i64 s
  l3: i64 x
  l4: i64
  l5: i64
  l6: i64
  l7: i64
  l8: i64
b0:
  set l0, v0
  set l1, v1
  set l2, v2
  set l3, v3
  v4 = iconst.i64 0
  v5 = iconst.i64 0
  v6 = iconst.i64 0
  set l4, v4
  set l5, v5
  set l6, v6
  v7 = get l3
  v8 = iconst.i64 1
  v9 = get l0
  v10 = get l1
  v11 = get l2
  set l7, v9
  set l8, v11
  v12 = add.i64 v10, v8
  v13 = cmp.ugt.i64 v12, v11
  br v13, b1, b2
b1 cold:
  v14 = symbol type:int+0
  v15, v16, v17 = call runtime.growsliceNoPointers(v9, v12, v11, v8, v14) : (i64, i64, i64, i64, i64) -> (i64, i64, i64)
  set l7, v15
  set l8, v17
  jump b2
b2:
  v18 = get l7
  v19 = get l8
  v20 = iconst.i64 3
  v21 = shl.i64 v10, v20
  v22 = add.i64 v18, v21
  store.i64 v7, [v22+0] race aligned plain
  return v18, v12, v19
*/
