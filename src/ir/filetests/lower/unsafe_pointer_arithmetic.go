// pass: lower
// only: main.f
// Pointer and integer have the same bits; the offset is an addition.
package main

import "unsafe"

func f(p *int) *int {
	return (*int)(unsafe.Add(unsafe.Pointer(p), 8))
}

/* expect:
func main.f (i64) -> (i64) "main.f"
  l0: i64 p
  l1: i64
b0:
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = get l0
  v3 = iconst.i64 8
  v4 = add.i64 v2, v3
  return v4
*/
