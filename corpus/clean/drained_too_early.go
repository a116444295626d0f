// The twin of deadlock/drained_too_early.go: the worker ends when all was sent.
//
// Provenance: own.
package main

import "fmt"

func main() {
	jobs, stop := make(chan int), make(chan struct{})
	go func() {
		<-stop
		for job := range jobs {
			fmt.Println("job", job)
		}
	}()
	sent := make(chan struct{})
	go func() {
		jobs <- 1
		close(sent)
	}()
	close(stop)
	<-sent
	close(jobs)
}
