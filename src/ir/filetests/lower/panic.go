// pass: lower
// What follows a panic is not reached.
package main

func f(n int) int {
	if n < 0 {
		panic("negative")
	}
	return n
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 n
  l1: i64
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = get l0
  v3 = iconst.i64 0
  v4 = cmp.slt.i64 v2, v3
  br v4, b1, b2
b1:
  v5 = symbol "go:string.\"negative\""+0
  v6 = iconst.i64 8
  v7 = symbol type:string+0
  v8 = symbol "go:const.8.go:string.\"negative\"+0@0;00000000000000000800000000000000"+0
  call runtime.gopanic(v7, v8) : (i64, i64) -> ()
  unreachable
b2:
  v9 = get l0
  return v9
*/
