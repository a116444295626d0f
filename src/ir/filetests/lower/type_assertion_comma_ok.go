// pass: lower
// With `ok` a failed assertion gives zero and false.
package main

func f(x any) (string, bool) {
	s, ok := x.(string)
	return s, ok
}

/* expect:
func main.f (i64, i64) -> (i64, i64, i8) "main.f"
  l0: i64 x
  l1: i64 x
  l2: i64
  l3: i64
  l4: i8
  l5: i64
  l6: i64
  l7: i8
  l8: i64 s
  l9: i64 s
  l10: i8 ok
b0:
  set l0, v0
  set l1, v1
  v2 = iconst.i64 0
  v3 = iconst.i64 0
  set l2, v2
  set l3, v3
  v4 = iconst.i8 0
  set l4, v4
  v5 = get l0
  v6 = get l1
  v7 = symbol type:string+0
  v8 = cmp.eq.i64 v5, v7
  set l7, v8
  br v8, b1, b2
b1:
  v9 = load.i64 [v6+0] aligned
  v10 = load.i64 [v6+8] aligned plain
  set l5, v9
  set l6, v10
  jump b3
b2:
  v11 = iconst.i64 0
  v12 = iconst.i64 0
  set l5, v11
  set l6, v12
  jump b3
b3:
  v13 = get l7
  v14 = get l5
  v15 = get l6
  set l8, v14
  set l9, v15
  set l10, v13
  v16 = get l8
  v17 = get l9
  v18 = get l10
  return v16, v17, v18
*/
