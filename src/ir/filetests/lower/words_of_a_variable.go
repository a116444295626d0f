// pass: lower
// The words of a string, slice or interface are numbered, so that passes know what is written together; fields are not.
package main

type T struct {
	n int
	s string
}

func f(t *T) T {
	return *t
}

/* expect:
func main.f (i64) -> (i64, i64, i64) "main.f"
  l0: i64 t
  l1: i64
  l2: i64
  l3: i64
b0:
  set l0, v0
  v1 = iconst.i64 0
  v2 = iconst.i64 0
  v3 = iconst.i64 0
  set l1, v1
  set l2, v2
  set l3, v3
  v4 = get l0
  v5 = load.i64 [v4+0] race aligned plain
  v6 = load.i64 [v4+8] race aligned part1
  v7 = load.i64 [v4+16] race aligned plain part2
  return v5, v6, v7
*/
