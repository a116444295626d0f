// pass: lower
// More results than registers take: the caller gives the memory for them.
package main

func five() (a, b, c, d, e string)

func f() string {
	_, _, _, _, e := five()
	return e
}

/* expect:
func main.f () -> (i64, i64) "main.f" noparameters
  l0: i64
  l1: i64
  l2: i64 e
  l3: i64 e
  s0: 80 align 8
b0:
  v0 = iconst.i64 0
  v1 = iconst.i64 0
  set l0, v0
  set l1, v1
  v2 = slot s0+0
  call main.five(v2) : (i64) -> ()
  v3 = load.i64 [v2+0] aligned
  v4 = load.i64 [v2+8] aligned plain
  v5 = load.i64 [v2+16] aligned
  v6 = load.i64 [v2+24] aligned plain
  v7 = load.i64 [v2+32] aligned
  v8 = load.i64 [v2+40] aligned plain
  v9 = load.i64 [v2+48] aligned
  v10 = load.i64 [v2+56] aligned plain
  v11 = load.i64 [v2+64] aligned
  v12 = load.i64 [v2+72] aligned plain
  set l2, v11
  set l3, v12
  v13 = get l2
  v14 = get l3
  return v13, v14
*/
