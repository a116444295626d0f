// pass: lower
// A field near the start is read without a check: the read itself faults.
package main

type T struct{ a, b int }

func f(t *T) int {
	return t.b
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
  v3 = load.i64 [v2+8] race aligned plain
  return v3
*/
