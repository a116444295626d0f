// pass: lower
// A string is a copy of the bytes, so that nobody changes it. The runtime makes it, and tells the detector of the read.
package main

func f(b []byte) string {
	return string(b)
}

/* expect:
func main.f (i64, i64, i64) -> (i64, i64) "main.f"
  l0: i64 b
  l1: i64 b
  l2: i64 b
  l3: i64
  l4: i64
b0:
  set l0, v0
  set l1, v1
  set l2, v2
  v3 = iconst.i64 0
  v4 = iconst.i64 0
  set l3, v3
  set l4, v4
  v5 = get l0
  v6 = get l1
  v7 = get l2
  v8, v9 = call runtime.slicebytetostring(v5, v6) : (i64, i64) -> (i64, i64)
  return v8, v9
*/
