// pass: lower
// A byte in an interface needs no allocation: the runtime has all 256 of them.
package main

func f(b byte) any {
	return b
}

/* expect:
func main.f (i8) -> (i64, i64) "main.f"
  l0: i8 b
  l1: i64
  l2: i64
b0:
  set l0, v0
  v1 = iconst.i64 0
  v2 = iconst.i64 0
  set l1, v1
  set l2, v2
  v3 = get l0
  v4 = symbol type:uint8+0
  v5 = convert.zext.i8.i64 v3
  v6 = iconst.i64 3
  v7 = shl.i64 v5, v6
  v8 = symbol runtime.staticuint64s+0
  v9 = add.i64 v8, v7
  return v4, v9
*/
