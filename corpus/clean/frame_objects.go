// Objects that could share memory with an earlier one of the same place, if the compiler took them for short-lived: each must
// keep its value as long as somebody looks at it.
//
// Provenance: own.
package main

import "fmt"

type node struct {
	value int
	next  *node
}

type holder struct{ first, second *node }

// A list made in a loop never leaves its function, but each node outlives its iteration.
func chain(n int) int {
	var list *node
	for i := range n {
		list = &node{i, list}
	}
	sum := 0
	for at := list; at != nil; at = at.next {
		sum = sum*3 + at.value
	}
	return sum
}

// The previous iteration's object is looked at after the new one was made.
func previous(n int) int {
	var last *node
	sum := 0
	for i := range n {
		now := &node{value: i * i}
		if last != nil {
			sum += now.value - last.value
		}
		last = now
	}
	return sum
}

// The same with goto.
func again(n int) int {
	i, sum := 0, 0
	var kept *node
next:
	now := &node{value: i}
	if kept == nil || i == 2 {
		kept = now
	}
	sum += kept.value*10 + now.value
	if i++; i < n {
		goto next
	}
	return sum
}

// Deferred calls in a loop see each their own variable.
func deferred(n int) (out []int) {
	for i := range n {
		square := i * i
		defer func() { out = append(out, square, i) }()
	}
	return nil
}

func recovered() (text string) {
	message := &node{value: 7}
	defer func() {
		recover()
		text = fmt.Sprint("recovered ", message.value)
	}()
	message.value++
	var nobody *node
	return fmt.Sprint(nobody.value)
}

// What one parameter leads to is put into what another leads to.
func link(h *holder, n *node) { h.second = n }

func mix(h *holder) { h.first.next = h.second }

func linked(n int) int {
	sum := 0
	var outer holder
	for i := range n {
		var inner holder
		inner.first = &node{value: i}
		link(&inner, &node{value: 2 * i})
		mix(&inner)
		sum += inner.first.next.value
		if i == 1 {
			outer = inner
		}
	}
	return sum + outer.first.value*100 + outer.second.value*1000
}

func functions(n int) int {
	var list []func() int
	for i := range n {
		count := i
		list = append(list, func() int { count++; return count })
	}
	sum := 0
	for _, f := range list {
		sum = sum*10 + f() + f()
	}
	return sum
}

func swapped() (int, int) {
	a, b := &node{value: 1}, &node{value: 2}
	for range 3 {
		fresh := &node{value: a.value + b.value}
		a, b = b, fresh
	}
	return a.value, b.value
}

func arrays(n int) int {
	var kept [][]int
	sum := 0
	for i := range n {
		row := make([]int, 4)
		row[i%4] = i
		if i%2 == 0 {
			kept = append(kept, row)
		}
		sum += row[0] + len(row)
	}
	for _, row := range kept {
		for j, v := range row {
			sum += j * v
		}
	}
	return sum
}

func deep(n int) *node {
	if n == 0 {
		return nil
	}
	here := node{value: n}
	if below := deep(n - 1); below != nil {
		here.value += below.value
	}
	return &here
}

func main() {
	fmt.Println(chain(6), previous(5), again(4), deferred(3), recovered(), linked(4))
	fmt.Println(functions(3))
	fmt.Println(swapped())
	fmt.Println(arrays(7), deep(100).value)
}
