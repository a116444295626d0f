// pass: lower
// A send takes the element's address, a receive gives a place for it, a close is the runtime's.
package main

func f(c chan int) int {
	c <- 3
	x := <-c
	close(c)
	return x
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 c
  l1: i64
  l2: i64 x
  s0: 8 align 8
  s1: 8 align 8
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = get l0
  v3 = iconst.i64 3
  v4 = slot s0+0
  store.i64 v3, [v4+0] aligned plain
  call runtime.chansend1(v2, v4) : (i64, i64) -> ()
  v5 = get l0
  v6 = slot s1+0
  call runtime.chanrecv1(v5, v6) : (i64, i64) -> ()
  v7 = load.i64 [v6+0] aligned plain
  set l2, v7
  v8 = get l0
  call runtime.closechan(v8) : (i64) -> ()
  v9 = get l2
  return v9
*/
