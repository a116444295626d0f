// A panic in a sort's comparison.
package main

import "sort"

func main() { s := []int{2, 1}; sort.Slice(s, func(i, j int) bool { return s[i+5] < s[j] }) }
