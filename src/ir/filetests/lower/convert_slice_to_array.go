// pass: lower
// The length is checked, then the array is read as a whole.
package main

func f(s []int) [2]int {
	return [2]int(s)
}

/* expect:
func main.f (i64, i64, i64, i64) -> () "main.f"
  l0: i64 result
  l1: i64 s
  l2: i64 s
  l3: i64 s
  s0: 16 align 8
  s1: 16 align 8
b0:
  set l0, v0
  set l1, v1
  set l2, v2
  set l3, v3
  v4 = slot s0+0
  zero 16 align 8, v4
  v5 = get l1
  v6 = get l2
  v7 = get l3
  v8 = iconst.i64 2
  v9 = cmp.slt.i64 v6, v8
  br v9, b1, b2
b1 cold:
  call runtime.panicSliceConvert(v6, v8) : (i64, i64) -> ()
  unreachable
b2:
  nilcheck v5
  v10 = slot s1+0
  copy 16 align 8, v10 aligned plain <- v5 race aligned plain
  v11 = get l0
  copy 16 align 8, v11 aligned plain <- v10 aligned plain
  return
*/
