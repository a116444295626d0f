// Handlers register themselves in a map that is there from the beginning, whoever comes first.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type registry struct {
	mu       sync.Mutex
	handlers map[string]func(string) string
	started  bool
}

// start makes the registry ready.
func (r *registry) start() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.started = true
}

// register adds a handler.
func (r *registry) register(name string, handle func(string) string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handlers[name] = handle
}

func (r *registry) call(name, text string) string {
	r.mu.Lock()
	handle := r.handlers[name]
	r.mu.Unlock()
	if handle == nil {
		return "no handler"
	}
	return handle(text)
}

func main() {
	r := &registry{handlers: map[string]func(string) string{}}
	var wg sync.WaitGroup
	wg.Go(r.start)
	wg.Go(func() {
		r.register("echo", func(text string) string { return text })
	})
	wg.Wait()
	fmt.Println(r.call("echo", "hello"))
}
