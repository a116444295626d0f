// pass: lower
// With `ok` the runtime also says whether it found the key.
package main

func f(m map[int]string) (string, bool) {
	s, ok := m[3]
	return s, ok
}

/* expect:
func main.f (i64) -> (i64, i64, i8) "main.f"
  l0: i64 m
  l1: i64
  l2: i64
  l3: i8
  l4: i64 s
  l5: i64 s
  l6: i8 ok
b0:
  set l0, v0
  v1 = iconst.i64 0
  v2 = iconst.i64 0
  set l1, v1
  set l2, v2
  v3 = iconst.i8 0
  set l3, v3
  v4 = get l0
  v5 = iconst.i64 3
  v6 = symbol "type:map[int]string"+0
  v7, v8 = call runtime.mapaccess2_fast64(v6, v4, v5) : (i64, i64, i64) -> (i64, i8)
  v9 = load.i64 [v7+0] aligned
  v10 = load.i64 [v7+8] aligned plain
  set l4, v9
  set l5, v10
  set l6, v8
  v11 = get l4
  v12 = get l5
  v13 = get l6
  return v11, v12, v13
*/
