// pass: lower
// A small literal makes a map and assigns its elements in their order.
package main

func f(x int) map[string]int {
	return map[string]int{"a": x, "b": 2}
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 x
  l1: i64
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = symbol "type:struct { ctrl uint64; slots [8]struct { key string; elem int } }"+0
  v3 = call runtime.makesmallmap(v2) : (i64) -> (i64)
  v4 = get l0
  v5 = symbol "go:string.\"a\""+0
  v6 = iconst.i64 1
  v7 = symbol "type:map[string]int"+0
  v8 = call runtime.mapassign_faststr(v7, v3, v5, v6) : (i64, i64, i64, i64) -> (i64)
  store.i64 v4, [v8+0] aligned plain
  v9 = iconst.i64 2
  v10 = symbol "go:string.\"b\""+0
  v11 = iconst.i64 1
  v12 = symbol "type:map[string]int"+0
  v13 = call runtime.mapassign_faststr(v12, v3, v10, v11) : (i64, i64, i64, i64) -> (i64)
  store.i64 v9, [v13+0] aligned plain
  return v3
*/
