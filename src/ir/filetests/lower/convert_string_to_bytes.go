// pass: lower
// The bytes are a copy that the runtime makes.
package main

func f(s string) []byte {
	return []byte(s)
}

/* expect:
func main.f (i64, i64) -> (i64, i64, i64) "main.f"
  l0: i64 s
  l1: i64 s
  l2: i64
  l3: i64
  l4: i64
b0:
  set l0, v0
  set l1, v1
  v2 = iconst.i64 0
  v3 = iconst.i64 0
  v4 = iconst.i64 0
  set l2, v2
  set l3, v3
  set l4, v4
  v5 = get l0
  v6 = get l1
  v7, v8, v9 = call runtime.stringtoslicebyte(v5, v6) : (i64, i64) -> (i64, i64, i64)
  return v7, v8, v9
*/
