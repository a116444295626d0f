// pass: lower
// Deletion takes the key's address: an array is made in the frame.
package main

func f(m map[[2]int]int) {
	delete(m, [2]int{1, 2})
}

/* expect:
func main.f (i64) -> () "main.f"
  l0: i64 m
  s0: 16 align 8
b0:
  set l0, v0
  v1 = get l0
  v2 = slot s0+0
  zero 16 align 8, v2
  v3 = iconst.i64 1
  store.i64 v3, [v2+0] aligned plain
  v4 = iconst.i64 2
  store.i64 v4, [v2+8] aligned plain
  v5 = symbol "type:map[[2]int]int"+0
  call runtime.mapdelete(v5, v1, v2) : (i64, i64, i64) -> ()
  return
*/
