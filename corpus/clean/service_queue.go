// A job queue as a mill has it: jobs come in by topics, workers of each topic run them, what fails goes back into the queue, what failed
// too often goes to a list of dead letters, and the queue shuts down when all is done. A failed job goes back into the channel if there is
// room; else the worker that has it tries it again itself.
//
// Provenance: own.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var (
	errTemporary = errors.New("try again")
	errUnknown   = errors.New("unknown topic")
	errClosed    = errors.New("the queue is closed")
)

// job is a piece of work.
type job struct {
	id    int
	topic string
	text  string
	tries int
}

// handler does the work of a topic.
type handler func(ctx context.Context, j job) error

// letter is a job that was given up.
type letter struct {
	job   job
	cause error
}

// topic has its own channel and workers.
type topic struct {
	name    string
	jobs    chan job
	handle  handler
	workers int
}

// counters of all topics.
type counters struct {
	accepted, done, again, dead atomic.Int64
}

func (c *counters) String() string {
	return fmt.Sprintf("accepted %d, done %d, dead %d", c.accepted.Load(), c.done.Load(), c.dead.Load())
}

// queue is all of it.
type queue struct {
	tries    int
	counters counters

	mu     sync.RWMutex
	topics map[string]*topic
	closed bool

	pending sync.WaitGroup // jobs that were accepted and are not over
	running sync.WaitGroup // workers

	lettersMu sync.Mutex
	letters   []letter
}

func newQueue(tries int) *queue {
	return &queue{tries: tries, topics: map[string]*topic{}}
}

// register adds a topic before the queue is started.
func (q *queue) register(name string, workers, room int, handle handler) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.topics[name] = &topic{name: name, jobs: make(chan job, room), handle: handle, workers: workers}
}

// start starts the workers.
func (q *queue) start(ctx context.Context) {
	q.mu.RLock()
	defer q.mu.RUnlock()
	for _, t := range q.topics {
		for range t.workers {
			q.running.Go(func() { q.work(ctx, t) })
		}
	}
}

// add takes a job; it waits for room.
func (q *queue) add(j job) error {
	q.mu.RLock()
	closed, t := q.closed, q.topics[j.topic]
	q.mu.RUnlock()
	switch {
	case closed:
		return errClosed
	case t == nil:
		return fmt.Errorf("%s: %w", j.topic, errUnknown)
	}
	q.counters.accepted.Add(1)
	q.pending.Add(1)
	t.jobs <- j
	return nil
}

// work runs the jobs of a topic until its channel is closed.
func (q *queue) work(ctx context.Context, t *topic) {
	for j := range t.jobs {
	again:
		j.tries++
		err := q.run(ctx, t, j)
		switch {
		case err == nil:
			q.counters.done.Add(1)
			q.pending.Done()
		case errors.Is(err, errTemporary) && j.tries < q.tries:
			q.counters.again.Add(1)
			select {
			case t.jobs <- j:
			default:
				goto again
			}
		default:
			q.bury(letter{job: j, cause: err})
			q.pending.Done()
		}
	}
}

// run runs one job; a panic is an error like others.
func (q *queue) run(ctx context.Context, t *topic, j job) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	return t.handle(ctx, j)
}

func (q *queue) bury(l letter) {
	q.counters.dead.Add(1)
	q.lettersMu.Lock()
	defer q.lettersMu.Unlock()
	q.letters = append(q.letters, l)
}

// shutdown waits until all that was accepted is over, then lets the workers go.
func (q *queue) shutdown() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.pending.Wait()
	q.mu.RLock()
	for _, t := range q.topics {
		close(t.jobs)
	}
	q.mu.RUnlock()
	q.running.Wait()
}

// dead gives the letters by their jobs.
func (q *queue) dead() []string {
	q.lettersMu.Lock()
	defer q.lettersMu.Unlock()
	slices.SortFunc(q.letters, func(a, b letter) int { return cmp.Compare(a.job.id, b.job.id) })
	lines := make([]string, len(q.letters))
	for i, l := range q.letters {
		lines[i] = fmt.Sprintf("%d %s (%d tries): %v", l.job.id, l.job.topic, l.job.tries, l.cause)
	}
	return lines
}

// flaky fails the first so many times for each text.
type flaky struct {
	mu    sync.Mutex
	fails map[string]int
}

func (f *flaky) handle(_ context.Context, j job) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fails[j.text] > 0 {
		f.fails[j.text]--
		return fmt.Errorf("%s: %w", j.text, errTemporary)
	}
	return nil
}

// slow gives up when its time is over.
func slow(ctx context.Context, j job) error {
	wait := 10 * time.Millisecond
	if strings.HasPrefix(j.text, "long") {
		wait = time.Second
	}
	select {
	case <-time.After(wait):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// parse panics at what it does not know.
func parse(_ context.Context, j job) error {
	fields := strings.Split(j.text, "=")
	if fields[1] == "" {
		return errors.New("empty value")
	}
	return nil
}

func main() {
	q := newQueue(3)
	mails := &flaky{fails: map[string]int{"to ann": 1, "to bob": 1, "to eve": 5}}
	q.register("mail", 2, 1, mails.handle)
	q.register("report", 1, 2, slow)
	q.register("import", 1, 2, parse)
	q.start(context.Background())
	var producers sync.WaitGroup
	producers.Go(func() {
		for i, whom := range []string{"ann", "bob", "eve", "joe"} {
			if err := q.add(job{id: 10 + i, topic: "mail", text: "to " + whom}); err != nil {
				fmt.Println(err)
			}
		}
	})
	producers.Go(func() {
		q.add(job{id: 20, topic: "report", text: "short"})
		q.add(job{id: 21, topic: "report", text: "long"})
	})
	producers.Go(func() {
		q.add(job{id: 30, topic: "import", text: "a=1"})
		q.add(job{id: 31, topic: "import", text: "b"})
	})
	producers.Wait()
	q.shutdown()
	fmt.Println(q.counters.String(), q.add(job{topic: "mail"}))
	fmt.Println(strings.Join(q.dead(), "\n"))
}
