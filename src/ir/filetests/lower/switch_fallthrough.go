// pass: lower
// A case that falls through goes on in the next one's body.
package main

func g(int)

func f(n int) {
	switch n {
	case 1:
		g(1)
		fallthrough
	case 2:
		g(2)
	default:
		g(3)
	}
}

/* expect:
func main.f (i64) -> () "main.f"
  l0: i64 n
  l1: i64
b0:
  set l0, v0
  v1 = get l0
  set l1, v1
  v2 = get l1
  v3 = iconst.i64 1
  v4 = get l1
  v5 = cmp.eq.i64 v4, v3
  br v5, b2, b5
b1:
  return
b2:
  v10 = iconst.i64 1
  call main.g(v10) : (i64) -> ()
  jump b3
b3:
  v11 = iconst.i64 2
  call main.g(v11) : (i64) -> ()
  jump b1
b4:
  v12 = iconst.i64 3
  call main.g(v12) : (i64) -> ()
  jump b1
b5:
  v6 = get l1
  v7 = iconst.i64 2
  v8 = get l1
  v9 = cmp.eq.i64 v8, v7
  br v9, b3, b7
b7:
  jump b4
*/
