// pass: lower
// The three words of a slice are numbered, so that a check of one of them stands for the others.
package main

func f(p *[]int) []int {
	return *p
}

/* expect:
func main.f (i64) -> (i64, i64, i64) "main.f"
  l0: i64 p
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
  v4 = get l0
  v5 = load.i64 [v4+0] race aligned part1
  v6 = load.i64 [v4+8] race aligned plain part2
  v7 = load.i64 [v4+16] race aligned plain part3
  return v5, v6, v7
*/
