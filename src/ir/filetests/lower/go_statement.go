// pass: lower
// The function and its arguments are evaluated here and put into a thunk that the new goroutine calls.
package main

func g(n int)

func f(n int) {
	go g(n + 1)
}

/* expect:
func main.f (i64) -> () "main.f"
  l0: i64 n
b0:
  set l0, v0
  v1 = get l0
  v2 = iconst.i64 1
  v3 = add.i64 v1, v2
  v4 = symbol type:.layout.16.00+0
  v5 = call runtime.newobject(v4) : (i64) -> (i64)
  v6 = symbol main.f.gowrap1+0
  store.i64 v6, [v5+0] aligned
  store.i64 v3, [v5+8] aligned plain
  call runtime.newproc(v5) : (i64) -> ()
  return
func main.f.gowrap1 () -> () "main.f.gowrap1" mergeable wrapper noparameters
b0:
  v0 = context
  v1 = load.i64 [v0+8] aligned plain
  call main.g(v1) : (i64) -> ()
  return
*/
