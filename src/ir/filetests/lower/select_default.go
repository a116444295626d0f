// pass: lower
// With a default the runtime is told not to wait (the last argument); what it answers then is no case.
package main

func f(a chan int) int {
	select {
	case v := <-a:
		return v
	default:
		return 0
	}
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 a
  l1: i64
  l2: i64 v
  s0: 8 align 8
  s1: 16 align 8
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = get l0
  v3 = slot s0+0
  v4 = slot s1+0
  store.i64 v2, [v4+0] aligned
  store.i64 v3, [v4+8] aligned
  v5 = iconst.i64 0
  v6 = iconst.i64 0
  v7 = iconst.i64 1
  v8 = iconst.i8 0
  v9, v10 = call runtime.selectgo(v4, v5, v5, v6, v7, v8) : (i64, i64, i64, i64, i64, i8) -> (i64, i8)
  v11 = iconst.i64 0
  v12 = cmp.eq.i64 v9, v11
  br v12, b2, b4
b2:
  v13 = load.i64 [v3+0] aligned plain
  set l2, v13
  v14 = get l2
  return v14
b3:
  v15 = iconst.i64 0
  return v15
b4:
  jump b3
*/
