// pass: lower
// Equal types first; the values are compared by the runtime, which panics where they cannot be.
package main

func f(a, b any) bool {
	return a == b
}

/* expect:
func main.f (i64, i64, i64, i64) -> (i8) "main.f"
  l0: i64 a
  l1: i64 a
  l2: i64 b
  l3: i64 b
  l4: i8
  l5: i8
b0:
  set l0, v0
  set l1, v1
  set l2, v2
  set l3, v3
  v4 = iconst.i8 0
  set l4, v4
  v5 = get l0
  v6 = get l1
  v7 = get l2
  v8 = get l3
  v9 = cmp.eq.i64 v5, v7
  set l5, v9
  br v9, b1, b2
b1:
  v10 = call runtime.efaceeq(v5, v6, v8) : (i64, i64, i64) -> (i8)
  set l5, v10
  jump b2
b2:
  v11 = get l5
  return v11
*/
