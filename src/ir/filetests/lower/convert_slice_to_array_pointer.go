// pass: lower
// The pointer is the slice's own, nil for a nil slice, when the length is enough.
package main

func f(s []int) *[0]int {
	return (*[0]int)(s)
}

/* expect:
func main.f (i64, i64, i64) -> (i64) "main.f"
  l0: i64 s
  l1: i64 s
  l2: i64 s
  l3: i64
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
  v8 = cmp.slt.i64 v5, v7
  br v8, b1, b2
b1 cold:
  call runtime.panicSliceConvert(v5, v7) : (i64, i64) -> ()
  unreachable
b2:
  return v4
*/
