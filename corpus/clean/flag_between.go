// The twin of predicted/flag_between.go: a channel says that the cache is full, which orders the goroutines for everybody to see; and
// the locks are taken in opposite orders in ways that cannot deadlock: under a gate, by a goroutine that only tries, by one after
// the other, by readers alone.
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type cache struct {
	index, pages sync.RWMutex
	full         chan struct{}
	at           map[string]int
	page         []string
}

func (c *cache) fill(names ...string) {
	c.pages.Lock()
	for _, name := range names {
		c.page = append(c.page, "page of "+name)
		c.index.Lock()
		c.at[name] = len(c.page) - 1
		c.index.Unlock()
	}
	c.pages.Unlock()
	close(c.full)
}

func (c *cache) read(name string) string {
	<-c.full
	c.index.RLock()
	defer c.index.RUnlock()
	c.pages.RLock()
	defer c.pages.RUnlock()
	return c.page[c.at[name]]
}

// pair takes two locks in either order, always under the gate.
type pair struct {
	gate, a, b sync.Mutex
	n          int
}

func (p *pair) add(first, second *sync.Mutex) {
	p.gate.Lock()
	defer p.gate.Unlock()
	first.Lock()
	defer first.Unlock()
	second.Lock()
	defer second.Unlock()
	p.n++
}

// polite gives its first lock back when it does not get the second one.
func (p *pair) polite() {
	p.b.Lock()
	defer p.b.Unlock()
	if p.a.TryLock() {
		p.n++
		p.a.Unlock()
	}
}

func (p *pair) plain() {
	p.a.Lock()
	defer p.a.Unlock()
	p.b.Lock()
	defer p.b.Unlock()
	p.n++
}

// twoReaders hold the locks for reading, in opposite orders; nobody writes meanwhile.
func twoReaders(wg *sync.WaitGroup) {
	var a, b sync.RWMutex
	read := func(first, second *sync.RWMutex) {
		defer wg.Done()
		first.RLock()
		second.RLock()
		second.RUnlock()
		first.RUnlock()
	}
	wg.Add(2)
	go read(&a, &b)
	go read(&b, &a)
}

func main() {
	c := &cache{at: map[string]int{}, full: make(chan struct{})}
	var wg sync.WaitGroup
	wg.Add(2)
	go func() {
		defer wg.Done()
		c.fill("a", "b")
	}()
	go func() {
		defer wg.Done()
		fmt.Println(c.read("b"))
	}()
	twoReaders(&wg)

	var gated, tried, joined pair
	wg.Add(4)
	go func() { defer wg.Done(); gated.add(&gated.a, &gated.b) }()
	go func() { defer wg.Done(); gated.add(&gated.b, &gated.a) }()
	go func() { defer wg.Done(); tried.polite() }()
	go func() { defer wg.Done(); tried.plain() }()

	// One after the other: by a wait group, and by the go statement.
	var first sync.WaitGroup
	first.Go(joined.plain)
	first.Wait()
	wg.Go(func() {
		joined.b.Lock()
		joined.a.Lock()
		joined.n++
		joined.a.Unlock()
		joined.b.Unlock()
	})
	wg.Wait()
	fmt.Println(gated.n, joined.n)
}
