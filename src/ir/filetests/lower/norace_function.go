// pass: lower
// `//go:norace` is a flag of the function, which the back end and `inline` look at: its accesses are marked like others.
package main

//go:norace
func f(p *int) int {
	return *p
}

/* expect:
func main.f (i64) -> (i64) "main.f" norace
  l0: i64 p
  l1: i64
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = get l0
  v3 = load.i64 [v2+0] race aligned plain
  return v3
*/
