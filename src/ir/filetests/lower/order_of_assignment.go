// pass: lower
// The operands of both sides come first, then the assignments from left to right: the two are swapped.
package main

func f(p, q *int) {
	*p, *q = *q, *p
}

/* expect:
func main.f (i64, i64) -> () "main.f"
  l0: i64 p
  l1: i64 q
b0:
  set l0, v0
  set l1, v1
  v2 = get l0
  v3 = load.i64 [v2+0] race aligned plain
  v4 = get l1
  v5 = load.i64 [v4+0] race aligned plain
  v6 = get l0
  store.i64 v5, [v6+0] race aligned plain
  v7 = get l1
  store.i64 v3, [v7+0] race aligned plain
  return
*/
