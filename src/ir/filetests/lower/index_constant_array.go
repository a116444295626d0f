// pass: lower
// A constant index is compared with the constant length all the same: the pass `common` decides that.
package main

func f(a *[4]int) int {
	return a[3]
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
  nilcheck v2
  v3 = iconst.i64 4
  v4 = iconst.i64 3
  v5 = cmp.uge.i64 v4, v3
  br v5, b1, b2
b1 cold:
  call runtime.panicIndex(v4, v3) : (i64, i64) -> ()
  unreachable
b2:
  v6 = iconst.i64 3
  v7 = shl.i64 v4, v6
  v8 = add.i64 v2, v7
  v9 = load.i64 [v8+0] race aligned plain
  return v9
*/
