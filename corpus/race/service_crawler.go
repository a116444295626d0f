// A crawler over a site that is held in memory: a few workers, a depth, no page twice, a report of links that lead nowhere. What has
// been seen is guarded; the list of broken links is not.
//
// Go may miss it. Provenance: own.
package main

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"
)

var errNotFound = errors.New("not found")

// A site: the links of each page.
type site map[string][]string

func (s site) fetch(page string) ([]string, error) {
	links, ok := s[page]
	if !ok {
		return nil, fmt.Errorf("%s: %w", page, errNotFound)
	}
	return links, nil
}

// Something to be fetched.
type task struct {
	page  string
	from  string
	depth int
}

type crawler struct {
	site  site
	depth int

	mu   sync.Mutex
	seen map[string]bool

	pending sync.WaitGroup
	tasks   chan task

	broken []string
	pages  int
}

func newCrawler(s site, depth int) *crawler {
	return &crawler{site: s, depth: depth, seen: map[string]bool{}, tasks: make(chan task, 64)}
}

// add makes a task of a page that nobody has seen.
func (c *crawler) add(t task) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.depth > c.depth || c.seen[t.page] {
		return
	}
	c.seen[t.page] = true
	c.pending.Add(1)
	c.tasks <- t
}

func (c *crawler) work() {
	for t := range c.tasks {
		c.visit(t)
		c.pending.Done()
	}
}

func (c *crawler) visit(t task) {
	links, err := c.site.fetch(t.page)
	if err != nil {
		c.broken = append(c.broken, t.from+" -> "+t.page) // want data-race "broken"
		return
	}
	c.mu.Lock()
	c.pages++
	c.mu.Unlock()
	for _, link := range links {
		if strings.HasPrefix(link, "/") {
			c.add(task{page: link, from: t.page, depth: t.depth + 1})
		}
	}
}

// run crawls from a page on with some workers.
func (c *crawler) run(start string, workers int) {
	var done sync.WaitGroup
	for range workers {
		done.Go(c.work)
	}
	c.add(task{page: start, from: "start"})
	c.pending.Wait()
	close(c.tasks)
	done.Wait()
}

func main() {
	s := site{
		"/":       {"/a", "/b", "https://elsewhere.example"},
		"/a":      {"/", "/a/1", "/gone"},
		"/b":      {"/b/1", "/lost", "/a"},
		"/a/1":    {"/deep"},
		"/b/1":    {"/a/1"},
		"/deep":   {"/deeper"},
		"/deeper": {"/deepest"},
	}
	c := newCrawler(s, 3)
	c.run("/", 3)
	sort.Strings(c.broken)
	fmt.Println(c.pages, c.broken)
}
