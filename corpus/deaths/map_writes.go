// Two goroutines write a map.
//
// races
package main

func main() {
	m := map[int]int{}
	for range 2 {
		go func() {
			for i := 0; ; i++ {
				m[i&1023] = i
			}
		}()
	}
	select {}
}
