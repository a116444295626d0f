// pass: lower
// The cases stand in an array in the frame, the runtime says which came true.
package main

func f(a, b chan int) int {
	select {
	case v := <-a:
		return v
	case b <- 1:
		return 0
	}
}

/* expect:
func main.f (i64, i64) -> (i64) "main.f"
  l0: i64 a
  l1: i64 b
  l2: i64
  l3: i64 v
  s0: 8 align 8
  s1: 8 align 8
  s2: 32 align 8
b0:
  set l0, v0
  set l1, v1
  v2 = iconst.i64 0
  set l2, v2
  v3 = get l0
  v4 = slot s0+0
  v5 = get l1
  v6 = iconst.i64 1
  v7 = slot s1+0
  store.i64 v6, [v7+0] aligned plain
  v8 = slot s2+0
  store.i64 v5, [v8+0] aligned
  store.i64 v7, [v8+8] aligned
  store.i64 v3, [v8+16] aligned
  store.i64 v4, [v8+24] aligned
  v9 = iconst.i64 0
  v10 = iconst.i64 1
  v11 = iconst.i64 1
  v12 = iconst.i8 1
  v13, v14 = call runtime.selectgo(v8, v9, v9, v10, v11, v12) : (i64, i64, i64, i64, i64, i8) -> (i64, i8)
  v15 = iconst.i64 0
  v16 = cmp.eq.i64 v13, v15
  br v16, b3, b4
b2:
  v19 = load.i64 [v4+0] aligned plain
  set l3, v19
  v20 = get l3
  return v20
b3:
  v21 = iconst.i64 0
  return v21
b4:
  v17 = iconst.i64 1
  v18 = cmp.eq.i64 v13, v17
  br v18, b2, b6
b6:
  unreachable
*/
