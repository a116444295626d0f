// pass: lower
// A method value of a nil interface panics when it is made, not when it is called.
package main

type I interface{ m() }

func f(i I) func() {
	return i.m
}

/* expect:
func main.f (i64, i64) -> (i64) "main.f"
  l0: i64 i
  l1: i64 i
  l2: i64
b0:
  set l0, v0
  set l1, v1
  v2 = iconst.i64 0
  set l2, v2
  v3 = get l0
  v4 = get l1
  v5 = load.i64 [v3+24] aligned
  v6 = symbol type:.layout.24.001+0
  v7 = call runtime.newobject(v6) : (i64) -> (i64)
  v8 = symbol go:wrap.bound.main.I.m+0
  store.i64 v8, [v7+0] aligned
  store.i64 v5, [v7+8] aligned
  store.i64 v4, [v7+16] aligned
  return v7
*/
