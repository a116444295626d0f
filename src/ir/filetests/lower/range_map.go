// pass: lower
// A range over a map: an iterator in the frame, whose first word is nil at the end.
package main

func f(m map[int]int) (sum int) {
	for k, v := range m {
		sum += k + v
	}
	return sum
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 m
  l1: i64 sum
  l2: i64 k
  l3: i64 v
  s0: 256 align 8
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = get l0
  v3 = slot s0+0
  zero 256 align 8, v3
  v4 = symbol "type:map[int]int"+0
  call runtime.mapIterStart(v4, v2, v3) : (i64, i64, i64) -> ()
  jump b1
b1:
  v5 = slot s0+0
  v6 = load.i64 [v5+0] aligned
  v7 = load.i64 [v5+8] aligned
  v8 = iconst.i64 0
  v9 = cmp.ne.i64 v6, v8
  br v9, b2, b4
b2:
  v10 = load.i64 [v6+0] aligned plain
  v11 = load.i64 [v7+0] aligned plain
  set l2, v10
  set l3, v11
  v12 = get l2
  v13 = get l3
  v14 = add.i64 v12, v13
  v15 = get l1
  v16 = add.i64 v15, v14
  set l1, v16
  jump b3
b3:
  v17 = slot s0+0
  call runtime.mapIterNext(v17) : (i64) -> ()
  preempt
  jump b1
b4:
  v18 = get l1
  return v18
*/
