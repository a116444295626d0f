// pass: lower
// A literal's backing array is allocated, and cleared by that: only the elements that are named are stored.
package main

func f(x int) []int {
	return []int{x, 2, 4: 5}
}

/* expect:
func main.f (i64) -> (i64, i64, i64) "main.f"
  l0: i64 x
  l1: i64
  l2: i64
  l3: i64
b0:
  set l0, v0
  v1 = iconst.i64 0
  v2 = iconst.i64 0
  v3 = iconst.i64 0
  set l1, v1
  set l2, v2
  set l3, v3
  v4 = symbol "type:[5]int"+0
  v5 = call runtime.newobject(v4) : (i64) -> (i64)
  v6 = get l0
  store.i64 v6, [v5+0] aligned plain
  v7 = iconst.i64 2
  store.i64 v7, [v5+8] aligned plain
  v8 = iconst.i64 5
  store.i64 v8, [v5+32] aligned plain
  v9 = iconst.i64 5
  return v5, v9, v9
*/
