// pass: lower
// The address of a field panics for a nil pointer, though nothing is read.
package main

type T struct{ a, b int }

func f(t *T) *int {
	return &t.b
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 t
  l1: i64
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = get l0
  nilcheck v2
  v3 = iconst.i64 8
  v4 = add.i64 v2, v3
  return v4
*/
