// pass: lower
// A label names the loop that goes on: the outer one's next turn.
package main

func g(int, int) bool

func f(n int) {
outer:
	for i := 0; i < n; i++ {
		for j := 0; j < n; j++ {
			if g(i, j) {
				continue outer
			}
		}
	}
}

/* expect:
func main.f (i64) -> () "main.f"
  l0: i64 n
  l1: i64 i
  l2: i64 j
b0:
  set l0, v0
  jump b1
b1:
  v1 = iconst.i64 0
  set l1, v1
  jump b2
b2:
  v2 = get l1
  v3 = get l0
  v4 = cmp.slt.i64 v2, v3
  br v4, b3, b5
b3:
  v5 = iconst.i64 0
  set l2, v5
  jump b7
b4:
  v15 = get l1
  v16 = iconst.i64 1
  v17 = add.i64 v15, v16
  set l1, v17
  preempt
  jump b2
b5:
  return
b7:
  v6 = get l2
  v7 = get l0
  v8 = cmp.slt.i64 v6, v7
  br v8, b8, b10
b8:
  v9 = get l1
  v10 = get l2
  v11 = call main.g(v9, v10) : (i64, i64) -> (i8)
  br v11, b12, b13
b9:
  v12 = get l2
  v13 = iconst.i64 1
  v14 = add.i64 v12, v13
  set l2, v14
  preempt
  jump b7
b10:
  jump b4
b12:
  jump b4
b13:
  jump b9
*/
