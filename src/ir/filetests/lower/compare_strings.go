// pass: lower
// Equal strings have equal lengths first; an order is the runtime's.
package main

func f(a, b string) (bool, bool) {
	return a == b, a < b
}

/* expect:
func main.f (i64, i64, i64, i64) -> (i8, i8) "main.f"
  l0: i64 a
  l1: i64 a
  l2: i64 b
  l3: i64 b
  l4: i8
  l5: i8
  l6: i8
b0:
  set l0, v0
  set l1, v1
  set l2, v2
  set l3, v3
  v4 = iconst.i8 0
  set l4, v4
  v5 = iconst.i8 0
  set l5, v5
  v6 = get l0
  v7 = get l1
  v8 = get l2
  v9 = get l3
  v10 = cmp.eq.i64 v7, v9
  set l6, v10
  br v10, b1, b2
b1:
  v11 = call runtime.memequal(v6, v8, v7) : (i64, i64, i64) -> (i8)
  set l6, v11
  jump b2
b2:
  v12 = get l6
  v13 = get l0
  v14 = get l1
  v15 = get l2
  v16 = get l3
  v17 = call runtime.cmpstring(v13, v14, v15, v16) : (i64, i64, i64, i64) -> (i64)
  v18 = iconst.i64 0
  v19 = cmp.slt.i64 v17, v18
  return v12, v19
*/
