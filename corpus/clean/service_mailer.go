// A mailer: letters wait in an outbox, senders hand them to servers by turns, a server that answers "later" gets the letter again
// after a while, and a bounce is told to whoever sent it. At the shutdown the outbox is closed when it is empty and no letter waits for
// its timer.
//
// Provenance: own.
package main

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"
	"time"
)

var (
	errLater  = errors.New("later")
	errBounce = errors.New("no such mailbox")
)

// mail is a letter on its way.
type mail struct {
	from, to string
	text     string
	tries    int
}

// server takes letters for one domain.
type server struct {
	name string

	mu        sync.Mutex
	mailboxes map[string][]string
	grey      map[string]bool // senders that were told to come again
}

func newServer(name string, users ...string) *server {
	s := &server{name: name, mailboxes: map[string][]string{}, grey: map[string]bool{}}
	for _, user := range users {
		s.mailboxes[user] = nil
	}
	return s
}

// deliver takes a letter; a sender that is not known yet has to come again.
func (s *server) deliver(m mail) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, _, _ := strings.Cut(m.to, "@")
	box, ok := s.mailboxes[user]
	if !ok {
		return fmt.Errorf("%s: %w", m.to, errBounce)
	}
	if !s.grey[m.from] {
		s.grey[m.from] = true
		return fmt.Errorf("%s: %w", s.name, errLater)
	}
	s.mailboxes[user] = append(box, m.text)
	return nil
}

// letters counts what has arrived.
func (s *server) letters() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, box := range s.mailboxes {
		n += len(box)
	}
	return n
}

// registry knows the server of a domain.
type registry struct {
	mu      sync.RWMutex
	servers map[string]*server
}

func (r *registry) lookup(address string) (*server, error) {
	_, domain, ok := strings.Cut(address, "@")
	if !ok {
		return nil, fmt.Errorf("%s: not an address", address)
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	found := r.servers[domain]
	if found == nil {
		return nil, fmt.Errorf("%s: no such domain", domain)
	}
	return found, nil
}

// log keeps lines for people.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) add(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

func (l *log) sorted() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := append([]string(nil), l.lines...)
	sort.Strings(out)
	return out
}

// mailer sends.
type mailer struct {
	registry *registry
	log      *log
	outbox   chan mail
	tries    int
	pause    time.Duration

	mu      sync.Mutex
	bounces map[string]int
	waiting int // letters in the outbox, with a sender or with a timer

	empty   *sync.Cond
	senders sync.WaitGroup
}

func newMailer(r *registry, senders int) *mailer {
	m := &mailer{registry: r, log: &log{}, outbox: make(chan mail, 8), tries: 3, pause: 5 * time.Millisecond, bounces: map[string]int{}}
	m.empty = sync.NewCond(&m.mu)
	for range senders {
		m.senders.Go(m.send)
	}
	return m
}

// post puts a letter into the outbox.
func (m *mailer) post(letter mail) {
	m.expect()
	m.outbox <- letter
}

// expect is told before a letter goes to the outbox or to a timer.
func (m *mailer) expect() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waiting++
}

// over is told when a letter has left the outbox for good.
func (m *mailer) over() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waiting--
	if m.waiting == 0 {
		m.empty.Broadcast()
	}
}

// send takes letters out of the outbox until it is closed.
func (m *mailer) send() {
	for letter := range m.outbox {
		m.attempt(letter)
		m.over()
	}
}

// attempt hands a letter to its server, and sees what to do when that does not take it.
func (m *mailer) attempt(letter mail) {
	letter.tries++
	to, err := m.registry.lookup(letter.to)
	if err == nil {
		err = to.deliver(letter)
	}
	switch {
	case err == nil:
		m.log.add("delivered to %s", letter.to)
	case errors.Is(err, errLater) && letter.tries < m.tries:
		m.log.add("%s is told to come again", letter.from)
		m.expect()
		time.AfterFunc(m.pause, func() { m.outbox <- letter })
	default:
		m.bounce(letter, err)
	}
}

// bounce tells the sender.
func (m *mailer) bounce(letter mail, cause error) {
	m.log.add("bounced: %v", cause)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.bounces[letter.from]++
}

// shutdown waits until nothing is in the outbox, and lets the senders go.
func (m *mailer) shutdown() {
	m.mu.Lock()
	for m.waiting > 0 {
		m.empty.Wait()
	}
	m.mu.Unlock()
	close(m.outbox)
	m.senders.Wait()
}

// campaign is a newsletter to many.
type campaign struct {
	from string
	text string
	to   []string
}

// run posts it with a pause between the letters.
func (c campaign) run(m *mailer) {
	for at, to := range c.to {
		if at > 0 {
			time.Sleep(2 * time.Millisecond)
		}
		m.post(mail{from: c.from, to: to, text: c.text})
	}
}

func main() {
	r := &registry{servers: map[string]*server{
		"one.example": newServer("one.example", "ann", "bob"),
		"two.example": newServer("two.example", "eve"),
	}}
	m := newMailer(r, 2)
	var posting sync.WaitGroup
	for _, c := range []campaign{
		{from: "shop", text: "tea is cheap", to: []string{"ann@one.example", "eve@two.example", "nobody@one.example"}},
		{from: "club", text: "we meet", to: []string{"bob@one.example", "joe@three.example", "nowhere"}},
	} {
		posting.Go(func() { c.run(m) })
	}
	posting.Wait()
	m.shutdown()
	time.Sleep(20 * time.Millisecond)
	arrived := 0
	r.mu.RLock()
	for _, s := range r.servers {
		arrived += s.letters()
	}
	r.mu.RUnlock()
	fmt.Println("arrived:", arrived, "lines:", len(m.log.sorted()))
}
