// pass: lower
// Without `ok` a missing element is the type's zero, to which the runtime points.
package main

func f(m map[int]int) int {
	return m[3]
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 m
  l1: i64
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = get l0
  v3 = iconst.i64 3
  v4 = symbol "type:map[int]int"+0
  v5 = call runtime.mapaccess1_fast64(v4, v2, v3) : (i64, i64, i64) -> (i64)
  v6 = load.i64 [v5+0] aligned plain
  return v6
*/
