// A mirror of a site: fetchers with a limit of requests a second, retries that wait longer each time, a group that stops at the first
// error that no retry mends, and a writer that takes the pages in. Two goroutines are left behind when the group stops early: a fetcher
// that hands its page to a writer that is gone, and the bucket of the rate limiter, which nobody closes.
//
// Schedules: 200.
// Provenance: own.
package main

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"
	"time"
)

var (
	errMoved = errors.New("moved away")
	errBusy  = errors.New("busy")
)

// page is what a site answers.
type page struct {
	path  string
	text  string
	links []string
}

// site is held in memory; some of its pages answer only when they are asked again.
type site struct {
	pages map[string]page

	mu   sync.Mutex
	busy map[string]int
}

func (s *site) get(ctx context.Context, path string) (page, error) {
	select {
	case <-ctx.Done():
		return page{}, ctx.Err()
	case <-time.After(2 * time.Millisecond):
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[path] > 0 {
		s.busy[path]--
		return page{}, fmt.Errorf("%s: %w", path, errBusy)
	}
	found, ok := s.pages[path]
	if !ok {
		return page{}, fmt.Errorf("%s: %w", path, errMoved)
	}
	return found, nil
}

// limiter lets so many pass in each interval.
type limiter struct {
	tokens chan struct{}
	done   chan struct{}
}

func newLimiter(interval time.Duration, burst int) *limiter {
	l := &limiter{tokens: make(chan struct{}, burst), done: make(chan struct{})}
	for range burst {
		l.tokens <- struct{}{}
	}
	go l.fill(interval)
	return l
}

// fill puts a token into the bucket in each interval; it waits while the bucket is full.
func (l *limiter) fill(interval time.Duration) {
	for {
		time.Sleep(interval)
		select { // want goroutine-leak "blocked for ever"
		case l.tokens <- struct{}{}:
		case <-l.done:
			return
		}
	}
}

func (l *limiter) wait(ctx context.Context) error {
	select {
	case <-l.tokens:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// group runs functions and ends its context at the first error.
type group struct {
	cancel context.CancelFunc
	wg     sync.WaitGroup
	once   sync.Once
	err    error
}

func newGroup(ctx context.Context) (*group, context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	return &group{cancel: cancel}, ctx
}

func (g *group) run(f func() error) {
	g.wg.Go(func() {
		if err := f(); err != nil {
			g.once.Do(func() {
				g.err = err
				g.cancel()
			})
		}
	})
}

func (g *group) wait() error {
	g.wg.Wait() // want goroutine-leak "blocked for ever"
	g.cancel()
	return g.err
}

// frontier is what is still to be fetched; it is empty when nothing waits and nobody fetches.
type frontier struct {
	mu      sync.Mutex
	changed *sync.Cond
	waiting []string
	seen    map[string]bool
	active  int
	stopped bool
}

func newFrontier(start string) *frontier {
	f := &frontier{waiting: []string{start}, seen: map[string]bool{start: true}}
	f.changed = sync.NewCond(&f.mu)
	return f
}

// next gives a path; false when there will be none any more.
func (f *frontier) next() (string, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.waiting) == 0 && f.active > 0 && !f.stopped {
		f.changed.Wait()
	}
	if len(f.waiting) == 0 || f.stopped {
		return "", false
	}
	path := f.waiting[0]
	f.waiting = f.waiting[1:]
	f.active++
	return path, true
}

// done takes a path's links in.
func (f *frontier) done(links []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, link := range links {
		if !f.seen[link] && strings.HasPrefix(link, "/") {
			f.seen[link] = true
			f.waiting = append(f.waiting, link)
		}
	}
	f.active--
	f.changed.Broadcast()
}

func (f *frontier) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopped = true
	f.changed.Broadcast()
}

// mirror copies a site.
type mirror struct {
	site    *site
	limiter *limiter
	tries   int
	pages   chan page
	stored  map[string]string
}

// fetch asks for a page, again and again while the site is busy.
func (m *mirror) fetch(ctx context.Context, path string) (page, error) {
	pause := time.Millisecond
	for try := 1; ; try++ {
		if err := m.limiter.wait(ctx); err != nil {
			return page{}, err
		}
		found, err := m.site.get(ctx, path)
		if !errors.Is(err, errBusy) || try == m.tries {
			return found, err
		}
		time.Sleep(pause)
		pause *= 2
	}
}

// crawl fetches pages until there are none left, and hands them to the writer.
func (m *mirror) crawl(ctx context.Context, f *frontier) error {
	for {
		path, ok := f.next()
		if !ok {
			return nil
		}
		found, err := m.fetch(ctx, path)
		if err != nil {
			f.done(nil)
			f.stop()
			return err
		}
		m.pages <- found // want goroutine-leak "blocked for ever"
		f.done(found.links)
	}
}

// store takes pages in until the context ends.
func (m *mirror) store(ctx context.Context) {
	for {
		select {
		case p := <-m.pages:
			m.stored[p.path] = p.text
		case <-ctx.Done():
			return
		}
	}
}

// run copies what can be reached from the site's root; at most so many fetch at once.
func (m *mirror) run(ctx context.Context, fetchers int) error {
	g, ctx := newGroup(ctx)
	f := newFrontier("/")
	var writer sync.WaitGroup
	writer.Go(func() { m.store(ctx) })
	finished := make(chan error, 1)
	for range fetchers {
		g.run(func() error { return m.crawl(ctx, f) })
	}
	go func() { finished <- g.wait() }()
	writer.Wait()
	select {
	case err := <-finished:
		return err
	case <-time.After(time.Second):
		return context.Cause(ctx)
	}
}

func main() {
	s := &site{
		pages: map[string]page{
			"/":       {"/", "home", []string{"/news", "/gone", "/shop", "https://elsewhere.example"}},
			"/news":   {"/news", "news", []string{"/", "/news/1", "/news/2"}},
			"/news/1": {"/news/1", "first", []string{"/news"}},
			"/news/2": {"/news/2", "second", []string{"/shop"}},
			"/shop":   {"/shop", "tea", []string{"/"}},
		},
		busy: map[string]int{"/shop": 2},
	}
	m := &mirror{site: s, limiter: newLimiter(3*time.Millisecond, 3), tries: 4, pages: make(chan page), stored: map[string]string{}}
	err := m.run(context.Background(), 3)
	paths := make([]string, 0, len(m.stored))
	for path := range m.stored {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	fmt.Println(len(paths) > 0, err != nil)
}
