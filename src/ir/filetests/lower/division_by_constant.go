// pass: lower
// A constant divisor is compared with zero all the same: the back end folds that.
package main

func f(a int) int {
	return a / 3
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 a
  l1: i64
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = get l0
  v3 = iconst.i64 3
  v4 = iconst.i64 0
  v5 = cmp.eq.i64 v3, v4
  br v5, b1, b2
b1 cold:
  call runtime.panicdivide() : () -> ()
  unreachable
b2:
  v6 = sdiv.i64 v2, v3
  return v6
*/
