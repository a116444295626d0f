// pass: lower
// Two strings have a way of their own, more are handed over as an array.
package main

func f(a, b, c string) (string, string) {
	return a + b, a + b + c
}

/* expect:
func main.f (i64, i64, i64, i64, i64, i64) -> (i64, i64, i64, i64) "main.f"
  l0: i64 a
  l1: i64 a
  l2: i64 b
  l3: i64 b
  l4: i64 c
  l5: i64 c
  l6: i64
  l7: i64
  l8: i64
  l9: i64
  s0: 48 align 8
b0:
  set l0, v0
  set l1, v1
  set l2, v2
  set l3, v3
  set l4, v4
  set l5, v5
  v6 = iconst.i64 0
  v7 = iconst.i64 0
  set l6, v6
  set l7, v7
  v8 = iconst.i64 0
  v9 = iconst.i64 0
  set l8, v8
  set l9, v9
  v10 = get l0
  v11 = get l1
  v12 = get l2
  v13 = get l3
  v14, v15 = call runtime.concatstring2(v10, v11, v12, v13) : (i64, i64, i64, i64) -> (i64, i64)
  v16 = get l0
  v17 = get l1
  v18 = get l2
  v19 = get l3
  v20 = get l4
  v21 = get l5
  v22 = slot s0+0
  store.i64 v16, [v22+0] aligned
  store.i64 v17, [v22+8] aligned
  store.i64 v18, [v22+16] aligned
  store.i64 v19, [v22+24] aligned
  store.i64 v20, [v22+32] aligned
  store.i64 v21, [v22+40] aligned
  v23 = iconst.i64 3
  v24, v25 = call runtime.concatstrings(v22, v23) : (i64, i64) -> (i64, i64)
  return v14, v15, v24, v25
*/
