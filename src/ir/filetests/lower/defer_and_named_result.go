// pass: lower
// The result is a variable that the deferred function may change: it is read after that has run.
package main

func f() (n int) {
	defer func() { n++ }()
	return 1
}

/* expect:
func main.f () -> (i64) "main.f" noparameters
  s0: 64 align 8
  s1: 8 align 8
b0:
  v0 = symbol type:int+0
  v1 = call runtime.newobject(v0) : (i64) -> (i64)
  v2 = slot s1+0
  store.i64 v1, [v2+0] aligned
  v3 = setjump s0
  v4 = iconst.i32 0
  v5 = cmp.ne.i32 v3, v4
  br v5, b1, b2
b1 cold:
  v6 = slot s0+0
  call runtime.deferreturn(v6) : (i64) -> ()
  v7 = slot s1+0
  v8 = load.i64 [v7+0] aligned
  v9 = load.i64 [v8+0] race aligned plain
  return v9
b2:
  v10 = symbol type:.layout.16.01+0
  v11 = call runtime.newobject(v10) : (i64) -> (i64)
  v12 = symbol main.f.func1+0
  store.i64 v12, [v11+0] aligned
  v13 = slot s1+0
  v14 = load.i64 [v13+0] aligned
  store.i64 v14, [v11+8] aligned
  v15 = slot s0+0
  call runtime.deferproc(v15, v11) : (i64, i64) -> ()
  v16 = iconst.i64 1
  v17 = slot s1+0
  v18 = load.i64 [v17+0] aligned
  store.i64 v16, [v18+0] race aligned plain
  v19 = slot s0+0
  call runtime.deferreturn(v19) : (i64) -> ()
  v20 = slot s1+0
  v21 = load.i64 [v20+0] aligned
  v22 = load.i64 [v21+0] race aligned plain
  return v22
func main.f.func1 () -> () "main.f.func1" mergeable noparameters
  l0: i64
  l1: i64 n
b0:
  v0 = context
  set l0, v0
  v1 = load.i64 [v0+8] aligned
  set l1, v1
  v2 = get l1
  v3 = load.i64 [v2+0] race aligned plain
  v4 = iconst.i64 1
  v5 = add.i64 v3, v4
  store.i64 v5, [v2+0] race aligned plain
  return
*/
