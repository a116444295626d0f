// pass: lower
// The map and the key are evaluated once, the element is looked up twice: to read it, and to assign it.
package main

func f(m map[int]int) {
	m[3]++
}

/* expect:
func main.f (i64) -> () "main.f"
  l0: i64 m
  s0: 8 align 8
b0:
  set l0, v0
  v1 = get l0
  v2 = iconst.i64 3
  v3 = symbol "type:map[int]int"+0
  v4 = call runtime.mapaccess1_fast64(v3, v1, v2) : (i64, i64, i64) -> (i64)
  v5 = load.i64 [v4+0] aligned plain
  v6 = iconst.i64 1
  v7 = add.i64 v5, v6
  v8 = slot s0+0
  store.i64 v2, [v8+0] aligned plain
  v9 = symbol "type:map[int]int"+0
  v10 = call runtime.mapassign(v9, v1, v8) : (i64, i64, i64) -> (i64)
  store.i64 v7, [v10+0] aligned plain
  return
*/
