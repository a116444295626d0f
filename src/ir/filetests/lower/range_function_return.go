// pass: lower
// A return within the body leaves by the state: the loop's function has it return false, and the caller returns the value.
package main

func f(seq func(func(int) bool)) int {
	for v := range seq {
		return v
	}
	return 0
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 seq
  l1: i64
  l2: i64
  l3: i64
b0:
  set l0, v0
  v1 = symbol type:int+0
  v2 = call runtime.newobject(v1) : (i64) -> (i64)
  set l1, v2
  v3 = get l0
  v4 = symbol type:int+0
  v5 = call runtime.newobject(v4) : (i64) -> (i64)
  set l2, v5
  v6 = symbol type:int+0
  v7 = call runtime.newobject(v6) : (i64) -> (i64)
  v8 = iconst.i64 1
  store.i64 v8, [v7+0] aligned plain
  set l3, v7
  v9 = symbol type:.layout.32.0111+0
  v10 = call runtime.newobject(v9) : (i64) -> (i64)
  v11 = symbol main.f-range1+0
  store.i64 v11, [v10+0] aligned
  v12 = get l3
  store.i64 v12, [v10+8] aligned
  v13 = get l2
  store.i64 v13, [v10+16] aligned
  v14 = get l1
  store.i64 v14, [v10+24] aligned
  call closure v3(v10) : (i64) -> ()
  v15 = get l3
  v16 = load.i64 [v15+0] race aligned plain
  v17 = iconst.i64 2
  v18 = cmp.eq.i64 v16, v17
  v19 = iconst.i64 4
  br v18, b1, b2
b1 cold:
  call runtime.panicrangestate(v19) : (i64) -> ()
  unreachable
b2:
  v20 = get l3
  v21 = iconst.i64 3
  store.i64 v21, [v20+0] race aligned plain
  v22 = get l2
  v23 = load.i64 [v22+0] race aligned plain
  v24 = iconst.i64 0
  v25 = cmp.eq.i64 v23, v24
  br v25, b5, b6
b5:
  v28 = iconst.i64 0
  v29 = get l1
  store.i64 v28, [v29+0] race aligned plain
  v30 = get l1
  v31 = load.i64 [v30+0] race aligned plain
  return v31
b6:
  v26 = get l1
  v27 = load.i64 [v26+0] race aligned plain
  return v27
func main.f-range1 (i64) -> (i8) "main.f-range1" mergeable
  l0: i64
  l1: i64 state
  l2: i64 next
  l3: i64 result
  l4: i64
  l5: i64 v
b0:
  v1 = context
  set l0, v1
  v2 = load.i64 [v1+8] aligned
  set l1, v2
  v3 = load.i64 [v1+16] aligned
  set l2, v3
  v4 = load.i64 [v1+24] aligned
  set l3, v4
  v5 = symbol type:bool+0
  v6 = call runtime.newobject(v5) : (i64) -> (i64)
  set l4, v6
  set l5, v0
  v7 = get l1
  v8 = load.i64 [v7+0] race aligned plain
  v9 = get l1
  v10 = iconst.i64 2
  store.i64 v10, [v9+0] race aligned plain
  v11 = iconst.i64 1
  v12 = cmp.ne.i64 v8, v11
  br v12, b1, b2
b1 cold:
  call runtime.panicrangestate(v8) : (i64) -> ()
  unreachable
b2:
  v13 = get l5
  v14 = get l3
  store.i64 v13, [v14+0] race aligned plain
  v15 = get l2
  v16 = iconst.i64 -1
  store.i64 v16, [v15+0] race aligned plain
  v17 = get l1
  v18 = iconst.i64 0
  store.i64 v18, [v17+0] race aligned plain
  v19 = iconst.i8 0
  return v19
*/
