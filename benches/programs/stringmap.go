// Words counted in a map by string, looked up by bytes, and a map of ints.
package main

import "fmt"

func main() {
	counts := map[string]int{}
	word := make([]byte, 0, 16)
	state := uint32(1)
	for range 3_000_000 {
		state = state*1664525 + 1013904223
		n := state >> 18
		word = append(word[:0], "word-"...)
		for n > 0 {
			word = append(word, byte('a'+n%26))
			n /= 26
		}
		if _, ok := counts[string(word)]; !ok {
			counts[string(word)] = 0
		}
		counts[string(word)]++
	}
	numbers := map[int]int{}
	for i := range 2_000_000 {
		numbers[i&0xffff] += i
	}
	total := 0
	for key, n := range counts {
		total += len(key) * n
	}
	fmt.Println(len(counts), total, numbers[77])
}
