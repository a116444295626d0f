// pass: lower
// Each turn of a three-part loop has a variable of its own, which is copied when the turn ends.
package main

func g(func() int)

func f() {
	for i := 0; i < 3; i++ {
		g(func() int { i++; return i })
	}
}

/* expect:
func main.f () -> () "main.f" noparameters
  l0: i64 i
b0:
  v0 = iconst.i64 0
  v1 = symbol type:int+0
  v2 = call runtime.newobject(v1) : (i64) -> (i64)
  set l0, v2
  v3 = get l0
  store.i64 v0, [v3+0] aligned plain
  jump b1
b1:
  v4 = get l0
  v5 = load.i64 [v4+0] race aligned plain
  v6 = iconst.i64 3
  v7 = cmp.slt.i64 v5, v6
  br v7, b2, b4
b2:
  v8 = symbol type:.layout.16.01+0
  v9 = call runtime.newobject(v8) : (i64) -> (i64)
  v10 = symbol main.f.func1+0
  store.i64 v10, [v9+0] aligned
  v11 = get l0
  store.i64 v11, [v9+8] aligned
  call main.g(v9) : (i64) -> ()
  jump b3
b3:
  v12 = get l0
  v13 = load.i64 [v12+0] race aligned plain
  v14 = symbol type:int+0
  v15 = call runtime.newobject(v14) : (i64) -> (i64)
  store.i64 v13, [v15+0] aligned plain
  set l0, v15
  v16 = get l0
  v17 = load.i64 [v16+0] race aligned plain
  v18 = iconst.i64 1
  v19 = add.i64 v17, v18
  store.i64 v19, [v16+0] race aligned plain
  preempt
  jump b1
b4:
  return
func main.f.func1 () -> (i64) "main.f.func1" mergeable noparameters
  l0: i64
  l1: i64 i
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
