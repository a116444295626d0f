// pass: lower
// The type word is compared with descriptors for concrete types; an interface is asked of the runtime.
package main

type I interface{ m() }

func f(x any) int {
	switch v := x.(type) {
	case int:
		return v
	case nil:
		return 1
	case I:
		return 2
	}
	return 3
}

/* expect:
func main.f (i64, i64) -> (i64) "main.f"
  l0: i64 x
  l1: i64 x
  l2: i64
  l3: i64
  l4: i64
  l5: i64 v
  l6: i64 v
  l7: i64 v
  l8: i64
  l9: i64
  l10: i8
  l11: i64 v
  l12: i64 v
b0:
  set l0, v0
  set l1, v1
  v2 = iconst.i64 0
  set l2, v2
  v3 = get l0
  v4 = get l1
  set l3, v3
  set l4, v4
  v5 = get l3
  v6 = get l4
  v7 = symbol type:int+0
  v8 = cmp.eq.i64 v5, v7
  br v8, b4, b3
b1:
  v27 = iconst.i64 3
  return v27
b2:
  v24 = get l5
  return v24
b3:
  v10 = get l3
  v11 = get l4
  v12 = iconst.i64 0
  v13 = cmp.eq.i64 v10, v12
  br v13, b9, b8
b4:
  v9 = load.i64 [v6+0] aligned plain
  set l5, v9
  jump b2
b7:
  v25 = iconst.i64 1
  return v25
b8:
  v14 = get l3
  v15 = get l4
  v16 = symbol type:main.I+0
  v17 = call runtime.assertE2I2(v16, v14) : (i64, i64) -> (i64)
  v18 = iconst.i64 0
  v19 = cmp.ne.i64 v17, v18
  v20 = iconst.i64 0
  v21 = select.i64 v19, v15, v20
  set l8, v17
  set l9, v21
  br v19, b14, b13
b9:
  set l6, v10
  set l7, v11
  jump b7
b12:
  v26 = iconst.i64 2
  return v26
b13:
  jump b1
b14:
  v22 = get l8
  v23 = get l9
  set l11, v22
  set l12, v23
  jump b12
*/
