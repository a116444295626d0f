// pass: lower
// A shift by the width or more gives zero, a negative count panics.
package main

func f(a, b int) int {
	return a << b
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
  v6 = cmp.slt.i64 v4, v5
  br v6, b1, b2
b1 cold:
  call runtime.panicshift() : () -> ()
  unreachable
b2:
  v7 = iconst.i64 64
  v8 = cmp.uge.i64 v4, v7
  v9 = iconst.i64 63
  v10 = and.i64 v4, v9
  v11 = shl.i64 v3, v10
  v12 = iconst.i64 0
  v13 = select.i64 v8, v12, v11
  return v13
*/
