// A chat hub: one goroutine owns the rooms, clients join, talk and leave through channels. The hub hands a message to each member
// and waits until it is taken; a member that is about to leave waits for the hub instead of reading.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type message struct {
	from, text string
}

type client struct {
	name  string
	inbox chan message
	hub   *hub
	heard int
}

// What a client asks of the hub.
type request struct {
	client *client
	room   string
	text   string
	kind   byte
}

const (
	join byte = iota
	talk
	leave
)

type hub struct {
	requests chan request
	rooms    map[string]map[*client]bool
	order    map[string][]*client
}

func newHub() *hub {
	return &hub{requests: make(chan request), rooms: map[string]map[*client]bool{}, order: map[string][]*client{}}
}

// run serves requests until as many clients have left as were expected.
func (h *hub) run(expected int) {
	for expected > 0 {
		r := <-h.requests
		switch r.kind {
		case join:
			if h.rooms[r.room] == nil {
				h.rooms[r.room] = map[*client]bool{}
			}
			h.rooms[r.room][r.client] = true
			h.order[r.room] = append(h.order[r.room], r.client)
		case talk:
			h.broadcast(r.room, message{r.client.name, r.text})
		case leave:
			delete(h.rooms[r.room], r.client)
			close(r.client.inbox)
			expected--
		}
	}
}

func (h *hub) broadcast(room string, m message) {
	for _, c := range h.order[room] {
		if h.rooms[room][c] && c.name != m.from {
			c.inbox <- m // want deadlock "asleep"
		}
	}
}

func (c *client) send(kind byte, room, text string) {
	c.hub.requests <- request{c, room, text, kind} // want deadlock "asleep"
}

// live joins, says some things, and leaves; what others say is read in between.
func (c *client) live(room string, words []string) {
	c.send(join, room, "")
	for _, word := range words {
		c.drain()
		c.send(talk, room, word)
	}
	c.send(leave, room, "")
	for range c.inbox {
		c.heard++
	}
}

// drain reads what is there.
func (c *client) drain() {
	for {
		select {
		case <-c.inbox:
			c.heard++
		default:
			return
		}
	}
}

func main() {
	h := newHub()
	var done sync.WaitGroup
	clients := []*client{}
	for _, name := range []string{"ann", "ben"} {
		c := &client{name: name, inbox: make(chan message), hub: h}
		clients = append(clients, c)
		done.Go(func() { c.live("go", []string{"hello from " + name, "bye"}) })
	}
	done.Go(func() { h.run(len(clients)) })
	done.Wait() // want deadlock "asleep"
	fmt.Println("all have left")
}
