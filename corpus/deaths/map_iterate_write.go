// One goroutine iterates over a map, another writes it.
//
// races
package main

func main() {
	m := map[int]int{}
	for i := range 1024 {
		m[i] = i
	}
	go func() {
		for i := 0; ; i++ {
			m[i&1023] = i
		}
	}()
	go func() {
		n := 0
		for {
			for k := range m {
				n += k
			}
		}
	}()
	select {}
}
