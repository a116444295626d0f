// pass: lower
// The operand's address is evaluated once, and read and written at the statement's place.
// places: yes
package main

func g() *int

func f(x int) {
	*g() += x
}

/* expect:
func main.f (i64) -> () "main.f"
  l0: i64 x
b0:
  set l0, v0  @5:6
  v1 = call main.g() : () -> (i64)  @6:4
  v2 = get l0  @6:10
  v3 = load.i64 [v1+0] race aligned plain  @6:2
  v4 = add.i64 v3, v2  @6:7
  store.i64 v4, [v1+0] race aligned plain  @6:2
  return  @7:1
*/
