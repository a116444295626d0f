// pass: lower
// A captured variable that the literal assigns to lives in a box of its own; the closure has the box's address.
package main

func f() func() int {
	n := 0
	return func() int { n++; return n }
}

/* expect:
func main.f () -> (i64) "main.f" noparameters
  l0: i64
  l1: i64 n
b0:
  v0 = iconst.i64 0
  set l0, v0
  v1 = iconst.i64 0
  v2 = symbol type:int+0
  v3 = call runtime.newobject(v2) : (i64) -> (i64)
  set l1, v3
  v4 = get l1
  store.i64 v1, [v4+0] aligned plain
  v5 = symbol type:.layout.16.01+0
  v6 = call runtime.newobject(v5) : (i64) -> (i64)
  v7 = symbol main.f.func1+0
  store.i64 v7, [v6+0] aligned
  v8 = get l1
  store.i64 v8, [v6+8] aligned
  return v6
func main.f.func1 () -> (i64) "main.f.func1" mergeable noparameters
  l0: i64
  l1: i64 n
  l2: i64
b0:
  v0 = context
  set l0, v0
  v1 = load.i64 [v0+8] aligned
  set l1, v1
  v2 = iconst.i64 0
  set l2, v2
  v3 = get l1
  v4 = load.i64 [v3+0] race aligned plain
  v5 = iconst.i64 1
  v6 = add.i64 v4, v5
  store.i64 v6, [v3+0] race aligned plain
  v7 = get l1
  v8 = load.i64 [v7+0] race aligned plain
  return v8
*/
