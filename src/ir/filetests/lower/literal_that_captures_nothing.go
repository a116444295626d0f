// pass: lower
// A function literal without captures is a func value in read-only data: nothing is allocated.
package main

func f() func() int {
	return func() int { return 7 }
}

/* expect:
func main.f () -> (i64) "main.f" noparameters
  l0: i64
b0:
  v0 = iconst.i64 0
  set l0, v0
  v1 = symbol "main.f.func1·f"+0
  return v1
func main.f.func1 () -> (i64) "main.f.func1" mergeable noparameters
  l0: i64
b0:
  v0 = iconst.i64 0
  set l0, v0
  v1 = iconst.i64 7
  return v1
*/
