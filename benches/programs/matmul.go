// Square matrices of float64 multiplied: nested loops over slices of slices.
package main

import "fmt"

const n = 400

func matrix(seed float64) [][]float64 {
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, n)
		for j := range m[i] {
			m[i][j] = seed * float64(i-j) * float64(i+j)
		}
	}
	return m
}

func multiply(a, b [][]float64) [][]float64 {
	c := make([][]float64, n)
	for i := range c {
		row := make([]float64, n)
		for k := range b {
			x := a[i][k]
			for j := range row {
				row[j] += x * b[k][j]
			}
		}
		c[i] = row
	}
	return c
}

func main() {
	a, b := matrix(0.01), matrix(0.02)
	var c [][]float64
	for range 10 {
		c = multiply(a, b)
	}
	fmt.Println(c[n/2][n/3])
}
