// pass: lower
// An array of more words than are kept in variables is memory in the frame: the literal is cleared, filled and copied.
package main

func g(*[6]int)

func f(x int) int {
	a := [6]int{3: x}
	return a[3]
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 x
  l1: i64
  s0: 48 align 8
  s1: 48 align 8
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = slot s0+0
  zero 48 align 8, v2
  v3 = get l0
  store.i64 v3, [v2+24] aligned plain
  v4 = slot s1+0
  copy 48 align 8, v4 aligned plain <- v2 aligned plain
  v5 = slot s1+0
  v6 = iconst.i64 6
  v7 = iconst.i64 3
  v8 = cmp.uge.i64 v7, v6
  br v8, b1, b2
b1 cold:
  call runtime.panicIndex(v7, v6) : (i64, i64) -> ()
  unreachable
b2:
  v9 = iconst.i64 3
  v10 = shl.i64 v7, v9
  v11 = add.i64 v5, v10
  v12 = load.i64 [v11+0] aligned plain
  return v12
*/
