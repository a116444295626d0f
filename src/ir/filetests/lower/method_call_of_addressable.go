// pass: lower
// A method of the pointer called of a variable takes its address: the variable is an object.
package main

type T struct{ n int }

func (t *T) inc()

func f() int {
	var t T
	t.inc()
	return t.n
}

/* expect:
func main.f () -> (i64) "main.f" noparameters
  l0: i64
  l1: i64 t
b0:
  v0 = iconst.i64 0
  set l0, v0
  v1 = symbol type:main.T+0
  v2 = call runtime.newobject(v1) : (i64) -> (i64)
  set l1, v2
  v3 = get l1
  call "main.(*T).inc"(v3) : (i64) -> ()
  v4 = get l1
  v5 = load.i64 [v4+0] race aligned plain
  return v5
*/
