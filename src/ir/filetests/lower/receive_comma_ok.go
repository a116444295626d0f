// pass: lower
// With `ok` the receive says whether it got something that was sent.
package main

func f(c chan struct{}) bool {
	_, ok := <-c
	return ok
}

/* expect:
func main.f (i64) -> (i8) "main.f"
  l0: i64 c
  l1: i8
  l2: i8 ok
  s0: 1 align 1
b0:
  set l0, v0
  v1 = iconst.i8 0
  set l1, v1
  v2 = get l0
  v3 = slot s0+0
  v4 = call runtime.chanrecv2(v2, v3) : (i64, i64) -> (i8)
  nilcheck v3
  set l2, v4
  v5 = get l2
  return v5
*/
