// pass: lower
// Between integers and floats by the processor; an unsigned one of 64 bits has a way of its own.
package main

func f(a float64, b uint64, c int32) (int64, float64, float32) {
	return int64(a), float64(b), float32(c)
}

/* expect:
func main.f (f64, i64, i32) -> (i64, f64, f32) "main.f"
  l0: f64 a
  l1: i64 b
  l2: i32 c
  l3: i64
  l4: f64
  l5: f32
b0:
  set l0, v0
  set l1, v1
  set l2, v2
  v3 = iconst.i64 0
  set l3, v3
  v4 = fconst.f64 0x0000000000000000
  set l4, v4
  v5 = fconst.f32 0x0000000000000000
  set l5, v5
  v6 = get l0
  v7 = convert.ftos.f64.i64 v6
  v8 = get l1
  v9 = convert.utof.i64.f64 v8
  v10 = get l2
  v11 = convert.stof.i32.f32 v10
  return v7, v9, v11
*/
