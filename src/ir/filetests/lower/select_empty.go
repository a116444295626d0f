// pass: lower
// A select without cases waits for ever.
package main

func f() {
	select {}
}

/* expect:
func main.f () -> () "main.f" noparameters
b0:
  call runtime.block() : () -> ()
  unreachable
*/
