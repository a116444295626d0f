// pass: lower
// only: zero
// A variable of a type parameter is the argument's zero.
package main

func zero[T any]() T {
	var x T
	return x
}

func f() (int, string) {
	return zero[int](), zero[string]()
}

/* expect:
func "main.zero[int]" () -> (i64) "main.zero[...]" mergeable noparameters
  l0: i64
  l1: i64 x
b0:
  v0 = iconst.i64 0
  set l0, v0
  v1 = iconst.i64 0
  set l1, v1
  v2 = get l1
  return v2
func "main.zero[string]" () -> (i64, i64) "main.zero[...]" mergeable noparameters
  l0: i64
  l1: i64
  l2: i64 x
  l3: i64 x
b0:
  v0 = iconst.i64 0
  v1 = iconst.i64 0
  set l0, v0
  set l1, v1
  v2 = iconst.i64 0
  v3 = iconst.i64 0
  set l2, v2
  set l3, v3
  v4 = get l2
  v5 = get l3
  return v4, v5
*/
