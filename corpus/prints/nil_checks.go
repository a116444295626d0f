// Where nil pointers are noticed, and in which order with what else may panic.
package main

import "fmt"

type in struct{ p, q int }

type S struct {
	a, b int
	arr  [4]int
	in
	big [5000]byte
	end int
	z   struct{}
	l   []int
}

type H struct {
	x *S
	*in
}

type I interface{ M() int }

type V struct{ n [3]int }

func (v V) M() int  { return v.n[0] }
func (v *V) P() int { return 1 }

type W struct {
	V
	*S
}

func (S) val() int  { return 3 }
func (*S) ptr() int { return 4 }

func try(n string, f func()) {
	defer func() {
		r := recover()
		if r != nil {
			fmt.Println(n, "panics:", r)
		} else {
			fmt.Println(n, "is fine")
		}
	}()
	f()
}

//go:noinline
func iface(v *V) I { return v }

//go:noinline
func nilS() *S { return nil }

//go:noinline
func nilA() *[4]int { return nil }

//go:noinline
func nilB() *[9000]int { return nil }

func say(n int) int { fmt.Println("say", n); return n }

func main() {
	var p *S
	var a *[4]int
	var h H
	var hp *H
	var ip *int
	var e I
	var v *V
	var w W
	var wp *W
	var pp **S
	var z *struct{}
	var big *struct {
		pad [1 << 40]byte
		x   int
	}
	var f func(int) int
	zero, nine := 0, 9
	try("_ = *z", func() { _ = *z })
	try("_ = p.z", func() { _ = p.z })
	try("_ = &p.z", func() { _ = &p.z })
	try("_ = &p.a", func() { _ = &p.a })
	try("&p.end", func() { _ = &p.end })
	try("&*p", func() { _ = &*p })
	try("&p.in.q", func() { _ = &p.in.q })
	try("&p.q", func() { _ = &p.q })
	try("&h.q", func() { _ = &h.q })
	try("&h.in.p", func() { _ = &h.in.p })
	try("&hp.x", func() { _ = &hp.x })
	try("&hp.in.p", func() { _ = &hp.in.p })
	try("&p.arr[1]", func() { _ = &p.arr[1] })
	try("&p.arr[nine]", func() { _ = &p.arr[nine] })
	try("p.arr[nine]", func() { _ = p.arr[nine] })
	try("a[nine]", func() { _ = a[nine] })
	try("a[say]", func() { _ = a[say(9)] })
	try("a[nine] = ", func() { a[nine] = 1 })
	try("a[nine] = say", func() { a[nine] = say(1) })
	try("a[nine] += say", func() { a[nine] += say(1) })
	try("p.arr[nine] = say", func() { p.arr[nine] = say(1) })
	try("p.big[nine]", func() { _ = p.big[nine] })
	try("p.end", func() { _ = p.end })
	try("p.end = ", func() { p.end = 3 })
	try("p.end++", func() { p.end++ })
	try("p.l", func() { _ = p.l })
	try("p.l[0]", func() { _ = p.l[0] })
	try("p.l[0:]", func() { _ = p.l[0:] })
	try("len(p.l)", func() { _ = len(p.l) })
	try("len(p.arr)", func() { _ = len(p.arr) })
	try("len(a)", func() { _ = len(a) })
	try("len(*a)", func() { _ = len(*a) })
	try("len(nilA())", func() { _ = len(nilA()) })
	try("len(*nilA())", func() { _ = len(*nilA()) })
	try("cap(*nilA())", func() { _ = cap(*nilA()) })
	try("len(nilS().arr)", func() { _ = len(nilS().arr) })
	try("a[:]", func() { _ = a[:] })
	try("(*a)[:]", func() { _ = (*a)[:] })
	try("p.arr[:]", func() { _ = p.arr[:] })
	try("p.arr[nine:]", func() { _ = p.arr[nine:] })
	try("a[nine:]", func() { _ = a[nine:] })
	try("nilA()[:]", func() { _ = nilA()[:] })
	try("range a", func() {
		for i := range a {
			_ = i
		}
	})
	try("range a, v", func() {
		for _, v := range a {
			_ = v
		}
	})
	try("range *a", func() {
		for range *a {
		}
	})
	try("range *a, v", func() {
		for _, v := range *a {
			_ = v
		}
	})
	try("range nilA()", func() {
		for range nilA() {
		}
	})
	try("range *nilA()", func() {
		for range *nilA() {
		}
	})
	try("range *nilB()", func() {
		for i := range *nilB() {
			_ = i
		}
	})
	try("range p.arr", func() {
		for range p.arr {
		}
	})
	try("range nilS().arr", func() {
		for range nilS().arr {
		}
	})
	try("range p.l", func() {
		for range p.l {
		}
	})
	try("x := *p", func() { x := *p; _ = x })
	try("x := p.big", func() { x := p.big; _ = x })
	try("x := p.arr", func() { x := p.arr; _ = x })
	try("_ = *nilB()", func() { _ = *nilB() })
	try("*p = S{}", func() { *p = S{} })
	try("*nilB() = x", func() { var x [9000]int; *nilB() = x })
	try("*p = *p", func() { *p = *p })
	try("**pp", func() { _ = **pp })
	try("&(**pp).a", func() { _ = &(**pp).a })
	try("e.M", func() { _ = e.M })
	try("e.M()", func() { _ = e.M() })
	try("e.M in go", func() { go e.M() })
	try("e.M in defer", func() { defer e.M() })
	try("v.M", func() { _ = v.M })
	try("v.M()", func() { _ = v.M() })
	try("v.P", func() { _ = v.P })
	try("v.P()", func() { _ = v.P() })
	try("v.P() deferred", func() { defer v.P() })
	try("v.M() deferred", func() { defer v.M() })
	try("w.val", func() { _ = w.val })
	try("w.val()", func() { _ = w.val() })
	try("w.ptr()", func() { _ = w.ptr() })
	try("w.ptr", func() { _ = w.ptr })
	try("wp.ptr()", func() { _ = wp.ptr() })
	try("wp.ptr", func() { _ = wp.ptr })
	try("wp.V.P", func() { _ = wp.V.P })
	try("wp.P()", func() { _ = wp.P() })
	try("wp.M", func() { _ = wp.M })
	try("I(v).M", func() { _ = iface(v).M() })
	try("(*V).M", func() { _ = (*V).M(v) })
	try("(*V).P", func() { _ = (*V).P(v) })
	try("V.M", func() { _ = V.M(*v) })
	try("I.M", func() { _ = I.M(e) })
	try("f", func() { f(say(1)) })
	try("f deferred", func() { defer f(say(1)) })
	try("big.x", func() { fmt.Println(big.x) })
	try("big.x = ", func() { big.x = 5 })
	try("&big.x", func() { _ = &big.x })
	try("big.pad[j]", func() { j := 1 << 39; big.pad[j] = 5 })
	try("big.pad[j] read", func() { j := 1 << 39; _ = big.pad[j] })
	try("big.pad[5]", func() { _ = big.pad[5] })
	try("big.pad[1<<39]", func() { _ = big.pad[1<<39] })
	try("*ip / zero", func() { _ = *ip / zero })
	try("nine / zero + *ip", func() { _ = nine/zero + *ip })
	try("*ip + nine/zero", func() { _ = *ip + nine/zero })
	try("*ip = nine/zero", func() { *ip = nine / zero })
	try("*ip += nine/zero", func() { *ip += nine / zero })
	try("p.a += a[nine]", func() { p.a += (*a)[nine] })
	try("p.a = e.M()", func() { p.a = e.M() })
	try("p.a, a[nine] = ", func() { p.a, a[nine] = 1, 2 })
	try("f(*ip, e.M())", func() { f(*ip + e.M()) })
	try("e.M with args", func() { fmt.Println(nine/zero, e.M()) })
	try("compare", func() { _ = *v == *(*V)(nil) })
	try("any", func() { _ = any(*p) })
	try("any struct", func() { var x any = *v; _ = x })
	try("append", func() { _ = append(p.l, nine/zero) })
	try("map", func() { var m map[int]int; m[*ip] = nine / zero })
	try("map nil", func() { var m map[int]int; m[nine] = *ip })
	try("map key", func() { m := map[any]int{}; m[p.l] = 1 })
	try("send", func() { var c chan int; c <- *ip })
	try("conversion", func() { _ = [2]int(p.l) })
	try("conversion of short", func() { _ = [2]int([]int{1}) })
	try("string", func() { _ = string(*(*[]byte)(nil)) })
}
