// pass: lower
// A number in an interface stands behind a pointer, next to its type; a pointer is the data word itself.
package main

func f(n int, p *int) (any, any) {
	return n, p
}

/* expect:
func main.f (i64, i64) -> (i64, i64, i64, i64) "main.f"
  l0: i64 n
  l1: i64 p
  l2: i64
  l3: i64
  l4: i64
  l5: i64
b0:
  set l0, v0
  set l1, v1
  v2 = iconst.i64 0
  v3 = iconst.i64 0
  set l2, v2
  set l3, v3
  v4 = iconst.i64 0
  v5 = iconst.i64 0
  set l4, v4
  set l5, v5
  v6 = get l0
  v7 = symbol type:int+0
  v8 = symbol type:int+0
  v9 = call runtime.newobject(v8) : (i64) -> (i64)
  store.i64 v6, [v9+0] aligned plain
  v10 = get l1
  v11 = symbol type:*int+0
  return v7, v9, v11, v10
*/
