// pass: lower
// An index is checked against the length: unsigned, so that a negative one fails too.
package main

func f(s []int, i int) int {
	return s[i]
}

/* expect:
func main.f (i64, i64, i64, i64) -> (i64) "main.f"
  l0: i64 s
  l1: i64 s
  l2: i64 s
  l3: i64 i
  l4: i64
b0:
  set l0, v0
  set l1, v1
  set l2, v2
  set l3, v3
  v4 = iconst.i64 0
  set l4, v4
  v5 = get l0
  v6 = get l1
  v7 = get l2
  v8 = get l3
  v9 = cmp.uge.i64 v8, v6
  br v9, b1, b2
b1 cold:
  call runtime.panicIndex(v8, v6) : (i64, i64) -> ()
  unreachable
b2:
  v10 = iconst.i64 3
  v11 = shl.i64 v8, v10
  v12 = add.i64 v5, v11
  v13 = load.i64 [v12+0] race aligned plain
  return v13
*/
