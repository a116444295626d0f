// Matrix multiplication: 300×300 float64, four times, in one goroutine.
package main

import "fmt"

const n = 300

func multiply(a, b, c [][]float64) {
	for i := range a {
		for j := range b[0] {
			sum := 0.0
			for k := range b {
				sum += a[i][k] * b[k][j]
			}
			c[i][j] = sum
		}
	}
}

func matrix(seed float64) [][]float64 {
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, n)
		for j := range m[i] {
			m[i][j] = seed * float64(i-j) / n
		}
	}
	return m
}

func main() {
	a, b, c := matrix(1), matrix(2), matrix(0)
	for range 4 {
		multiply(a, b, c)
		a, c = c, a
	}
	fmt.Printf("%.4g\n", a[17][42])
}
