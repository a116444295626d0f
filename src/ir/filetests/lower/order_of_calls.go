// pass: lower
// Calls come from left to right, before what they stand in; a variable is read when the rest is.
package main

func a() int
func b() int

func f(x int) int {
	return a() + x*b()
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 x
  l1: i64
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = call main.a() : () -> (i64)
  v3 = call main.b() : () -> (i64)
  v4 = get l0
  v5 = mul.i64 v4, v3
  v6 = add.i64 v2, v5
  return v6
*/
