// As in race/compared_bytes, but what is looked at has been filled before: short strings and the bytes of strings lie in frames of
// several goroutines, one after the other.
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

func fill(b *buffers, n byte) {
	b.compared[0] = 'a' + n
	b.joined[1] = 'a' + n
	b.short[2] = 'a' + n
}

func look(b *buffers, other []byte) (total int) {
	if string(b.compared) == string(other) {
		total++
	}
	total += len("<" + string(b.joined) + ">")
	for _, r := range string(b.short) {
		total += int(r)
	}
	for _, c := range []byte(string(b.joined)) {
		total += int(c)
	}
	return total
}

func main() {
	var group sync.WaitGroup
	totals := make([]int, 4)
	for i := range totals {
		b := &buffers{[]byte("compared with another, longer than a short buffer"), []byte("joined"), []byte("short")}
		filled := make(chan struct{})
		group.Go(func() {
			fill(b, byte(i))
			close(filled)
		})
		group.Go(func() {
			<-filled
			totals[i] = look(b, b.compared)
		})
	}
	group.Wait()
	fmt.Println(totals)
}
