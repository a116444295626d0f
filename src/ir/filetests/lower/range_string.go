// pass: lower
// A range over a string: a byte below 128 is its own rune, others are decoded by the runtime.
package main

func f(s string) (sum rune) {
	for _, r := range s {
		sum += r
	}
	return sum
}

/* expect:
func main.f (i64, i64) -> (i32) "main.f"
  l0: i64 s
  l1: i64 s
  l2: i32 sum
  l3: i64
  l4: i64
  l5: i32
  l6: i32 r
b0:
  set l0, v0
  set l1, v1
  v2 = iconst.i32 0
  set l2, v2
  v3 = get l0
  v4 = get l1
  v5 = iconst.i64 0
  set l3, v5
  jump b1
b1:
  v6 = get l3
  v7 = cmp.slt.i64 v6, v4
  br v7, b2, b6
b2:
  v8 = add.i64 v3, v6
  v9 = load.i8 [v8+0] aligned
  v10 = convert.zext.i8.i32 v9
  set l5, v10
  v11 = iconst.i64 1
  v12 = add.i64 v6, v11
  set l4, v12
  v13 = iconst.i32 128
  v14 = cmp.uge.i32 v10, v13
  br v14, b3, b4
b3:
  v15, v16 = call runtime.decoderune(v3, v4, v6) : (i64, i64, i64) -> (i32, i64)
  set l5, v15
  set l4, v16
  jump b4
b4:
  v17 = get l3
  v18 = get l5
  set l6, v18
  v19 = get l6
  v20 = get l2
  v21 = add.i32 v20, v19
  set l2, v21
  jump b5
b5:
  v22 = get l4
  set l3, v22
  preempt
  jump b1
b6:
  v23 = get l2
  return v23
*/
