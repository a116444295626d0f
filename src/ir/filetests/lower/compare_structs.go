// pass: lower
// Small structs are compared field by field, blank ones left out.
package main

type T struct {
	a int32
	_ int32
	b int64
}

func f(x, y T) bool {
	return x == y
}

/* expect:
func main.f (i32, i32, i64, i32, i32, i64) -> (i8) "main.f"
  l0: i32 x
  l1: i32 x
  l2: i64 x
  l3: i32 y
  l4: i32 y
  l5: i64 y
  l6: i8
b0:
  set l0, v0
  set l1, v1
  set l2, v2
  set l3, v3
  set l4, v4
  set l5, v5
  v6 = iconst.i8 0
  set l6, v6
  v7 = get l0
  v8 = get l1
  v9 = get l2
  v10 = get l3
  v11 = get l4
  v12 = get l5
  v13 = iconst.i8 1
  v14 = cmp.eq.i32 v7, v10
  v15 = and.i8 v13, v14
  v16 = cmp.eq.i64 v9, v12
  v17 = and.i8 v15, v16
  return v17
*/
