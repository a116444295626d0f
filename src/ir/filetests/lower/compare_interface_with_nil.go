// pass: lower
// An interface is nil when it has no type.
package main

func f(a error) bool {
	return a != nil
}

/* expect:
func main.f (i64, i64) -> (i8) "main.f"
  l0: i64 a
  l1: i64 a
  l2: i8
b0:
  set l0, v0
  set l1, v1
  v2 = iconst.i8 0
  set l2, v2
  v3 = get l0
  v4 = get l1
  v5 = iconst.i64 0
  v6 = cmp.ne.i64 v3, v5
  return v6
*/
