// pass: lower
// A call's results are another one's arguments.
package main

func two() (int, string)
func g(int, string)

func f() {
	g(two())
}

/* expect:
func main.f () -> () "main.f" noparameters
b0:
  v0, v1, v2 = call main.two() : () -> (i64, i64, i64)
  call main.g(v0, v1, v2) : (i64, i64, i64) -> ()
  return
*/
