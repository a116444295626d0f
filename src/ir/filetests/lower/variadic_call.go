// pass: lower
// The last arguments are an array in a slice; without any the slice is nil.
package main

func g(xs ...int)

func f(x int) {
	g(x, 2)
	g()
}

/* expect:
func main.f (i64) -> () "main.f"
  l0: i64 x
b0:
  set l0, v0
  v1 = get l0
  v2 = iconst.i64 2
  v3 = symbol "type:[2]int"+0
  v4 = call runtime.newobject(v3) : (i64) -> (i64)
  store.i64 v1, [v4+0] aligned plain
  store.i64 v2, [v4+8] aligned plain
  v5 = iconst.i64 2
  call main.g(v4, v5, v5) : (i64, i64, i64) -> ()
  v6 = iconst.i64 0
  v7 = iconst.i64 0
  v8 = iconst.i64 0
  call main.g(v6, v7, v8) : (i64, i64, i64) -> ()
  return
*/
