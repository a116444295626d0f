// One goroutine reads a map, another writes it.
//
// races
package main

func main() {
	m := map[int]int{}
	go func() {
		for i := 0; ; i++ {
			m[i&1023] = i
		}
	}()
	go func() {
		n := 0
		for i := 0; ; i++ {
			n += m[i&1023]
		}
	}()
	select {}
}
