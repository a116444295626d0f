// pass: lower
// An assignment to blank evaluates its right side: a nil pointer panics.
package main

func f(p *int) {
	_ = *p
}

/* expect:
func main.f (i64) -> () "main.f"
  l0: i64 p
b0:
  set l0, v0
  v1 = get l0
  v2 = load.i64 [v1+0] race aligned plain
  return
*/
