package runtime

import "unsafe"

// runtime/metrics: every name of the SDK's description.go. Where gorace keeps only a sum, a histogram has one bucket with
// all of it; what gorace does not have (a scavenger, idle marking, cgo) is zero.

// metricSample and metricHistogram are shared with package metrics (Sample, Float64Histogram).
type metricSample struct {
	name    string
	kind    int
	scalar  uint64
	pointer unsafe.Pointer
}

const (
	metricBad = iota
	metricUint64
	metricFloat64
	metricHistogramKind
)

type metricHistogram struct {
	counts  []uint64
	buckets []float64
}

func (s *metricSample) uint64(n uint64) {
	s.kind = metricUint64
	s.scalar = n
}

func (s *metricSample) float64(x float64) {
	s.kind = metricFloat64
	s.scalar = *(*uint64)(unsafe.Pointer(&x))
}

func (s *metricSample) histogram(count uint64, least float64) {
	h := (*metricHistogram)(s.pointer)
	if s.kind != metricHistogramKind || h == nil {
		h = &metricHistogram{counts: make([]uint64, 1), buckets: []float64{least, infinity()}}
		s.pointer = unsafe.Pointer(h)
	}
	s.kind = metricHistogramKind
	h.counts[0] = count
}

func infinity() float64 {
	bits := uint64(0x7ff) << 52
	return *(*float64)(unsafe.Pointer(&bits))
}

// godebugCounters are the functions that internal/godebug registers, by the metric's name.
var (
	godebugCounters map[string]func() uint64
	countersLock    runtimeLock
)

//go:linkname godebug_registerMetric internal/godebug.registerMetric
func godebug_registerMetric(name string, read func() uint64) {
	countersLock.take()
	if godebugCounters == nil {
		godebugCounters = make(map[string]func() uint64)
	}
	godebugCounters[name] = read
	countersLock.give()
}

//go:linkname readMetrics runtime/metrics.runtime_readMetrics
func readMetrics(samples unsafe.Pointer, length, capacity int) {
	var m MemStats
	ReadMemStats(&m)
	// Shared with the native: runnable, waiting and all goroutines, those made so far.
	var counts [4]uint64
	goroutineCounts(&counts[0])
	seconds := func(ns uint64) float64 { return float64(ns) / 1e9 }
	elapsed := seconds(uint64(nanotime()))
	pauses := seconds(m.PauseTotalNs)
	all := unsafe.Slice((*metricSample)(samples), length)
	for i := range all {
		s := &all[i]
		switch s.name {
		case "/cpu/classes/gc/pause:cpu-seconds", "/cpu/classes/gc/total:cpu-seconds":
			s.float64(pauses)
		case "/cpu/classes/user:cpu-seconds":
			s.float64(elapsed - pauses)
		case "/cpu/classes/idle:cpu-seconds":
			s.float64(elapsed * float64(gomaxprocs(0)-1))
		case "/cpu/classes/total:cpu-seconds":
			s.float64(elapsed * float64(gomaxprocs(0)))
		case "/cpu/classes/gc/mark/assist:cpu-seconds", "/cpu/classes/gc/mark/dedicated:cpu-seconds",
			"/cpu/classes/gc/mark/idle:cpu-seconds", "/cpu/classes/scavenge/assist:cpu-seconds",
			"/cpu/classes/scavenge/background:cpu-seconds", "/cpu/classes/scavenge/total:cpu-seconds",
			"/sync/mutex/wait/total:seconds":
			s.float64(0)
		case "/gc/cleanups/executed:cleanups":
			s.uint64(specialsRun.cleanups)
		case "/gc/cleanups/queued:cleanups":
			s.uint64(specialsRun.cleanups)
		case "/gc/finalizers/executed:finalizers", "/gc/finalizers/queued:finalizers":
			s.uint64(specialsRun.finalizers)
		case "/gc/cycles/automatic:gc-cycles":
			s.uint64(uint64(m.NumGC - m.NumForcedGC))
		case "/gc/cycles/forced:gc-cycles":
			s.uint64(uint64(m.NumForcedGC))
		case "/gc/cycles/total:gc-cycles":
			s.uint64(uint64(m.NumGC))
		case "/gc/gogc:percent":
			percent := setGCPercent(-1)
			setGCPercent(percent)
			s.uint64(uint64(percent))
			if percent < 0 {
				s.uint64(^uint64(0))
			}
		case "/gc/gomemlimit:bytes":
			s.uint64(uint64(setMemoryLimit(-1)))
		case "/gc/heap/allocs-by-size:bytes":
			s.histogram(m.Mallocs, 1)
		case "/gc/heap/frees-by-size:bytes":
			s.histogram(m.Frees, 1)
		case "/gc/heap/allocs:bytes":
			s.uint64(m.TotalAlloc)
		case "/gc/heap/allocs:objects":
			s.uint64(m.Mallocs)
		case "/gc/heap/frees:bytes":
			s.uint64(m.TotalAlloc - m.Alloc)
		case "/gc/heap/frees:objects":
			s.uint64(m.Frees)
		case "/gc/heap/goal:bytes":
			s.uint64(m.NextGC)
		case "/gc/heap/live:bytes", "/gc/scan/heap:bytes", "/memory/classes/heap/objects:bytes":
			s.uint64(m.HeapAlloc)
		case "/gc/heap/objects:objects":
			s.uint64(m.HeapObjects)
		case "/gc/scan/stack:bytes", "/memory/classes/heap/stacks:bytes":
			s.uint64(m.StackInuse)
		case "/gc/scan/total:bytes":
			s.uint64(m.HeapAlloc + m.StackInuse)
		case "/gc/stack/starting-size:bytes":
			s.uint64(4096)
		case "/memory/classes/heap/free:bytes":
			s.uint64(m.HeapIdle - m.HeapReleased)
		case "/memory/classes/heap/released:bytes":
			s.uint64(m.HeapReleased)
		case "/memory/classes/heap/unused:bytes":
			s.uint64(m.HeapInuse - m.HeapAlloc)
		case "/memory/classes/total:bytes":
			s.uint64(m.HeapSys + m.StackSys)
		case "/gc/pauses:seconds", "/sched/pauses/stopping/gc:seconds", "/sched/pauses/total/gc:seconds":
			s.histogram(uint64(m.NumGC), 0)
		case "/sched/latencies:seconds", "/sched/pauses/stopping/other:seconds", "/sched/pauses/total/other:seconds":
			s.histogram(0, 0)
		case "/sched/gomaxprocs:threads":
			s.uint64(uint64(gomaxprocs(0)))
		case "/sched/threads/total:threads", "/sched/goroutines/running:goroutines":
			s.uint64(1)
		case "/sched/goroutines/runnable:goroutines":
			s.uint64(counts[0])
		case "/sched/goroutines/waiting:goroutines":
			s.uint64(counts[1])
		case "/sched/goroutines:goroutines":
			s.uint64(counts[2])
		case "/sched/goroutines-created:goroutines":
			s.uint64(counts[3])
		case "/cgo/go-to-c-calls:calls", "/gc/heap/tiny/allocs:objects", "/gc/limiter/last-enabled:gc-cycle",
			"/gc/scan/globals:bytes", "/memory/classes/metadata/mcache/free:bytes",
			"/memory/classes/metadata/mcache/inuse:bytes", "/memory/classes/metadata/mspan/free:bytes",
			"/memory/classes/metadata/mspan/inuse:bytes", "/memory/classes/metadata/other:bytes",
			"/memory/classes/os-stacks:bytes", "/memory/classes/other:bytes",
			"/memory/classes/profiling/buckets:bytes", "/sched/goroutines/not-in-go:goroutines":
			s.uint64(0)
		default:
			s.godebug()
		}
	}
}

// godebug answers the counters of GODEBUG settings; any other name is unknown.
func (s *metricSample) godebug() {
	const prefix, suffix = "/godebug/non-default-behavior/", ":events"
	name := s.name
	if len(name) <= len(prefix)+len(suffix) || name[:len(prefix)] != prefix || name[len(name)-len(suffix):] != suffix {
		s.kind = metricBad
		s.scalar = 0
		s.pointer = nil
		return
	}
	countersLock.take()
	read := godebugCounters[name]
	countersLock.give()
	s.uint64(0)
	if read != nil {
		s.uint64(read())
	}
}

// specialsRun counts what finalizerproc has run.
var specialsRun struct{ finalizers, cleanups uint64 }

//go:linkname debug_WriteHeapDump runtime/debug.WriteHeapDump
func debug_WriteHeapDump(fd uintptr) {
	var m MemStats
	ReadMemStats(&m)
	// In the order of the format's record of memory statistics.
	stats := [...]uint64{
		m.Alloc, m.TotalAlloc, m.Sys, m.Lookups, m.Mallocs, m.Frees, m.HeapAlloc, m.HeapSys, m.HeapIdle, m.HeapInuse,
		m.HeapReleased, m.HeapObjects, m.StackInuse, m.StackSys, m.MSpanInuse, m.MSpanSys, m.MCacheInuse, m.MCacheSys,
		m.BuckHashSys, m.GCSys, m.OtherSys, m.NextGC, m.LastGC, m.PauseTotalNs,
	}
	writeHeapDump(fd, &stats[0], len(stats), m.NumGC)
}
