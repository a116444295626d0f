// Four goroutines multiply shared matrices, each its rows.
package main

import (
	"fmt"
	"sync"
)

const n = 250

func matrix(f func(i, j int) float64) [][]float64 {
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = make([]float64, n)
		for j := range rows[i] {
			rows[i][j] = f(i, j)
		}
	}
	return rows
}

func main() {
	a := matrix(func(i, j int) float64 { return float64(i + j) })
	b := matrix(func(i, j int) float64 { return float64(i - j) })
	c := matrix(func(i, j int) float64 { return 0 })
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := w; i < n; i += 4 {
				for j := range n {
					sum := 0.0
					for k := range n {
						sum += a[i][k] * b[k][j]
					}
					c[i][j] = sum
				}
			}
		})
	}
	all.Wait()
	fmt.Println(c[3][5], c[n-1][n-1])
}
