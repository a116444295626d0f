// A cache service: entries expire, the least recently used one makes room, one load at a time for each key. The janitor that
// removes what has expired counts what it took away without the lock that the statistics are read under.
//
// Provenance: own.
package main

import (
	"container/list"
	"fmt"
	"sync"
	"time"
)

// An entry of the cache.
type entry struct {
	key     string
	value   string
	expires time.Time
}

// Stats of a cache's life.
type stats struct {
	hits, misses, evicted, expired int
}

// A load that is under way: who comes later waits for the first one.
type call struct {
	done  chan struct{}
	value string
	err   error
}

type cache struct {
	mu       sync.Mutex
	limit    int
	lifetime time.Duration
	order    *list.List
	byKey    map[string]*list.Element
	calls    map[string]*call
	stats    stats
	load     func(key string) (string, error)
	stop     chan struct{}
	stopped  sync.WaitGroup
}

func newCache(limit int, lifetime time.Duration, load func(string) (string, error)) *cache {
	c := &cache{
		limit:    limit,
		lifetime: lifetime,
		order:    list.New(),
		byKey:    map[string]*list.Element{},
		calls:    map[string]*call{},
		load:     load,
		stop:     make(chan struct{}),
	}
	c.stopped.Go(c.janitor)
	return c
}

// get gives a value, loading it if need be.
func (c *cache) get(key string) (string, error) {
	c.mu.Lock()
	if e, ok := c.byKey[key]; ok && time.Now().Before(e.Value.(*entry).expires) {
		c.order.MoveToFront(e)
		c.stats.hits++
		value := e.Value.(*entry).value
		c.mu.Unlock()
		return value, nil
	}
	c.stats.misses++
	if under, ok := c.calls[key]; ok {
		c.mu.Unlock()
		<-under.done
		return under.value, under.err
	}
	own := &call{done: make(chan struct{})}
	c.calls[key] = own
	c.mu.Unlock()

	own.value, own.err = c.load(key)
	c.mu.Lock()
	delete(c.calls, key)
	if own.err == nil {
		c.put(key, own.value)
	}
	c.mu.Unlock()
	close(own.done)
	return own.value, own.err
}

// put stores a value; the lock is held.
func (c *cache) put(key, value string) {
	if old, ok := c.byKey[key]; ok {
		c.order.Remove(old)
	}
	c.byKey[key] = c.order.PushFront(&entry{key, value, time.Now().Add(c.lifetime)})
	for c.order.Len() > c.limit {
		c.remove(c.order.Back())
		c.stats.evicted++
	}
}

// remove takes an entry out; the lock is held.
func (c *cache) remove(e *list.Element) {
	c.order.Remove(e)
	delete(c.byKey, e.Value.(*entry).key)
}

// janitor takes out what has expired.
func (c *cache) janitor() {
	tick := time.NewTicker(c.lifetime / 2)
	defer tick.Stop()
	for {
		select {
		case <-c.stop:
			return
		case now := <-tick.C:
			c.stats.expired += c.sweep(now) // want data-race "stats"
		}
	}
}

// sweep gives how many entries had expired.
func (c *cache) sweep(now time.Time) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	count := 0
	for e := c.order.Back(); e != nil; {
		before := e.Prev()
		if !now.Before(e.Value.(*entry).expires) {
			c.remove(e)
			count++
		}
		e = before
	}
	return count
}

func (c *cache) snapshot() stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats // want data-race "stats"
}

func (c *cache) close() {
	close(c.stop)
	c.stopped.Wait()
}

func main() {
	loads := 0
	var mu sync.Mutex
	c := newCache(3, 20*time.Millisecond, func(key string) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		loads++
		if key == "bad" {
			return "", fmt.Errorf("no value for %s", key)
		}
		return "value of " + key, nil
	})
	var readers sync.WaitGroup
	for i := range 3 {
		readers.Go(func() {
			for round := range 4 {
				key := fmt.Sprint("k", (i+round)%4)
				if _, err := c.get(key); err != nil {
					fmt.Println(err)
				}
				time.Sleep(9 * time.Millisecond)
			}
			c.get("bad")
		})
	}
	readers.Wait()
	time.Sleep(25 * time.Millisecond)
	fmt.Println(c.snapshot().misses > 0)
	c.close()
}
