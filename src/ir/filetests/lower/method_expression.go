// pass: lower
// A method expression is the method as a function: a func value in read-only data.
package main

type T struct{ n int }

func (t T) get() int

func f() func(T) int {
	return T.get
}

/* expect:
func main.f () -> (i64) "main.f" noparameters
  l0: i64
b0:
  v0 = iconst.i64 0
  set l0, v0
  v1 = symbol "main.T.get·f"+0
  return v1
*/
