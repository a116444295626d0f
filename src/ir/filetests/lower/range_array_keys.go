// pass: lower
// A range over an array's keys reads no element: the array may be behind a nil pointer.
package main

func f(a *[4]int) (sum int) {
	for i := range a {
		sum += i
	}
	return sum
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 a
  l1: i64 sum
  l2: i64
  l3: i64 i
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = get l0
  v3 = iconst.i64 4
  v4 = iconst.i64 0
  set l2, v4
  jump b1
b1:
  v5 = get l2
  v6 = cmp.slt.i64 v5, v3
  br v6, b2, b4
b2:
  set l3, v5
  v7 = get l3
  v8 = get l1
  v9 = add.i64 v8, v7
  set l1, v9
  jump b3
b3:
  v10 = get l2
  v11 = iconst.i64 1
  v12 = add.i64 v10, v11
  set l2, v12
  preempt
  jump b1
b4:
  v13 = get l1
  return v13
*/
