// A pool of connections to a database: whoever finds none idle waits in a line, with a context that may end the wait; connections have
// an age and are tried before they are used; a keeper closes what nobody has used for long. Who leaves the line just as a connection is
// handed over gives it back.
//
// Provenance: own.
package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

var (
	errPoolClosed = errors.New("the pool is closed")
	errBroken     = errors.New("the connection is broken")
)

// database answers queries; it counts its connections.
type database struct {
	mu     sync.Mutex
	rows   map[string]string
	open   int
	serial int
}

func (d *database) connect(ctx context.Context) (*connection, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open++
	d.serial++
	return &connection{database: d, number: d.serial, made: time.Now()}, nil
}

// connection is used by one goroutine at a time.
type connection struct {
	database *database
	number   int
	made     time.Time
	used     time.Time
	queries  int
	broken   bool
}

func (c *connection) query(ctx context.Context, key string) (string, error) {
	if c.broken {
		return "", errBroken
	}
	timer := time.NewTimer(3 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		// Half an answer may be on its way.
		c.broken = true
		return "", ctx.Err()
	}
	c.queries++
	c.database.mu.Lock()
	defer c.database.mu.Unlock()
	return c.database.rows[key], nil
}

func (c *connection) close() {
	c.database.mu.Lock()
	defer c.database.mu.Unlock()
	c.database.open--
}

// statistics of a pool.
type statistics struct {
	waited, expired, opened, closed atomic.Int64
}

// waiter is somebody in the line.
type waiter struct {
	ready chan *connection
}

// pool keeps at most limit connections.
type pool struct {
	database   *database
	limit      int
	lifetime   time.Duration
	statistics statistics

	mu     sync.Mutex
	idle   []*connection
	line   []*waiter
	count  int // connections that are open or being opened
	closed bool
}

// take gives a connection.
func (p *pool) take(ctx context.Context) (*connection, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, errPoolClosed
	}
	for len(p.idle) > 0 {
		c := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if time.Since(c.made) < p.lifetime {
			p.mu.Unlock()
			return c, nil
		}
		p.dispose(c)
	}
	if p.count < p.limit {
		p.count++
		p.mu.Unlock()
		return p.dial(ctx)
	}
	w := &waiter{ready: make(chan *connection, 1)}
	p.line = append(p.line, w)
	p.mu.Unlock()
	p.statistics.waited.Add(1)
	select {
	case c := <-w.ready:
		if c == nil {
			return nil, errPoolClosed
		}
		return c, nil
	case <-ctx.Done():
		p.leave(w)
		p.statistics.expired.Add(1)
		return nil, ctx.Err()
	}
}

// dial opens a connection whose place is taken already.
func (p *pool) dial(ctx context.Context) (*connection, error) {
	c, err := p.database.connect(ctx)
	if err != nil {
		p.mu.Lock()
		p.count--
		p.mu.Unlock()
		return nil, err
	}
	p.statistics.opened.Add(1)
	return c, nil
}

// leave takes a waiter out of the line.
func (p *pool) leave(w *waiter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, other := range p.line {
		if other == w {
			p.line = append(p.line[:i], p.line[i+1:]...)
			return
		}
	}
	// Somebody has just called it.
	select {
	case c := <-w.ready:
		if c != nil {
			p.hand(c)
		}
	default:
	}
}

// put gives a connection back: to the first in the line, if there is one.
func (p *pool) put(c *connection) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.broken || p.closed {
		p.dispose(c)
		if len(p.line) == 0 || p.closed {
			return
		}
		// Whoever waits gets a new one in its place.
		c = &connection{database: p.database, made: time.Now()}
		p.count++
		p.database.mu.Lock()
		p.database.open++
		p.database.mu.Unlock()
	}
	p.hand(c)
}

// hand gives a connection to the first in the line, or keeps it. The lock is held.
func (p *pool) hand(c *connection) {
	c.used = time.Now()
	if len(p.line) > 0 {
		w := p.line[0]
		p.line = p.line[1:]
		w.ready <- c
		return
	}
	p.idle = append(p.idle, c)
}

// dispose closes a connection. The pool's lock is held.
func (p *pool) dispose(c *connection) {
	p.count--
	p.statistics.closed.Add(1)
	c.close()
}

// keep closes what has been idle for long, until the context ends.
func (p *pool) keep(ctx context.Context, every, most time.Duration) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
		p.mu.Lock()
		kept := p.idle[:0]
		for _, c := range p.idle {
			if time.Since(c.used) > most {
				p.dispose(c)
			} else {
				kept = append(kept, c)
			}
		}
		p.idle = kept
		p.mu.Unlock()
	}
}

// close closes what is idle, and sends away who waits.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, c := range p.idle {
		p.dispose(c)
	}
	p.idle = nil
	for _, w := range p.line {
		close(w.ready)
	}
	p.line = nil
}

// lookup is a query with a connection of its own.
func (p *pool) lookup(ctx context.Context, key string) (string, error) {
	c, err := p.take(ctx)
	if err != nil {
		return "", err
	}
	defer p.put(c)
	return c.query(ctx, key)
}

func main() {
	db := &database{rows: map[string]string{"tea": "green", "cup": "white", "pot": "black"}}
	p := &pool{database: db, limit: 1, lifetime: time.Minute}
	ctx, stop := context.WithCancel(context.Background())
	var keeper sync.WaitGroup
	keeper.Go(func() { p.keep(ctx, 20*time.Millisecond, 10*time.Millisecond) })
	var readers sync.WaitGroup
	var answered atomic.Int64
	for _, key := range []string{"tea", "cup", "pot"} {
		readers.Go(func() {
			patience, cancel := context.WithTimeout(ctx, 3*time.Millisecond)
			defer cancel()
			if _, err := p.lookup(patience, key); err == nil {
				answered.Add(1)
			}
		})
	}
	readers.Wait()
	stop()
	keeper.Wait() // The keeper is gone: what is idle now stays so.
	value, err := p.lookup(context.Background(), "tea")
	fmt.Println(value, err)
	p.close()
	_, err = p.take(context.Background())
	fmt.Println(err, p.statistics.opened.Load() >= 1, answered.Load() <= 3)
}
