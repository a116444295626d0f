// pass: lower
// Strings are compared one after the other, by length first.
package main

func f(s string) int {
	switch s {
	case "a":
		return 1
	case "bc":
		return 2
	}
	return 0
}

/* expect:
func main.f (i64, i64) -> (i64) "main.f"
  l0: i64 s
  l1: i64 s
  l2: i64
  l3: i64
  l4: i64
  l5: i8
  l6: i8
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
  v7 = symbol "go:string.\"a\""+0
  v8 = iconst.i64 1
  v9 = get l3
  v10 = get l4
  v11 = cmp.eq.i64 v10, v8
  set l5, v11
  br v11, b5, b6
b1:
  v25 = iconst.i64 0
  return v25
b2:
  v23 = iconst.i64 1
  return v23
b3:
  v24 = iconst.i64 2
  return v24
b4:
  v14 = get l3
  v15 = get l4
  v16 = symbol "go:string.\"bc\""+0
  v17 = iconst.i64 2
  v18 = get l3
  v19 = get l4
  v20 = cmp.eq.i64 v19, v17
  set l6, v20
  br v20, b10, b11
b5:
  v12 = call runtime.memequal(v9, v7, v10) : (i64, i64, i64) -> (i8)
  set l5, v12
  jump b6
b6:
  v13 = get l5
  br v13, b2, b4
b9:
  jump b1
b10:
  v21 = call runtime.memequal(v18, v16, v19) : (i64, i64, i64) -> (i8)
  set l6, v21
  jump b11
b11:
  v22 = get l6
  br v22, b3, b9
*/
