// pass: lower
// Far behind a nil pointer there may be something: the pointer is looked at first.
package main

type T struct {
	a [8192]byte
	b byte
}

func f(t *T) byte {
	return t.b
}

/* expect:
func main.f (i64) -> (i8) "main.f"
  l0: i64 t
  l1: i8
b0:
  set l0, v0
  v1 = iconst.i8 0
  set l1, v1
  v2 = get l0
  nilcheck v2
  v3 = load.i8 [v2+8192] race aligned plain
  return v3
*/
