// pass: lower
// Each turn enters a call into the frame's list; all run at the end.
package main

func g(int)

func f(n int) {
	for i := range n {
		defer g(i)
	}
}

/* expect:
func main.f (i64) -> () "main.f"
  l0: i64 n
  l1: i64
  l2: i64 i
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
  v6 = iconst.i64 0
  set l1, v6
  jump b5
b5:
  v7 = get l1
  v8 = cmp.slt.i64 v7, v5
  br v8, b6, b8
b6:
  set l2, v7
  v9 = get l2
  v10 = symbol type:.layout.16.00+0
  v11 = call runtime.newobject(v10) : (i64) -> (i64)
  v12 = symbol main.f.deferwrap1+0
  store.i64 v12, [v11+0] aligned
  store.i64 v9, [v11+8] aligned plain
  v13 = slot s0+0
  call runtime.deferproc(v13, v11) : (i64, i64) -> ()
  jump b7
b7:
  v14 = get l1
  v15 = iconst.i64 1
  v16 = add.i64 v14, v15
  set l1, v16
  preempt
  jump b5
b8:
  v17 = slot s0+0
  call runtime.deferreturn(v17) : (i64) -> ()
  return
func main.f.deferwrap1 () -> () "main.f.deferwrap1" mergeable wrapper noparameters
b0:
  v0 = context
  v1 = load.i64 [v0+8] aligned plain
  call main.g(v1) : (i64) -> ()
  return
*/
