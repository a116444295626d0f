// Bytes that are compared, concatenated and ranged over as strings are read where they lie, without a copy: the reads race all the same.
//
// Provenance: own.
package main

import (
	"fmt"
	"sync"
)

type buffers struct {
	compared, joined, short []byte
}

func fill(b *buffers) {
	b.compared[0] = 'x' // want data-race "compared"
	b.joined[1] = 'y'   // want data-race "joined"
	b.short[2] = 'z'    // want data-race "short"
}

func look(b *buffers, other []byte) (total int) {
	if string(b.compared) == string(other) { // want data-race "compared"
		total++
	}
	total += len("<" + string(b.joined) + ">") // want data-race "joined"
	for range string(b.short) { // want data-race "short"
		total++
	}
	return total
}

func main() {
	b := buffers{[]byte("compared with another, longer than a short buffer"), []byte("joined"), []byte("short")}
	var group sync.WaitGroup
	group.Go(func() { fill(&b) })
	total := look(&b, make([]byte, len(b.compared)))
	group.Wait()
	fmt.Println(total > 0)
}
