// pass: lower
// Both words of an interface are written together, and those of a complex number.
package main

func f(p *any, q *complex128) (any, complex128) {
	return *p, *q
}

/* expect:
func main.f (i64, i64) -> (i64, i64, f64, f64) "main.f"
  l0: i64 p
  l1: i64 q
  l2: i64
  l3: i64
  l4: f64
  l5: f64
b0:
  set l0, v0
  set l1, v1
  v2 = iconst.i64 0
  v3 = iconst.i64 0
  set l2, v2
  set l3, v3
  v4 = fconst.f64 0x0000000000000000
  v5 = fconst.f64 0x0000000000000000
  set l4, v4
  set l5, v5
  v6 = get l0
  v7 = load.i64 [v6+0] race aligned part1
  v8 = load.i64 [v6+8] race aligned part2
  v9 = get l1
  v10 = load.f64 [v9+0] race aligned plain part1
  v11 = load.f64 [v9+8] race aligned plain part2
  return v7, v8, v10, v11
*/
