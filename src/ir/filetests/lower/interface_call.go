// pass: lower
// A call through an interface takes the method from the itab, at the place that its name has, and gives it the data word.
package main

type I interface {
	a()
	b(int) int
}

func f(i I) int {
	return i.b(3)
}

/* expect:
func main.f (i64, i64) -> (i64) "main.f"
  l0: i64 i
  l1: i64 i
  l2: i64
b0:
  set l0, v0
  set l1, v1
  v2 = iconst.i64 0
  set l2, v2
  v3 = iconst.i64 3
  v4 = get l0
  v5 = get l1
  v6 = load.i64 [v4+32] aligned
  v7 = call code v6(v5, v3) : (i64, i64) -> (i64)
  return v7
*/
