// pass: lower
// Variables are read behind the call, as gc does (Go leaves it open), and bounds are checked behind it, as Go says.
package main

func g() int

func f(s []int, i int) {
	s[i] = g()
}

/* expect:
func main.f (i64, i64, i64, i64) -> () "main.f"
  l0: i64 s
  l1: i64 s
  l2: i64 s
  l3: i64 i
b0:
  set l0, v0
  set l1, v1
  set l2, v2
  set l3, v3
  v4 = call main.g() : () -> (i64)
  v5 = get l0
  v6 = get l1
  v7 = get l2
  v8 = get l3
  v9 = cmp.uge.i64 v8, v6
  br v9, b1, b2
b1 cold:
  call runtime.panicIndex(v8, v6) : (i64, i64) -> ()
  unreachable
b2:
  v10 = iconst.i64 3
  v11 = shl.i64 v8, v10
  v12 = add.i64 v5, v11
  store.i64 v4, [v12+0] race aligned plain
  return
*/
