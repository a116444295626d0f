// A job queue: workers take jobs in the order of their priority, a failed job is tried again, results go to whoever collects them. The
// collector stops at the first job that is given up, and nobody takes the other results.
//
// Provenance: own.
package main

import (
	"container/heap"
	"errors"
	"fmt"
	"sync"
)

type job struct {
	name     string
	priority int
	tries    int
	run      func(try int) error
}

type result struct {
	name string
	err  error
}

// byPriority is a heap with the most urgent job on top.
type byPriority []*job

func (q byPriority) Len() int           { return len(q) }
func (q byPriority) Less(i, j int) bool { return q[i].priority > q[j].priority }
func (q byPriority) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *byPriority) Push(x any)        { *q = append(*q, x.(*job)) }
func (q *byPriority) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}

type queue struct {
	mu      sync.Mutex
	changed *sync.Cond
	jobs    byPriority
	closed  bool
	open    int
	results chan result
}

func newQueue() *queue {
	q := &queue{results: make(chan result)}
	q.changed = sync.NewCond(&q.mu)
	return q
}

func (q *queue) add(j *job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open++
	heap.Push(&q.jobs, j)
	q.changed.Signal()
}

// take gives the most urgent job, or none when all is done.
func (q *queue) take() *job {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.jobs) == 0 {
		if q.closed && q.open == 0 {
			return nil
		}
		q.changed.Wait()
	}
	return heap.Pop(&q.jobs).(*job)
}

// finish takes a job off, or puts it back for another try.
func (q *queue) finish(j *job, err error) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err != nil && j.tries < 3 {
		heap.Push(&q.jobs, j)
		q.changed.Signal()
		return false
	}
	q.open--
	if q.open == 0 {
		q.changed.Broadcast()
	}
	return true
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.changed.Broadcast()
}

func (q *queue) work() {
	for {
		j := q.take()
		if j == nil {
			return
		}
		j.tries++
		err := j.run(j.tries)
		if q.finish(j, err) {
			q.results <- result{j.name, err} // want goroutine-leak "chan send"
		}
	}
}

// collect gives the names of what was done, until something was given up.
func (q *queue) collect(count int) ([]string, error) {
	var done []string
	for range count {
		r := <-q.results
		if r.err != nil {
			return done, fmt.Errorf("%s: %w", r.name, r.err)
		}
		done = append(done, r.name)
	}
	return done, nil
}

func main() {
	q := newQueue()
	for range 2 {
		go q.work()
	}
	fine := func(int) error { return nil }
	flaky := func(try int) error {
		if try < 2 {
			return errors.New("not yet")
		}
		return nil
	}
	broken := func(int) error { return errors.New("broken") }
	for i, run := range []func(int) error{fine, flaky, broken, fine, fine} {
		q.add(&job{name: fmt.Sprint("job ", i), priority: i % 3, run: run})
	}
	q.close()
	_, err := q.collect(5)
	fmt.Println(err)
}
