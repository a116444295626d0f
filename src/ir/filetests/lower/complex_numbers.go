// pass: lower
// A complex number is two floats; a product takes four multiplications, none of which is fused.
package main

func f(a, b complex128) complex128 {
	return a * b
}

/* expect:
func main.f (f64, f64, f64, f64) -> (f64, f64) "main.f"
  l0: f64 a
  l1: f64 a
  l2: f64 b
  l3: f64 b
  l4: f64
  l5: f64
b0:
  set l0, v0
  set l1, v1
  set l2, v2
  set l3, v3
  v4 = fconst.f64 0x0000000000000000
  v5 = fconst.f64 0x0000000000000000
  set l4, v4
  set l5, v5
  v6 = get l0
  v7 = get l1
  v8 = get l2
  v9 = get l3
  v10 = fmul.f64 v6, v8
  v11 = fmul.f64 v7, v9
  v12 = fmul.f64 v6, v9
  v13 = fmul.f64 v7, v8
  v14 = fsub.f64 v10, v11
  v15 = fadd.f64 v12, v13
  return v14, v15
*/
