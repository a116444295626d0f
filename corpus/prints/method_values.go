// All values of one method have the same code, whose name is the method's with "-fm".
package main

import (
	"fmt"
	"reflect"
	"runtime"
)

type h struct{ n int }

func (h *h) handle()        { h.n++ }
func (h h) get(i int) int   { return h.n + i }
func (h h) other(i int) int { return h.n - i }

type outer struct {
	*h
	name string
}

type getter interface{ get(int) int }

type box[T any] struct{ v T }

func (b box[T]) take() T { return b.v }

func value(x *h) func() { return x.handle }

func pointer(f any) uintptr { return reflect.ValueOf(f).Pointer() }

func name(f any) string { return runtime.FuncForPC(pointer(f)).Name() }

func main() {
	x, y := &h{1}, &h{2}
	a, b := x.handle, x.handle
	fmt.Println(pointer(a) == pointer(b), pointer(a) == pointer(value(y)), pointer(x.handle) == pointer(y.handle))
	o := outer{x, "o"}
	fmt.Println(pointer(o.handle) == pointer(x.handle), pointer(o.get) == pointer(y.get), pointer(x.get) == pointer(x.other))
	var g, k getter = x, *y
	fmt.Println(pointer(g.get) == pointer(k.get), pointer(g.get) == pointer(x.get))
	fmt.Println(name(x.handle), name(o.get), name(g.get))
	ints, texts := box[int]{1}, box[string]{"text"}
	fmt.Println(ints.take(), texts.take(), pointer(ints.take) == pointer(texts.take))
	a()
	b()
	value(y)()
	fmt.Println(x.n, y.n, g.get(1), k.get(1))
	fs := []func(int) int{x.get, x.other, o.get, g.get, k.get}
	x.n = 100
	for _, f := range fs {
		fmt.Print(f(10), " ")
	}
	fmt.Println()
}
