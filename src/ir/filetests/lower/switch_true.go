// pass: lower
// A switch without a tag takes the first case that holds.
package main

func f(a, b bool) int {
	switch {
	case a:
		return 1
	case b:
		return 2
	}
	return 0
}

/* expect:
func main.f (i8, i8) -> (i64) "main.f"
  l0: i8 a
  l1: i8 b
  l2: i64
b0:
  set l0, v0
  set l1, v1
  v2 = iconst.i64 0
  set l2, v2
  v3 = get l0
  br v3, b2, b4
b1:
  v7 = iconst.i64 0
  return v7
b2:
  v5 = iconst.i64 1
  return v5
b3:
  v6 = iconst.i64 2
  return v6
b4:
  v4 = get l1
  br v4, b3, b6
b6:
  jump b1
*/
