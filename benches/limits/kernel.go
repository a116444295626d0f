// Kernel: a small concurrent program, for schedules a second.
package main

import "sync"

func main() {
	var mu sync.Mutex
	var wg sync.WaitGroup
	jobs := make(chan int)
	sum := 0
	for i := 0; i < 3; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := range jobs {
				mu.Lock()
				sum += n
				mu.Unlock()
			}
		}()
	}
	for i := 0; i < 10; i++ {
		jobs <- i
	}
	close(jobs)
	wg.Wait()
	if sum != 45 {
		panic(sum)
	}
}
