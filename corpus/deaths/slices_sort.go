// A panic in a comparison given to slices.SortFunc.
package main

import "slices"

func main() {
	s := []int{3, 2, 1}
	slices.SortFunc(s, func(a, b int) int { panic("comparing") })
}
