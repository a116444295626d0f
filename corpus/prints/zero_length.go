// Arrays without elements, indexed by what is known only when the program runs: the index is evaluated, then it is out of range.
package main

import "fmt"

type E struct{}
type A [0]int
type S struct {
	n int
	a [0]string
}

var g [0]int
var n int

func i() int { fmt.Println("i"); return n }

func try(name string, f func()) {
	defer func() { fmt.Println(name, recover()) }()
	f()
}

func large() (a [0]struct{ x [100]int }) { return }

type big struct{ x [100]int }

func gen[T any](i int) (t T) {
	var a [0]T
	return a[i]
}

func gens[T ~[0]int | ~[2]int](a T, i int) int { return a[i] }

func main() {
	var a [0]int
	var b [0]string
	var c [0][3]int
	var d A
	var s S
	var e [3][0]int
	var f [0]E
	var h [0]big
	var k [0]any
	var l [0]func()
	var p *[0]int
	var q = &a
	m := map[string][0]int{}
	ch := make(chan [0]int, 1)
	try("load", func() { fmt.Println(a[i()]) })
	try("load string", func() { fmt.Println(b[i()]) })
	try("load array", func() { fmt.Println(c[i()][1]) })
	try("load array 2", func() { fmt.Println(c[i()][n]) })
	try("named", func() { fmt.Println(d[i()]) })
	try("field", func() { fmt.Println(s.a[i()]) })
	try("within", func() { fmt.Println(e[i()][i()]) })
	try("empty elements", func() { fmt.Println(f[i()]) })
	try("big", func() { fmt.Println(h[i()].x[3]) })
	try("big 2", func() { v := h[i()]; fmt.Println(v.x[3]) })
	try("any", func() { fmt.Println(k[i()]) })
	try("call", func() { l[i()]() })
	try("store", func() { a[i()] = 1 })
	try("store string", func() { b[i()] = "x" })
	try("store array", func() { c[i()] = [3]int{} })
	try("store elem", func() { c[i()][2] = 3 })
	try("store big", func() { h[i()] = big{} })
	try("store any", func() { k[i()] = 5 })
	try("op", func() { a[i()] += 2 })
	try("inc", func() { a[i()]++ })
	try("tuple", func() { a[i()], n = 1, 2 })
	try("address", func() { fmt.Println(&a[i()]) })
	try("slice", func() { fmt.Println(a[:], a[i():], len(a[:i()])) })
	try("slice out", func() { n = 1; fmt.Println(a[i():]) })
	n = 0
	try("literal", func() { fmt.Println([0]int{}[i()]) })
	try("literal big", func() { fmt.Println([0]big{}[i()]) })
	try("result", func() { fmt.Println(large()[i()]) })
	try("pointer", func() { fmt.Println(q[i()]) })
	try("nil pointer", func() { fmt.Println(p[i()]) })
	try("store nil pointer", func() { p[i()] = 1 })
	try("global", func() { fmt.Println(g[i()]) })
	try("map", func() { fmt.Println(m["x"][i()]) })
	try("chan", func() { ch <- a; fmt.Println((<-ch)[i()]) })
	try("any array", func() { var x any = a; fmt.Println(x.([0]int)[i()]) })
	try("range", func() {
		for j := range a {
			fmt.Println(a[j])
		}
		for j, v := range b {
			fmt.Println(j, v)
		}
	})
	try("generic", func() { fmt.Println(gen[int](i())) })
	try("generic string", func() { fmt.Println(gen[string](i())) })
	try("generic big", func() { fmt.Println(gen[big](i())) })
	try("generic empty", func() { fmt.Println(gen[E](i())) })
	try("core", func() { fmt.Println(gens([0]int{}, i())) })
	try("core 2", func() { fmt.Println(gens([2]int{4, 5}, i())) })
	try("negative", func() { n = -1; fmt.Println(a[i()]) })
	try("uint", func() { fmt.Println(a[uint8(i())]) })
	n = 0
	func() {
		var a [0]int
		x := n
		try("captured", func() { fmt.Println(a[x]) })
	}()
	try("compare", func() { fmt.Println(a[i()] == 1 && b[i()] == "") })
	try("and", func() { fmt.Println(n == 1 && a[n] == 2) })
}
