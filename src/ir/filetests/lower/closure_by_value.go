// pass: lower
// A captured variable that nobody assigns to later is copied into the closure, behind its code.
package main

func f(n int) func() int {
	return func() int { return n }
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 n
  l1: i64
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = symbol type:.layout.16.00+0
  v3 = call runtime.newobject(v2) : (i64) -> (i64)
  v4 = symbol main.f.func1+0
  store.i64 v4, [v3+0] aligned
  v5 = get l0
  store.i64 v5, [v3+8] aligned plain
  return v3
func main.f.func1 () -> (i64) "main.f.func1" mergeable noparameters
  l0: i64
  l1: i64 n
  l2: i64
b0:
  v0 = context
  set l0, v0
  v1 = load.i64 [v0+8] aligned plain
  set l1, v1
  v2 = iconst.i64 0
  set l2, v2
  v3 = get l1
  return v3
*/
