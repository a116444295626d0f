// A store behind a cache that writes later: keys are spread over shards, the least recently used entry goes when a shard is full, a
// flusher writes what has changed to a slow log every few milliseconds, and reads that miss load a key once for all who ask for it.
// Two mistakes: the flusher takes a list of the changed entries under the lock and reads them without it, and the count of hits is read
// by the report as if nobody counted any more.
//
// Go may miss it. Provenance: own.
package main

import (
	"container/list"
	"context"
	"fmt"
	"hash/fnv"
	"sort"
	"strings"
	"sync"
	"time"
)

// record is a line of the log.
type record struct {
	key, value string
	version    int
}

// disk is a log that takes its time.
type disk struct {
	mu      sync.Mutex
	records []record
}

func (d *disk) write(r record) {
	time.Sleep(time.Millisecond)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.records = append(d.records, r)
}

// newest gives a key's newest value.
func (d *disk) newest(key string) (record, bool) {
	time.Sleep(time.Millisecond)
	d.mu.Lock()
	defer d.mu.Unlock()
	best, ok := record{}, false
	for _, r := range d.records {
		if r.key == key && r.version >= best.version {
			best, ok = r, true
		}
	}
	return best, ok
}

// entry is a key in a shard.
type entry struct {
	key     string
	value   string
	version int
	dirty   bool
	place   *list.Element
}

// shard holds a part of the keys.
type shard struct {
	mu      sync.Mutex
	entries map[string]*entry
	recent  *list.List // the most recently used first
	limit   int
	hits    int
	misses  int
}

func newShard(limit int) *shard {
	return &shard{entries: map[string]*entry{}, recent: list.New(), limit: limit}
}

// get gives a key's value, if it is there.
func (s *shard) get(key string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entries[key]
	if e == nil {
		s.misses++
		return "", false
	}
	s.hits++ // want data-race "hits"
	s.recent.MoveToFront(e.place)
	return e.value, true
}

// set changes a key; it gives the entry that had to go.
func (s *shard) set(key, value string, version int, dirty bool) *entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.entries[key]; e != nil {
		s.recent.MoveToFront(e.place)
		if version == 0 {
			version = e.version + 1
		}
		e.value, e.version, e.dirty = value, version, dirty // want data-race "value" data-race "version"
		return nil
	}
	e := &entry{key: key, value: value, version: max(version, 1), dirty: dirty}
	e.place = s.recent.PushFront(e)
	s.entries[key] = e
	if s.recent.Len() <= s.limit {
		return nil
	}
	old := s.recent.Back().Value.(*entry)
	s.recent.Remove(old.place)
	delete(s.entries, old.key)
	return old
}

// changed gives the entries that are to be written.
func (s *shard) changed() []*entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*entry
	for _, e := range s.entries {
		if e.dirty {
			e.dirty = false
			all = append(all, e)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].key < all[j].key })
	return all
}

// load is a read that several may wait for.
type load struct {
	done  chan struct{}
	value string
	found bool
}

// store is all of it.
type store struct {
	disk   *disk
	shards []*shard

	mu    sync.Mutex
	loads map[string]*load

	flusher sync.WaitGroup
	cancel  context.CancelFunc
}

func newStore(d *disk, shards, limit int, every time.Duration) *store {
	ctx, cancel := context.WithCancel(context.Background())
	s := &store{disk: d, loads: map[string]*load{}, cancel: cancel}
	for range shards {
		s.shards = append(s.shards, newShard(limit))
	}
	s.flusher.Go(func() { s.flushEvery(ctx, every) })
	return s
}

func (s *store) shard(key string) *shard {
	h := fnv.New32a()
	h.Write([]byte(key))
	return s.shards[h.Sum32()%uint32(len(s.shards))]
}

// Set changes a key; the disk hears of it later.
func (s *store) Set(key, value string) {
	if old := s.shard(key).set(key, value, 0, true); old != nil {
		s.evicted(old)
	}
}

// evicted writes an entry that had to go.
func (s *store) evicted(e *entry) {
	if e.dirty {
		s.disk.write(record{e.key, e.value, e.version})
	}
}

// Get gives a key's value, from the disk if it must.
func (s *store) Get(key string) (string, bool) {
	if value, ok := s.shard(key).get(key); ok {
		return value, true
	}
	s.mu.Lock()
	l, ok := s.loads[key]
	if !ok {
		l = &load{done: make(chan struct{})}
		s.loads[key] = l
	}
	s.mu.Unlock()
	if ok {
		<-l.done
		return l.value, l.found
	}
	r, found := s.disk.newest(key)
	l.value, l.found = r.value, found
	if found {
		if old := s.shard(key).set(key, r.value, r.version, false); old != nil {
			s.evicted(old)
		}
	}
	s.mu.Lock()
	delete(s.loads, key)
	s.mu.Unlock()
	close(l.done)
	return l.value, l.found
}

// flush writes what has changed.
func (s *store) flush() {
	for _, shard := range s.shards {
		for _, e := range shard.changed() {
			s.disk.write(record{e.key, e.value, e.version}) // want data-race "value" data-race "version"
		}
	}
}

func (s *store) flushEvery(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			s.flush()
			return
		case <-tick.C:
			s.flush()
		}
	}
}

// Close writes what has changed, for the last time.
func (s *store) Close() {
	s.cancel()
	s.flusher.Wait()
}

// report tells of hits and misses.
func (s *store) report() string {
	var parts []string
	for i, shard := range s.shards {
		parts = append(parts, fmt.Sprintf("%d: %t", i, shard.hits >= 0)) // want data-race "hits"
	}
	return strings.Join(parts, " ")
}

func main() {
	d := &disk{}
	s := newStore(d, 2, 2, 2*time.Millisecond)
	var users sync.WaitGroup
	for user := range 2 {
		users.Go(func() {
			for round := range 4 {
				s.Set("common", fmt.Sprintf("of %d in %d", user, round))
				s.Set(fmt.Sprint("own", user, round%2), "x")
				s.Get("common")
				time.Sleep(time.Millisecond)
			}
		})
	}
	users.Go(func() {
		time.Sleep(3 * time.Millisecond)
		fmt.Println(s.report())
	})
	users.Wait()
	s.Close()
	_, found := d.newest("common")
	fmt.Println(found)
}
