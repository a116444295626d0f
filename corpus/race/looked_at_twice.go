// A cell is looked at several times in a row, and written, without anything in between: one check stands for all of them.
//
// Provenance: own.
package main

import "fmt"

type gauge struct {
	samples [4]int
	last    int
}

func (g *gauge) record(i, value int) {
	if g.samples[i] < value && g.samples[i] >= 0 {
		g.samples[i] = value // want data-race "samples"
		g.last = g.samples[i] + g.samples[i]
	}
}

func main() {
	g := &gauge{}
	done := make(chan bool)
	go func() {
		g.samples[2] = 5 // want data-race "samples"
		done <- true
	}()
	g.record(2, 7)
	<-done
	fmt.Println(g.last % 7)
}
