// pass: lower
// A range over a channel receives until the channel is closed.
package main

func f(c chan int) (sum int) {
	for v := range c {
		sum += v
	}
	return sum
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 c
  l1: i64 sum
  l2: i64 v
  s0: 8 align 8
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = get l0
  jump b1
b1:
  v3 = slot s0+0
  v4 = call runtime.chanrecv2(v2, v3) : (i64, i64) -> (i8)
  br v4, b2, b3
b2:
  v5 = load.i64 [v3+0] aligned plain
  set l2, v5
  v6 = get l2
  v7 = get l1
  v8 = add.i64 v7, v6
  set l1, v8
  jump b1
b3:
  v9 = get l1
  return v9
*/
