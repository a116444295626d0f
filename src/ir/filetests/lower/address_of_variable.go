// pass: lower
// A variable whose address is taken is an object of its own; its first store is not yet seen by others.
package main

func g(*int)

func f() int {
	x := 3
	g(&x)
	return x
}

/* expect:
func main.f () -> (i64) "main.f" noparameters
  l0: i64
  l1: i64 x
b0:
  v0 = iconst.i64 0
  set l0, v0
  v1 = iconst.i64 3
  v2 = symbol type:int+0
  v3 = call runtime.newobject(v2) : (i64) -> (i64)
  set l1, v3
  v4 = get l1
  store.i64 v1, [v4+0] aligned plain
  v5 = get l1
  call main.g(v5) : (i64) -> ()
  v6 = get l1
  v7 = load.i64 [v6+0] race aligned plain
  return v7
*/
