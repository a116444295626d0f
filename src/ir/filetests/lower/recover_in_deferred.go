// pass: lower
// `recover` is the runtime's, which looks at who called; it gives an interface's two words.
package main

func f() any {
	return recover()
}

/* expect:
func main.f () -> (i64, i64) "main.f" noparameters
  l0: i64
  l1: i64
b0:
  v0 = iconst.i64 0
  v1 = iconst.i64 0
  set l0, v0
  set l1, v1
  v2, v3 = call runtime.gorecover() : () -> (i64, i64)
  return v2, v3
*/
