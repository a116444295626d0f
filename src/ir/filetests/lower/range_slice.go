// pass: lower
// A range over a slice: its length is taken once, each turn loads an element without a bounds check.
package main

func f(s []int) (sum int) {
	for _, v := range s {
		sum += v
	}
	return sum
}

/* expect:
func main.f (i64, i64, i64) -> (i64) "main.f"
  l0: i64 s
  l1: i64 s
  l2: i64 s
  l3: i64 sum
  l4: i64
  l5: i64 v
b0:
  set l0, v0
  set l1, v1
  set l2, v2
  v3 = iconst.i64 0
  set l3, v3
  v4 = get l0
  v5 = get l1
  v6 = get l2
  v7 = iconst.i64 0
  set l4, v7
  jump b1
b1:
  v8 = get l4
  v9 = cmp.slt.i64 v8, v5
  br v9, b2, b4
b2:
  v10 = iconst.i64 3
  v11 = shl.i64 v8, v10
  v12 = add.i64 v4, v11
  v13 = load.i64 [v12+0] race aligned plain
  set l5, v13
  v14 = get l5
  v15 = get l3
  v16 = add.i64 v15, v14
  set l3, v16
  jump b3
b3:
  v17 = get l4
  v18 = iconst.i64 1
  v19 = add.i64 v17, v18
  set l4, v19
  preempt
  jump b1
b4:
  v20 = get l3
  return v20
*/
