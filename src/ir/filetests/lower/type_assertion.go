// pass: lower
// A failed assertion panics with both types; it is off the way.
package main

func f(x any) int {
	return x.(int)
}

/* expect:
func main.f (i64, i64) -> (i64) "main.f"
  l0: i64 x
  l1: i64 x
  l2: i64
b0:
  set l0, v0
  set l1, v1
  v2 = iconst.i64 0
  set l2, v2
  v3 = get l0
  v4 = get l1
  v5 = symbol type:int+0
  v6 = cmp.ne.i64 v3, v5
  v7 = symbol type:int+0
  v8 = symbol "type:interface {}"+0
  br v6, b1, b2
b1 cold:
  call runtime.panicdottypeE(v3, v7, v8) : (i64, i64, i64) -> ()
  unreachable
b2:
  v9 = load.i64 [v4+0] aligned plain
  return v9
*/
