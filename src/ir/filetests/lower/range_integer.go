// pass: lower
// A range over an integer: the bound is evaluated once, the variable is another one in each turn.
package main

func g(n int)

func f(n int) {
	for i := range n {
		g(i)
	}
}

/* expect:
func main.f (i64) -> () "main.f"
  l0: i64 n
  l1: i64
  l2: i64 i
b0:
  set l0, v0
  v1 = get l0
  v2 = iconst.i64 0
  set l1, v2
  jump b1
b1:
  v3 = get l1
  v4 = cmp.slt.i64 v3, v1
  br v4, b2, b4
b2:
  set l2, v3
  v5 = get l2
  call main.g(v5) : (i64) -> ()
  jump b3
b3:
  v6 = get l1
  v7 = iconst.i64 1
  v8 = add.i64 v6, v7
  set l1, v8
  preempt
  jump b1
b4:
  return
*/
