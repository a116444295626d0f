// pass: lower
// A goto is a jump to its label's block; a loop of gotos is a point of preemption as well.
package main

func f(n int) int {
again:
	n--
	if n > 0 {
		goto again
	}
	return n
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 n
  l1: i64
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  jump b1
b1:
  v2 = get l0
  v3 = iconst.i64 1
  v4 = sub.i64 v2, v3
  set l0, v4
  v5 = get l0
  v6 = iconst.i64 0
  v7 = cmp.sgt.i64 v5, v6
  br v7, b2, b3
b2:
  preempt
  jump b1
b3:
  v8 = get l0
  return v8
*/
