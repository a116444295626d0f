// A pipeline of three stages over channels, with a struct handed on by pointer.
package main

import "fmt"

type item struct {
	n      int
	text   string
	length int
}

func stage(in <-chan *item, change func(*item)) <-chan *item {
	out := make(chan *item, 32)
	go func() {
		defer close(out)
		for it := range in {
			change(it)
			out <- it
		}
	}()
	return out
}

func main() {
	source := make(chan *item, 32)
	go func() {
		for n := range 100000 {
			source <- &item{n: n}
		}
		close(source)
	}()
	named := stage(source, func(it *item) { it.text = fmt.Sprint("item ", it.n) })
	measured := stage(named, func(it *item) { it.length = len(it.text) })
	total := 0
	for it := range measured {
		total += it.length
	}
	fmt.Println(total)
}
