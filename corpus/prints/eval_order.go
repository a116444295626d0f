// Variables are read after the calls of their statement.
package main

import "fmt"

type T struct{ n int }

func (t *T) inc() int { t.n++; return t.n }

type stack struct{ s []int }

func (s *stack) pop() int { x := s.s[len(s.s)-1]; s.s = s.s[:len(s.s)-1]; return x }

var g = 1

func setg(v int) int { g = v; return v }

func main() {
	t := &T{}
	fmt.Println(t.n, t.inc(), t.n)
	x := 1
	f := func() int { x = 10; return 1 }
	fmt.Println(x+f(), x)
	x = 1
	y := x - f()
	fmt.Println(y)
	s := &stack{[]int{1, 2, 3}}
	fmt.Println(len(s.s), s.pop(), len(s.s))
	r := g + setg(5)
	fmt.Println(r)
	g = 1
	a := [3]int{g, setg(7), g}
	fmt.Println(a)
	g = 1
	m := map[string]int{"a": g, "b": setg(3), "c": g}
	fmt.Println(m["a"], m["b"], m["c"])
	g = 1
	if g == setg(2) {
		fmt.Println("equal")
	}
	g = 1
	b := g == 1 && setg(4) == g
	fmt.Println(b)
	g = 1
	st := struct{ a, b int }{g, setg(9)}
	fmt.Println(st)
	g = 1
	func(a, b int) { fmt.Println(a, b) }(g, setg(2))
	ret := func() (int, int) { g = 1; return g, setg(6) }
	fmt.Println(ret())
	str := "a"
	add := func() string { str += "b"; return str }
	fmt.Println(str+add()+str, str)
	arr := []int{1, 2, 3}
	app := func() int { arr = append(arr, 4); return len(arr) }
	fmt.Println(arr[0]+app(), len(arr), arr)
	p := &T{5}
	sw := func() int { p = &T{100}; return 1 }
	fmt.Println(p.n + sw())
	var i any = 1
	si := func() int { i = "s"; return 1 }
	fmt.Println(i, si(), i)
	x = 1
	x += f()
	fmt.Println(x)
	c := make(chan int, 3)
	g = 1
	c <- g + setg(8)
	fmt.Println(<-c)
}
