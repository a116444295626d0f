// The Mandelbrot set: floating point in registers, no memory.
package main

import "fmt"

func main() {
	const n, iterations = 2000, 60
	inside := 0
	for y := range n {
		for x := range n {
			cr, ci := 2*float64(x)/n-1.5, 2*float64(y)/n-1
			var zr, zi, tr, ti float64
			i := 0
			for ; i < iterations && tr+ti <= 4; i++ {
				zi = 2*zr*zi + ci
				zr = tr - ti + cr
				tr, ti = zr*zr, zi*zi
			}
			if i == iterations {
				inside++
			}
		}
	}
	fmt.Println(inside)
}
