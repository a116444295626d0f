// pass: lower
// A string's bounds are checked against its length.
package main

func f(s string, i int) string {
	return s[i:]
}

/* expect:
func main.f (i64, i64, i64) -> (i64, i64) "main.f"
  l0: i64 s
  l1: i64 s
  l2: i64 i
  l3: i64
  l4: i64
b0:
  set l0, v0
  set l1, v1
  set l2, v2
  v3 = iconst.i64 0
  v4 = iconst.i64 0
  set l3, v3
  set l4, v4
  v5 = get l0
  v6 = get l1
  v7 = get l2
  v8 = cmp.ugt.i64 v7, v6
  br v8, b1, b2
b1 cold:
  call runtime.panicSliceB(v7, v6) : (i64, i64) -> ()
  unreachable
b2:
  v9 = sub.i64 v6, v7
  v10 = iconst.i64 0
  v11 = cmp.eq.i64 v9, v10
  v12 = iconst.i64 0
  v13 = select.i64 v11, v12, v7
  v14 = add.i64 v5, v13
  return v14, v9
*/
