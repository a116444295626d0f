// pass: lower
// The tag is evaluated once and compared with one case after the other.
package main

func f(n int) int {
	switch n {
	case 1, 2:
		return 10
	case 3:
		return 20
	}
	return 0
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 n
  l1: i64
  l2: i64
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = get l0
  set l2, v2
  v3 = get l2
  v4 = iconst.i64 1
  v5 = get l2
  v6 = cmp.eq.i64 v5, v4
  br v6, b2, b4
b1:
  v17 = iconst.i64 0
  return v17
b2:
  v15 = iconst.i64 10
  return v15
b3:
  v16 = iconst.i64 20
  return v16
b4:
  v7 = get l2
  v8 = iconst.i64 2
  v9 = get l2
  v10 = cmp.eq.i64 v9, v8
  br v10, b2, b6
b6:
  v11 = get l2
  v12 = iconst.i64 3
  v13 = get l2
  v14 = cmp.eq.i64 v13, v12
  br v14, b3, b8
b8:
  jump b1
*/
