// pass: lower
// An array without elements can be made of a nil slice: no pointer is looked at.
package main

func f(s []int) [0]int {
	return [0]int(s)
}

/* expect:
func main.f (i64, i64, i64) -> () "main.f"
  l0: i64 s
  l1: i64 s
  l2: i64 s
b0:
  set l0, v0
  set l1, v1
  set l2, v2
  v3 = get l0
  v4 = get l1
  v5 = get l2
  v6 = iconst.i64 0
  v7 = cmp.slt.i64 v4, v6
  br v7, b1, b2
b1 cold:
  call runtime.panicSliceConvert(v4, v6) : (i64, i64) -> ()
  unreachable
b2:
  return
*/
