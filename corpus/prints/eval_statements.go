// What gc evaluates before the calls of a statement, and what after: statement by statement.
package main

import "fmt"

type S struct {
	a, b int
}

func (s S) val(n int) int   { return s.a*10 + n }
func (s *S) bump(n int) int { s.a += n; return s.a }

type I interface{ val(int) int }

type N int

func (n N) val(i int) int { return int(n)*100 + i }

type P struct {
	v    int
	s    S
	next *P
}

var (
	g  = 1
	k  = byte(1)
	gs = S{1, 2}
	ga = [3]int{1, 2, 3}
	gl = []int{1, 2, 3}
	gm = map[int]int{1: 10, 2: 20}
	gt = "t"
	gi any
	gp = &P{v: 1}
	gf = func(n int) int { return n }
	tr string
)

// set changes everything.
//
//go:noinline
func set(n int) int {
	tr += "s"
	g, k, gs, ga, gt, gi = n, byte(n), S{n, n}, [3]int{n, n, n}, gt+"+", n
	gl = []int{n, n + 1, n + 2}
	gm = map[int]int{n: n * 100}
	gp = &P{v: n * 10, next: gp}
	gf = func(int) int { return -n }
	return n
}

func two(n int) (int, int) { set(n); return n, n + 1 }

func show(name string, f func() any) {
	g, k, gs, ga, gt, gi, tr = 1, 1, S{1, 2}, [3]int{1, 2, 3}, "t", 1, ""
	gl, gm, gp = []int{1, 2, 3}, map[int]int{1: 10, 2: 20}, &P{v: 1, s: S{3, 4}}
	gf = func(n int) int { return n }
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(name, "panics:", r, g, gl, gm, gp.v, tr)
		}
	}()
	x := f()
	fmt.Println(name, x, g, gl, ga, gm, gs, gp.v, tr)
}

func main() {
	show("sum", func() any { return g + set(5) })
	show("key by address", func() any { return gmb[k+1] + set(5) })
	show("element", func() any { return gl[0] + set(5) })
	show("map element", func() any { return gm[g] + set(5) })
	show("field", func() any { return gp.v + set(5) })
	show("length", func() any { return len(gt) + set(5) + len(gt) })
	show("slice", func() any { return []any{gl[:2], set(5), gl[:2]} })
	show("boxed int, struct, bool", func() any { return []any{g, gs, g == 1, S{g, 1}, set(5), g, gs, g == 1} })
	show("boxed byte", func() any { return []any{k, k + 1, set(5), k} })
	show("boxed array", func() any { return []any{ga, [2]int{g, g}, set(5), ga} })
	show("text", func() any { return gt + fmt.Sprint(set(5)) + gt })
	show("bytes", func() any { return []any{[]byte(gt), string([]byte(gt)), set(5), []byte(gt)} })
	show("assertion", func() any { return gi.(int) + set(5) + gi.(int) })
	show("method", func() any { return gs.val(set(5)) })
	show("pointer method", func() any { return gs.bump(set(5)) })
	show("two methods", func() any { return gs.val(0) + gs.bump(3) + gs.val(0) })
	show("converted receiver", func() any { return I(N(g)).val(set(5)) })
	show("method value", func() any { return []func(int) int{gs.val, gf}[set(0)&1](g) })
	show("func value", func() any { return gf(set(5)) })
	show("and", func() any { return g == 1 && set(5) == g })
	show("or inside", func() any { return []any{g, g == 2 || set(5) == g, g} })
	show("comparison", func() any { return gs == S{set(1), g} })
	show("literal", func() any { return [3]int{g, set(5), g} })
	show("literal of a map", func() any { return map[string]int{"a": g, "b": set(5), "c": g} })
	show("closure", func() any { return func(a, b int) int { return a*10 + b }(g, set(5)) })
	show("conversion", func() any { return int64(g) + int64(set(5)) })
	show("min", func() any { return min(g, 3) + set(5) })
	show("several results", func() any { return fmt.Sprint(two(g)) })
	show("append", func() any { return append(gl, set(5)) })
	show("append own", func() any { gl = append(gl, set(5), g); return 0 })
	show("assign element", func() any { gl[g] = set(2); return 0 })
	show("assign map", func() any { gm[g] = set(2); return 0 })
	show("assign field", func() any { gp.v = set(2); return 0 })
	show("assign pointer", func() any { *gp = P{v: set(2)}; return 0 })
	show("assign nested", func() any { gp.next.s.a = set(2); return 0 })
	show("op assign", func() any { g += set(2); return 0 })
	show("op assign element", func() any { gl[0] += set(2); return 0 })
	show("op assign map", func() any { gm[g] += set(2); return 0 })
	show("swap", func() any { gl[0], gl[2] = gl[2], gl[0]; return 0 })
	show("index and element", func() any { g, gl[g] = 2, 9; return 0 })
	show("two from call", func() any { g, gl[g] = two(0); return 0 })
	show("two, key by address", func() any { m := map[byte]int{}; m[k+1], m[k+2] = two(4); return m })
	show("local index", func() any { i := 0; l := []int{1, 2, 3}; i, l[i] = 2, 9; return append(l, i) })
	show("half done", func() any { z := 0; gl[0], z = 9, 1/z; return 0 })
	show("half done, memory", func() any { gl[0], g = 9, gl[g+8]; return 0 })
	show("index and divisor", func() any { z := 0; gl[9] = 1 / z; return 0 })
	show("comma ok", func() any { gm[g], _ = gm[set(2)]; return 0 })
	show("defer", func() (r any) { defer func(a, b int) { r = []int{a, b} }(g, set(5)); return 0 })
	show("named result", func() any {
		a, b := func() (a, b int) {
			defer func() { recover(); a++ }()
			a, b = 7, 8
			return b, a / (a - 7)
		}()
		return []int{a, b}
	})
	show("result of a panic", func() any {
		a, b := func() (a, b int) {
			defer func() { recover() }()
			z := 0
			return 5, 1 / z
		}()
		return []int{a, b}
	})
	show("switch", func() any {
		switch g {
		case set(5), g - 4:
			return "case"
		}
		return "none"
	})
	show("range", func() any {
		n := 0
		for i, v := range gl {
			n += v
			gl = []int{set(i + 7)}
		}
		return n
	})
	show("send", func() any { c := make(chan int, 1); c <- g + set(5); return <-c })
	show("select", func() any {
		c := make(chan int, 1)
		select {
		case c <- g + set(5):
		}
		return <-c
	})
}

var gmb = map[byte]int{2: 7, 6: 9}
