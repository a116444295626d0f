// A hub of topics: clients subscribe with a buffer of their own, publishers send to all who listen, the newest messages of a topic are
// kept for whoever comes later, a slow client loses messages, and one that is silent is sent away. Two mistakes: the list of those who
// get a message is copied under the lock, the message is sent when it is given back, and a client that leaves meanwhile has closed its
// channel; and the messages that were kept are handed out without a copy, while the ring goes on.
//
// Go may miss it. Provenance: own.
package main

import (
	"fmt"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// message is what goes round.
type message struct {
	topic  string
	author string
	text   string
	number int64
}

// client listens to topics.
type client struct {
	name   string
	inbox  chan message
	lost   atomic.Int64
	joined time.Time

	mu     sync.Mutex
	topics map[string]bool
	gone   bool
}

// ring keeps the newest messages.
type ring struct {
	kept []message
	next int
}

func newRing(size int) *ring { return &ring{kept: make([]message, 0, size)} }

func (r *ring) add(m message) {
	if len(r.kept) < cap(r.kept) {
		r.kept = append(r.kept, m)
		return
	}
	r.kept[r.next] = m // want data-race "next|kept"
	r.next = (r.next + 1) % len(r.kept)
}

// all gives what is kept.
func (r *ring) all() []message { return r.kept }

// topic is a name that clients listen to.
type topic struct {
	name    string
	clients map[*client]bool
	history *ring
}

// hub knows topics and clients.
type hub struct {
	serial atomic.Int64

	mu     sync.RWMutex
	topics map[string]*topic
	sent   map[string]int
}

func newHub() *hub {
	return &hub{topics: map[string]*topic{}, sent: map[string]int{}}
}

// topic gives the topic of a name. The lock is held.
func (h *hub) topic(name string) *topic {
	found := h.topics[name]
	if found == nil {
		found = &topic{name: name, clients: map[*client]bool{}, history: newRing(2)}
		h.topics[name] = found
	}
	return found
}

// join makes a client.
func (h *hub) join(name string, room int) *client {
	return &client{name: name, inbox: make(chan message, room), joined: time.Now(), topics: map[string]bool{}}
}

// subscribe lets a client listen; it gives the messages that were kept.
func (h *hub) subscribe(c *client, name string) []message {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topic(name)
	t.clients[c] = true
	c.mu.Lock()
	c.topics[name] = true
	c.mu.Unlock()
	return t.history.all()
}

// leave takes a client out of all its topics.
func (h *hub) leave(c *client) {
	c.mu.Lock()
	names := make([]string, 0, len(c.topics))
	for name := range c.topics {
		names = append(names, name)
	}
	was := c.gone
	c.gone = true
	c.mu.Unlock()
	if was {
		return
	}
	h.mu.Lock()
	for _, name := range names {
		delete(h.topics[name].clients, c)
	}
	h.mu.Unlock()
	close(c.inbox) // want data-race "(send on|close of) c.inbox"
}

// publish sends a message to all who listen to its topic.
func (h *hub) publish(author, name, text string) {
	m := message{topic: name, author: author, text: text, number: h.serial.Add(1)}
	h.mu.Lock()
	t := h.topic(name)
	t.history.add(m)
	h.sent[author]++
	listening := make([]*client, 0, len(t.clients))
	for c := range t.clients {
		listening = append(listening, c)
	}
	h.mu.Unlock()
	for _, c := range listening {
		c.offer(m)
	}
}

// offer gives a client a message, if there is room.
func (c *client) offer(m message) {
	select { // want data-race "(send on|close of) c.inbox" send-on-closed "send on closed"
	case c.inbox <- m:
	default:
		c.lost.Add(1)
	}
}

// read takes messages until there are so many, or the client is sent away.
func (c *client) read(most int) []string {
	var lines []string
	for m := range c.inbox {
		lines = append(lines, fmt.Sprintf("%s: %s", m.author, m.text))
		if len(lines) == most {
			break
		}
	}
	return lines
}

// dismiss sends clients away that have been there for longer than they may.
func (h *hub) dismiss(most time.Duration) int {
	h.mu.RLock()
	silent := map[*client]bool{}
	for _, t := range h.topics {
		for c := range t.clients {
			if time.Since(c.joined) > most {
				silent[c] = true
			}
		}
	}
	h.mu.RUnlock()
	for c := range silent {
		h.leave(c)
	}
	return len(silent)
}

// presence says who listens to what.
func (h *hub) presence() string {
	h.mu.RLock()
	defer h.mu.RUnlock()
	lines := make([]string, 0, len(h.topics))
	for name, t := range h.topics {
		names := make([]string, 0, len(t.clients))
		for c := range t.clients {
			names = append(names, c.name)
		}
		sort.Strings(names)
		lines = append(lines, fmt.Sprintf("%s: %s", name, strings.Join(names, " ")))
	}
	sort.Strings(lines)
	return strings.Join(lines, "; ")
}

func main() {
	h := newHub()
	for i := range 2 {
		h.publish("host", "news", fmt.Sprint("welcome ", i))
	}
	ann, bob := h.join("ann", 4), h.join("bob", 1)
	h.subscribe(ann, "news")
	h.subscribe(ann, "jobs")
	h.subscribe(bob, "jobs")
	var work sync.WaitGroup
	work.Go(func() {
		h.publish("joe", "news", "rain")
		h.publish("joe", "jobs", "we need a cook")
	})
	work.Go(func() {
		eve := h.join("eve", 4)
		old := h.subscribe(eve, "news")
		words := 0
		for _, m := range old { // want data-race "next|kept"
			words += len(strings.Fields(m.text))
		}
		h.leave(eve)
		fmt.Println(len(old), words)
	})
	work.Go(func() {
		lines := bob.read(1)
		h.leave(bob)
		fmt.Println(len(lines) <= 1)
	})
	work.Wait()
	time.Sleep(time.Millisecond)
	fmt.Println(h.dismiss(time.Hour), h.presence())
	h.leave(ann)
	fmt.Println(len(ann.read(10)), ann.lost.Load())
}
