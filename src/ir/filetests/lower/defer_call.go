// pass: lower
// A deferred call's function and arguments are evaluated at once and kept in a thunk; it runs at the return.
package main

func g(n int)

func f(n int) {
	defer g(n)
}

/* expect:
func main.f (i64) -> () "main.f"
  l0: i64 n
  s0: 64 align 8
b0:
  set l0, v0
  v1 = setjump s0
  v2 = iconst.i32 0
  v3 = cmp.ne.i32 v1, v2
  br v3, b1, b2
b1 cold:
  v4 = slot s0+0
  call runtime.deferreturn(v4) : (i64) -> ()
  return
b2:
  v5 = get l0
  v6 = symbol type:.layout.16.00+0
  v7 = call runtime.newobject(v6) : (i64) -> (i64)
  v8 = symbol main.f.deferwrap1+0
  store.i64 v8, [v7+0] aligned
  store.i64 v5, [v7+8] aligned plain
  v9 = slot s0+0
  call runtime.deferproc(v9, v7) : (i64, i64) -> ()
  v10 = slot s0+0
  call runtime.deferreturn(v10) : (i64) -> ()
  return
func main.f.deferwrap1 () -> () "main.f.deferwrap1" mergeable wrapper noparameters
b0:
  v0 = context
  v1 = load.i64 [v0+8] aligned plain
  call main.g(v1) : (i64) -> ()
  return
*/
