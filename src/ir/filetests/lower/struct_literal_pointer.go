// pass: lower
// Fields that a literal does not name are zero: the object comes cleared.
package main

type T struct {
	a int
	b string
	c *T
}

func f(s string) *T {
	return &T{b: s}
}

/* expect:
func main.f (i64, i64) -> (i64) "main.f"
  l0: i64 s
  l1: i64 s
  l2: i64
b0:
  set l0, v0
  set l1, v1
  v2 = iconst.i64 0
  set l2, v2
  v3 = symbol type:main.T+0
  v4 = call runtime.newobject(v3) : (i64) -> (i64)
  v5 = get l0
  v6 = get l1
  store.i64 v5, [v4+8] aligned
  store.i64 v6, [v4+16] aligned plain
  return v4
*/
