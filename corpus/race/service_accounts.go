// An http service under httptest: visitors log in, get sessions with a time to live, transfer money between their accounts, and read a
// page of metrics; a reaper takes old sessions away until its context ends. Accounts are locked in the order
// of their numbers. Three mistakes: a session's last visit is written under the read lock; the middleware adds to the sum of durations
// beside the lock that guards the counts; and the list of transfers is handed out, not copied, and encoded when the lock is given back.
//
// Go may miss it. Provenance: own.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var (
	errNoMoney   = errors.New("not enough money")
	errNoAccount = errors.New("no such account")
)

// account is one visitor's money.
type account struct {
	number int
	owner  string

	mu      sync.Mutex
	balance int
}

type transfer struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Amount int    `json:"amount"`
}

// bank holds the accounts and what was transferred.
type bank struct {
	accounts map[string]*account // not changed after the start

	mu        sync.Mutex
	transfers []transfer
}

func newBank(owners ...string) *bank {
	b := &bank{accounts: map[string]*account{}, transfers: make([]transfer, 0, 16)}
	for number, owner := range owners {
		b.accounts[owner] = &account{number: number, owner: owner, balance: 100}
	}
	return b
}

// move takes money from one account to another.
func (b *bank) move(t transfer) error {
	from, to := b.accounts[t.From], b.accounts[t.To]
	if from == nil || to == nil || from == to {
		return errNoAccount
	}
	first, second := from, to
	if first.number > second.number {
		first, second = second, first
	}
	first.mu.Lock()
	defer first.mu.Unlock()
	second.mu.Lock()
	defer second.mu.Unlock()
	if from.balance < t.Amount {
		return fmt.Errorf("%s: %w", t.From, errNoMoney)
	}
	from.balance -= t.Amount
	to.balance += t.Amount
	b.mu.Lock()
	defer b.mu.Unlock()
	b.transfers = append(b.transfers, t)
	return nil
}

// reverse puts the newest transfer first.
func (b *bank) reverse() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, j := 0, len(b.transfers)-1; i < j; i, j = i+1, j-1 {
		b.transfers[i], b.transfers[j] = b.transfers[j], b.transfers[i] // want data-race "transfers"
	}
}

// history is what was transferred.
func (b *bank) history() []transfer {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.transfers
}

func (b *bank) sum() int {
	total := 0
	for _, a := range b.accounts {
		a.mu.Lock()
		total += a.balance
		a.mu.Unlock()
	}
	return total
}

// session is a visitor who has logged in.
type session struct {
	user string
	last time.Time
}

type sessions struct {
	mu     sync.RWMutex
	live   map[string]*session
	serial atomic.Int64
	ttl    time.Duration
}

func (s *sessions) open(user string) string {
	token := fmt.Sprintf("token-%d", s.serial.Add(1))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live[token] = &session{user: user, last: time.Now()}
	return token
}

// find gives a session's user, and notes the visit.
func (s *sessions) find(token string) (string, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found, ok := s.live[token]
	if !ok {
		return "", false
	}
	found.last = time.Now() // want data-race "last"
	return found.user, true
}

// reap takes sessions away that nobody has used for long, until the context ends.
func (s *sessions) reap(ctx context.Context) {
	tick := time.NewTicker(s.ttl)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			s.mu.Lock()
			for token, found := range s.live {
				if now.Sub(found.last) > s.ttl {
					delete(s.live, token)
				}
			}
			s.mu.Unlock()
		}
	}
}

// metrics counts answers and how long they took.
type metrics struct {
	mu       sync.Mutex
	statuses map[int]int
	total    time.Duration
}

func (m *metrics) record(status int, took time.Duration) {
	m.mu.Lock()
	m.statuses[status]++
	m.mu.Unlock()
	m.total += took // want data-race "total"
}

func (m *metrics) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	lines := make([]string, 0, len(m.statuses))
	for status, n := range m.statuses {
		lines = append(lines, fmt.Sprintf("answers{status=%d} %d", status, n))
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

// service is all of it.
type service struct {
	bank     *bank
	sessions *sessions
	metrics  *metrics
}

// written notes the status of an answer.
type written struct {
	http.ResponseWriter
	status int
}

func (w *written) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (s *service) measured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		out := &written{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(out, r)
		s.metrics.record(out.status, time.Since(start))
	})
}

func (s *service) known(next func(http.ResponseWriter, *http.Request, string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, ok := s.sessions.find(r.Header.Get("Authorization"))
		if !ok {
			http.Error(w, "log in first", http.StatusUnauthorized)
			return
		}
		next(w, r, user)
	}
}

func (s *service) transfer(w http.ResponseWriter, r *http.Request, user string) {
	var t transfer
	if err := json.NewDecoder(r.Body).Decode(&t); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	t.From = user
	switch err := s.bank.move(t); {
	case errors.Is(err, errNoAccount):
		http.Error(w, err.Error(), http.StatusNotFound)
	case err != nil:
		http.Error(w, err.Error(), http.StatusConflict)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

func (s *service) history(w http.ResponseWriter, _ *http.Request, user string) {
	var own []transfer
	for _, t := range s.bank.history() { // want data-race "transfers"
		if t.From == user || t.To == user {
			own = append(own, t)
		}
	}
	json.NewEncoder(w).Encode(own)
}

func (s *service) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login/{user}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, s.sessions.open(r.PathValue("user")))
	})
	mux.HandleFunc("POST /transfer", s.known(s.transfer))
	mux.HandleFunc("GET /history", s.known(s.history))
	mux.HandleFunc("POST /reverse", s.known(func(http.ResponseWriter, *http.Request, string) { s.bank.reverse() }))
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, s.metrics) })
	return s.measured(mux)
}

// call asks the service as the network would, without one.
func call(service http.Handler, method, path, token, body string) (int, string) {
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	request.Header.Set("Authorization", token)
	recorder := httptest.NewRecorder()
	service.ServeHTTP(recorder, request)
	return recorder.Code, strings.TrimSpace(recorder.Body.String())
}

func main() {
	s := &service{
		bank:     newBank("ann", "bob"),
		sessions: &sessions{live: map[string]*session{}, ttl: time.Minute},
		metrics:  &metrics{statuses: map[int]int{}},
	}
	ctx, cancel := context.WithCancel(context.Background())
	var reaper sync.WaitGroup
	reaper.Go(func() { s.sessions.reap(ctx) })
	routes := s.routes()
	_, token := call(routes, "POST", "/login/ann", "", "")
	for _, amount := range []int{5, 6} {
		call(routes, "POST", "/transfer", token, fmt.Sprintf(`{"to": "bob", "amount": %d}`, amount))
	}
	var visitors sync.WaitGroup
	visitors.Go(func() { call(routes, "POST", "/reverse", token, "") })
	visitors.Go(func() { call(routes, "GET", "/history", token, "") })
	visitors.Wait()
	fmt.Println(call(routes, "POST", "/transfer", token, `{"to": "bob", "amount": 1000}`))
	fmt.Println(call(routes, "GET", "/metrics", "", ""))
	fmt.Println("money:", s.bank.sum())
	cancel()
	reaper.Wait()
}
