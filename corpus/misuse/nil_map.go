// Handlers register themselves in a map that is made when the server starts; one that comes first writes to a map that is not there.
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
	r.handlers = map[string]func(string) string{}
	r.started = true
}

// register adds a handler.
func (r *registry) register(name string, handle func(string) string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handlers[name] = handle // want panic "assignment to entry in nil map"
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
	r := &registry{}
	var wg sync.WaitGroup
	wg.Go(r.start)
	wg.Go(func() {
		r.register("echo", func(text string) string { return text })
	})
	wg.Wait()
	fmt.Println(r.call("echo", "hello"))
}
