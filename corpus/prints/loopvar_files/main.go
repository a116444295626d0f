// A file's go:build line gives it a language version of its own, up and down.
package main

import "fmt"

func main() {
	fmt.Println(shared())
	fmt.Println(apart())
	fmt.Println(older())
	fmt.Println(either())
}

func shared() (same bool, last int) {
	var ps []*int
	for _, v := range []int{1, 2} {
		ps = append(ps, &v)
	}
	return ps[0] == ps[1], *ps[0]
}
