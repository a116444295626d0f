// An image of bytes blurred by rows: each goroutine reads rows that others read, too.
package main

import (
	"fmt"
	"sync"
)

const width, height = 640, 480

func main() {
	in, out := make([]byte, width*height), make([]byte, width*height)
	for i := range in {
		in[i] = byte(i * 7)
	}
	for range 3 {
		var all sync.WaitGroup
		for g := range 4 {
			all.Go(func() {
				for y := 1 + g; y < height-1; y += 4 {
					for x := 1; x < width-1; x++ {
						at := y*width + x
						sum := int(in[at-width]) + int(in[at-1]) + int(in[at]) + int(in[at+1]) + int(in[at+width])
						out[at] = byte(sum / 5)
					}
				}
			})
		}
		all.Wait()
		in, out = out, in
	}
	sum := 0
	for _, b := range in {
		sum += int(b)
	}
	fmt.Println(sum)
}
