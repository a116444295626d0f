// pass: lower
// The right side runs only when the left one has not decided.
package main

func g() bool

func f(a bool) bool {
	return a && g() || !a
}

/* expect:
func main.f (i8) -> (i8) "main.f"
  l0: i8 a
  l1: i8
  l2: i8
  l3: i8
b0:
  set l0, v0
  v1 = iconst.i8 0
  set l1, v1
  v2 = get l0
  set l3, v2
  br v2, b1, b2
b1:
  v3 = call main.g() : () -> (i8)
  set l3, v3
  jump b2
b2:
  v4 = get l3
  set l2, v4
  br v4, b5, b4
b4:
  v5 = get l0
  v6 = iconst.i8 1
  v7 = xor.i8 v5, v6
  set l2, v7
  jump b5
b5:
  v8 = get l2
  return v8
*/
