// An element's slice is read after the call that gives its value.
package main

type node struct{ kids [26]int }

var nodes = []node{{}}

func newNode() int { nodes = append(nodes, node{}); return len(nodes) - 1 }

func insert(w string) {
	cur := 0
	for _, c := range w {
		if nodes[cur].kids[c-'a'] == 0 {
			nodes[cur].kids[c-'a'] = newNode()
		}
		cur = nodes[cur].kids[c-'a']
	}
}

func main() {
	for _, w := range []string{"the", "they", "then", "quick", "quirk", "brown", "brow"} {
		insert(w)
	}
	println(len(nodes) - 1)
}
