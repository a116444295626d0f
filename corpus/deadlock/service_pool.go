// A pool of connections: it hands out idle ones, opens others up to a limit, and closes those that have been used too often. A
// connection that is closed takes itself out of the pool with its own lock held; the pool asks its connections with the pool's.
//
// Provenance: own.
package main

import (
	"errors"
	"fmt"
	"sync"
)

var errClosed = errors.New("closed")

type conn struct {
	mu     sync.Mutex
	pool   *pool
	number int
	uses   int
	closed bool
}

type pool struct {
	mu    sync.Mutex
	limit int
	made  int
	all   map[int]*conn
	idle  []*conn
	slots chan struct{}
}

func newPool(limit int) *pool {
	return &pool{limit: limit, all: map[int]*conn{}, slots: make(chan struct{}, limit)}
}

// get gives a connection; it waits for one to be put back when all are in use.
func (p *pool) get() *conn {
	p.slots <- struct{}{}
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return c
	}
	p.made++
	c := &conn{pool: p, number: p.made}
	p.all[c.number] = c
	return c
}

// put gives it back.
func (p *pool) put(c *conn) {
	if c.isWorn() {
		c.close()
	} else {
		p.mu.Lock()
		p.idle = append(p.idle, c)
		p.mu.Unlock()
	}
	<-p.slots
}

// query uses a connection.
func (c *conn) query(text string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return "", errClosed
	}
	c.uses++
	return fmt.Sprintf("%d: %s", c.number, text), nil
}

func (c *conn) isWorn() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.uses >= 2
}

// close ends it and takes it out of the pool.
func (c *conn) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.closed = true
	c.pool.forget(c)
}

func (p *pool) forget(c *conn) {
	p.mu.Lock() // want lock-cycle "in a circle"
	defer p.mu.Unlock()
	delete(p.all, c.number)
}

// busiest gives the number of uses of the connection that was used most.
func (p *pool) busiest() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	most := 0
	for _, c := range p.all {
		c.mu.Lock() // want lock-cycle "in a circle"
		most = max(most, c.uses)
		c.mu.Unlock()
	}
	return most
}

func main() {
	p := newPool(2)
	var done sync.WaitGroup
	for i := range 2 {
		done.Go(func() {
			for round := range 2 {
				c := p.get()
				if _, err := c.query(fmt.Sprint("query ", i, round)); err != nil {
					fmt.Println(err)
				}
				p.put(c)
			}
		})
	}
	done.Go(func() {
		if p.busiest() > 2 {
			fmt.Println("worn")
		}
	})
	done.Wait()
	fmt.Println(p.busiest() <= 2)
}
