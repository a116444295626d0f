// Trees built and thrown away: allocation and collection of small objects.
package main

import "fmt"

type tree struct{ left, right *tree }

func build(depth int) *tree {
	if depth == 0 {
		return &tree{}
	}
	return &tree{build(depth - 1), build(depth - 1)}
}

func (t *tree) count() int {
	if t.left == nil {
		return 1
	}
	return 1 + t.left.count() + t.right.count()
}

func main() {
	const limit = 16
	long := build(limit)
	for depth := 4; depth <= limit; depth += 4 {
		n := 1 << (limit - depth + 4)
		sum := 0
		for range n {
			sum += build(depth).count()
		}
		fmt.Println(n, depth, sum)
	}
	fmt.Println(long.count())
}
