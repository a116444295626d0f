// pass: lower
// Narrowing cuts off, widening goes by the operand's sign.
package main

func f(a int64, b int8, c uint8) (int8, int64, int64) {
	return int8(a), int64(b), int64(c)
}

/* expect:
func main.f (i64, i8, i8) -> (i8, i64, i64) "main.f"
  l0: i64 a
  l1: i8 b
  l2: i8 c
  l3: i8
  l4: i64
  l5: i64
b0:
  set l0, v0
  set l1, v1
  set l2, v2
  v3 = iconst.i8 0
  set l3, v3
  v4 = iconst.i64 0
  set l4, v4
  v5 = iconst.i64 0
  set l5, v5
  v6 = get l0
  v7 = convert.trunc.i64.i8 v6
  v8 = get l1
  v9 = convert.sext.i8.i64 v8
  v10 = get l2
  v11 = convert.zext.i8.i64 v10
  return v7, v9, v11
*/
