// pass: lower
// An unsigned count cannot be negative; a signed operand fills with its sign.
package main

func f(a int, b uint) int {
	return a >> b
}

/* expect:
func main.f (i64, i64) -> (i64) "main.f"
  l0: i64 a
  l1: i64 b
  l2: i64
b0:
  set l0, v0
  set l1, v1
  v2 = iconst.i64 0
  set l2, v2
  v3 = get l0
  v4 = get l1
  v5 = iconst.i64 64
  v6 = cmp.uge.i64 v4, v5
  v7 = iconst.i64 63
  v8 = select.i64 v6, v7, v4
  v9 = ashr.i64 v3, v8
  return v9
*/
