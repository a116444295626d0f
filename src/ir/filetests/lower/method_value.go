// pass: lower
// A method value evaluates its receiver at once and keeps a copy of it.
package main

type T struct{ n int }

func (t T) get() int

func f(t *T) func() int {
	return t.get
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 t
  l1: i64
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = get l0
  v3 = load.i64 [v2+0] race aligned plain
  v4 = symbol type:.layout.16.00+0
  v5 = call runtime.newobject(v4) : (i64) -> (i64)
  v6 = symbol go:wrap.bound.main.T.get+0
  store.i64 v6, [v5+0] aligned
  store.i64 v3, [v5+8] aligned plain
  return v5
*/
