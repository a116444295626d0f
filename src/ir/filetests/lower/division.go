// pass: lower
// A zero divisor panics; the most negative number by -1 is the instruction's own business.
package main

func f(a, b int) int {
	return a / b
}

/* expect:
func main.f (i64, i64) -> (i64) "main.f"
  l0: i64 a
  l1: i64 b
  l2: i64
b0:
  set l0, v0
  set l1, v1
  v2 = iconst.i64 0
  set l2, v2
  v3 = get l0
  v4 = get l1
  v5 = iconst.i64 0
  v6 = cmp.eq.i64 v4, v5
  br v6, b1, b2
b1 cold:
  call runtime.panicdivide() : () -> ()
  unreachable
b2:
  v7 = sdiv.i64 v3, v4
  return v7
*/
