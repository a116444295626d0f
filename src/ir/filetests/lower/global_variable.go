// pass: lower
// Everybody sees a package's variable: its accesses are checked.
package main

var n int

func f() int {
	n = 3
	return n
}

/* expect:
func main.f () -> (i64) "main.f" noparameters
  l0: i64
b0:
  v0 = iconst.i64 0
  set l0, v0
  v1 = iconst.i64 3
  v2 = symbol main.n+0
  store.i64 v1, [v2+0] race aligned plain
  v3 = symbol main.n+0
  v4 = load.i64 [v3+0] race aligned plain
  return v4
*/
