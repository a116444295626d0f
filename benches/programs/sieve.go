// Primes through a chain of goroutines, each filtering by one prime, and by a plain sieve over bytes.
package main

import "fmt"

func generate(out chan<- int) {
	for i := 2; ; i++ {
		out <- i
	}
}

func filter(in <-chan int, out chan<- int, prime int) {
	for {
		if i := <-in; i%prime != 0 {
			out <- i
		}
	}
}

func main() {
	in := make(chan int)
	go generate(in)
	for range 1200 {
		prime := <-in
		out := make(chan int)
		go filter(in, out, prime)
		in = out
	}
	fmt.Println(<-in)

	const n = 16_000_000
	composite := make([]bool, n)
	count := 0
	for i := 2; i < n; i++ {
		if composite[i] {
			continue
		}
		count++
		for j := i * 2; j < n; j += i {
			composite[j] = true
		}
	}
	fmt.Println(count)
}
