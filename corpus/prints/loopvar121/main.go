// Below Go 1.22 all iterations of a loop share its variables.
package main

import "fmt"

type pair struct {
	n int
	s [40]int
}

func generic[T any](list []T) (out []*T) {
	for _, v := range list {
		out = append(out, &v)
	}
	return
}

func main() {
	var fs []func()
	for i := range []int{1, 2} {
		fs = append(fs, func() { fmt.Println("slice key", i) })
	}
	for _, v := range []int{1, 2} {
		fs = append(fs, func() { fmt.Println("slice value", v) })
	}
	for i, v := range []pair{{n: 1}, {n: 2}} {
		fs = append(fs, func() { fmt.Println("large value", i, v.n) })
	}
	for _, v := range [2]int{1, 2} {
		fs = append(fs, func() { fmt.Println("array value", v) })
	}
	for i, v := range &[2]string{"a", "b"} {
		fs = append(fs, func() { fmt.Println("pointer", i, v) })
	}
	for i, c := range "ab" {
		fs = append(fs, func() { fmt.Println("string", i, c) })
	}
	for k := range map[int]int{7: 1} {
		fs = append(fs, func() { fmt.Println("map", k) })
	}
	for k, v := range map[string]int{"x": 1} {
		fs = append(fs, func() { fmt.Println("map", k, v) })
	}
	c := make(chan int, 2)
	c <- 1
	c <- 2
	close(c)
	for v := range c {
		fs = append(fs, func() { fmt.Println("chan", v) })
	}
	for _, f := range fs {
		f()
	}
	var ps []*int
	for _, v := range []int{1, 2, 3} {
		ps = append(ps, &v)
	}
	fmt.Println(*ps[0], *ps[1], ps[0] == ps[1])
	var qs []*int
	for i := 0; i < 2; i++ {
		qs = append(qs, &i)
	}
	fmt.Println(*qs[0], qs[0] == qs[1])
	gs := generic([]string{"p", "q"})
	fmt.Println(*gs[0], gs[0] == gs[1])
	// Each start of a loop has variables of its own.
	var rounds []func() int
	for i := 0; i < 2; i++ {
		for _, v := range []int{10, 20} {
			rounds = append(rounds, func() int { return v + i })
		}
	}
	fmt.Println(rounds[0](), rounds[1](), rounds[2](), rounds[3]())
	for i, v := range []int{5, 6, 7} {
		v += i
		i++
		defer func() { fmt.Println("defer", i, v) }()
		if v == 7 {
			continue
		}
	}
	v := []int{1, 2}
	for _, v := range v {
		fs[0] = func() { fmt.Println("shadow", v) }
	}
	fs[0]()
	for i := range v {
		i = 7
		_ = i
	}
	var any []interface{}
	for _, v := range [...]interface{}{1, "x"} {
		any = append(any, &v)
	}
	fmt.Println(any[0] == any[1])
}
