// Eight goroutines search one binary tree, which was built before.
package main

import (
	"fmt"
	"sync"
)

type node struct {
	key         int
	left, right *node
}

func (n *node) insert(key int) *node {
	if n == nil {
		return &node{key: key}
	}
	if key < n.key {
		n.left = n.left.insert(key)
	} else {
		n.right = n.right.insert(key)
	}
	return n
}

func (n *node) has(key int) bool {
	for n != nil && n.key != key {
		if key < n.key {
			n = n.left
		} else {
			n = n.right
		}
	}
	return n != nil
}

func main() {
	var root *node
	state := uint32(1)
	keys := make([]int, 20000)
	for i := range keys {
		state = state*1664525 + 1013904223
		keys[i] = int(state >> 8)
		root = root.insert(keys[i])
	}
	var all sync.WaitGroup
	found := make([]int, 8)
	for g := range found {
		all.Go(func() {
			for range 5 {
				for i := g; i < len(keys); i += 3 {
					if root.has(keys[i]) {
						found[g]++
					}
				}
			}
		})
	}
	all.Wait()
	fmt.Println(found)
}
