// pass: lower
// What is received goes where the case says, after the choice: the index is evaluated only then.
package main

func i() int

func f(c chan int, s []int) {
	select {
	case s[i()] = <-c:
	}
}

/* expect:
func main.f (i64, i64, i64, i64) -> () "main.f"
  l0: i64 c
  l1: i64 s
  l2: i64 s
  l3: i64 s
  s0: 8 align 8
  s1: 16 align 8
b0:
  set l0, v0
  set l1, v1
  set l2, v2
  set l3, v3
  v4 = get l0
  v5 = slot s0+0
  v6 = slot s1+0
  store.i64 v4, [v6+0] aligned
  store.i64 v5, [v6+8] aligned
  v7 = iconst.i64 0
  v8 = iconst.i64 0
  v9 = iconst.i64 1
  v10 = iconst.i8 1
  v11, v12 = call runtime.selectgo(v6, v7, v7, v8, v9, v10) : (i64, i64, i64, i64, i64, i8) -> (i64, i8)
  v13 = iconst.i64 0
  v14 = cmp.eq.i64 v11, v13
  br v14, b2, b3
b1:
  return
b2:
  v15 = load.i64 [v5+0] aligned plain
  v16 = call main.i() : () -> (i64)
  v17 = get l1
  v18 = get l2
  v19 = get l3
  v20 = cmp.uge.i64 v16, v18
  br v20, b6, b7
b3:
  unreachable
b6 cold:
  call runtime.panicIndex(v16, v18) : (i64, i64) -> ()
  unreachable
b7:
  v21 = iconst.i64 3
  v22 = shl.i64 v16, v21
  v23 = add.i64 v17, v22
  store.i64 v15, [v23+0] race aligned plain
  jump b1
*/
