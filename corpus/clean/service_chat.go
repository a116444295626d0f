// A chat hub: one goroutine owns the rooms, clients join, talk and leave through channels. Each client has a goroutine
// that reads its messages all the time, so the hub never waits for one that waits for the hub.
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
			c.inbox <- m
		}
	}
}

func (c *client) send(kind byte, room, text string) {
	c.hub.requests <- request{c, room, text, kind}
}

// live joins, says some things, and leaves, while what others say is read.
func (c *client) live(room string, words []string) {
	var reading sync.WaitGroup
	reading.Go(func() {
		for range c.inbox {
			c.heard++
		}
	})
	c.send(join, room, "")
	for _, word := range words {
		c.send(talk, room, word)
	}
	c.send(leave, room, "")
	reading.Wait()
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
	done.Wait()
	fmt.Println("all have left")
}
