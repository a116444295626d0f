// Linked: a heap of N megabytes of small linked objects, of which ever more are replaced by new ones.
//
// Prints the longest stop of the world in nanoseconds, the share of processor time spent collecting, the number of
// collections and the longest time that one operation of the program took.
package main

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"
)

type node struct {
	left, right *node
	key         int
	value       [5]int
}

func build(depth, key int) *node {
	n := &node{key: key}
	if depth > 0 {
		n.left = build(depth-1, 2*key)
		n.right = build(depth-1, 2*key+1)
	}
	return n
}

func count(n *node) int {
	if n == nil {
		return 0
	}
	return 1 + count(n.left) + count(n.right)
}

func main() {
	megabytes, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	// Trees of 1023 nodes of 64 bytes.
	trees := make([]*node, megabytes<<20/(1023*64))
	for i := range trees {
		trees[i] = build(9, 1)
	}
	runtime.GC()
	random := uint32(1)
	var longest time.Duration
	start := time.Now()
	operations := 0
	for time.Since(start) < 8*time.Second {
		before := time.Now()
		for i := 0; i < 4; i++ {
			random = random*1664525 + 1013904223
			tree := trees[int(random>>8)%len(trees)]
			// A subtree of 127 nodes is replaced.
			at := &tree.left
			for depth := 0; depth < 2; depth++ {
				random = random*1664525 + 1013904223
				if random>>31 == 0 {
					at = &(*at).left
				} else {
					at = &(*at).right
				}
			}
			*at = build(6, 1)
			operations++
		}
		longest = max(longest, time.Since(before))
	}
	for _, tree := range trees {
		if n := count(tree); n != 1023 {
			panic(fmt.Sprint("a tree of ", n))
		}
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	var gc debug.GCStats
	gc.PauseQuantiles = make([]time.Duration, 2)
	debug.ReadGCStats(&gc)
	if math.IsNaN(stats.GCCPUFraction) {
		panic("no fraction")
	}
	fmt.Println(gc.PauseQuantiles[1].Nanoseconds(), stats.GCCPUFraction, stats.NumGC, longest.Nanoseconds(), operations)
}
