// pass: lower
// only: main.f
// only: main.max
// A call of an instance names the instance; its body is made once for each list of arguments.
package main

func max[T int | float64](a, b T) T {
	if a > b {
		return a
	}
	return b
}

func f(x int) int {
	return max(x, 3)
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 x
  l1: i64
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = get l0
  v3 = iconst.i64 3
  v4 = call "main.max[int]"(v2, v3) : (i64, i64) -> (i64)
  return v4
func "main.max[int]" (i64, i64) -> (i64) "main.max[...]" mergeable
  l0: i64 a
  l1: i64 b
  l2: i64
b0:
  set l0, v0
  set l1, v1
  v2 = iconst.i64 0
  set l2, v2
  v3 = get l0
  v4 = get l1
  v5 = cmp.sgt.i64 v3, v4
  br v5, b1, b2
b1:
  v6 = get l0
  return v6
b2:
  v7 = get l1
  return v7
*/
