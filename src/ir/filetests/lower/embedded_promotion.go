// pass: lower
// A promoted field behind an embedded pointer: one load a step, each of which faults for nil.
package main

type A struct{ n int }
type B struct{ *A }

func f(b *B) int {
	return b.n
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 b
  l1: i64
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = get l0
  v3 = load.i64 [v2+0] race aligned
  v4 = load.i64 [v3+0] race aligned plain
  return v4
*/
