// What callers are: through inlined functions, wrappers, deferred calls, closures, generics, goroutines; with every skip.
package main

import (
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
)

func show(what string, pcs []uintptr) {
	fmt.Print(what, ":")
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		file := filepath.Base(f.File)
		if strings.HasPrefix(f.Function, "main.") {
			fmt.Printf(" %s:%s:%d", f.Function, file, f.Line)
		} else {
			fmt.Printf(" %s", f.Function)
		}
		if !more {
			break
		}
	}
	fmt.Println()
}

//go:noinline
func callers(skip int) []uintptr {
	pcs := make([]uintptr, 32)
	return pcs[:runtime.Callers(skip, pcs)]
}

func inlined() []uintptr { return callers(0) }

func twice() []uintptr { return inlined() }

type T struct{ n int }

func (t T) Value() []uintptr    { return callers(1) }
func (t *T) Pointer() []uintptr { return callers(1) }

//go:noinline
func (t T) Kept() []uintptr { return callers(1) }

type I interface {
	Value() []uintptr
	Kept() []uintptr
}

type Outer struct{ *T }

//go:noinline
func through(i I) ([]uintptr, []uintptr) { return i.Value(), i.Kept() }

//go:noinline
func generic[P any](p P) []uintptr { return callers(1) }

func short[P any](p P) []uintptr { return callers(1) }

//go:noinline
func where(skip int) string {
	_, file, line, ok := runtime.Caller(skip)
	if file = filepath.Base(file); file != "callers.go" {
		line = 0
	}
	return fmt.Sprint(file, ":", line, " ", ok)
}

func whereInlined(skip int) string { return where(skip) }

func name(f any) string { return runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name() }

func main() {
	for skip := range 6 {
		show(fmt.Sprint("skip ", skip), callers(skip))
	}
	show("inlined", twice())
	for skip := range 5 {
		pcs := make([]uintptr, 8)
		func() {
			pcs = pcs[:runtime.Callers(skip, pcs)]
		}()
		show(fmt.Sprint("closure ", skip), pcs)
	}
	t := &T{}
	show("value", t.Value())
	show("pointer", t.Pointer())
	a, b := through(t)
	show("through", a)
	show("through", b)
	a, b = through(Outer{t})
	show("embedded", a)
	show("embedded", b)
	f := t.Kept
	show("method value", f())
	g := (*T).Kept
	show("method expression", g(t))
	show("generic", generic(1))
	show("short", short("x"))
	func() {
		defer func() { show("deferred", callers(1)) }()
	}()
	func() {
		defer func() {
			recover()
			show("panicking", callers(1))
		}()
		var p *T
		p.n = 1
	}()
	func() {
		defer show("arguments of a deferred call", callers(1))
	}()
	var wg sync.WaitGroup
	wg.Go(func() { show("goroutine", callers(1)) })
	wg.Wait()
	wg.Add(1)
	go started(&wg, 1)
	wg.Wait()
	for i := range seq {
		show(fmt.Sprint("body ", i), callers(1))
	}
	show("reflect", reflect.ValueOf(t.Kept).Call(nil)[0].Interface().([]uintptr))
	for skip := range 6 {
		fmt.Println("caller", skip, where(skip), whereInlined(skip))
	}
	fmt.Println(where(100))
	fmt.Println(name(main), name(show), name((*T).Kept), name(T.Kept), name(func() {}), name(generic[int]), name(strings.Index))
	pc, _, line, _ := runtime.Caller(0)
	fn := runtime.FuncForPC(pc)
	file, fline := fn.FileLine(pc)
	fmt.Println(fn.Name(), filepath.Base(file), line, fline, fn.Entry() == reflect.ValueOf(main).Pointer())
	file, fline = fn.FileLine(fn.Entry())
	fmt.Println(filepath.Base(file), fline, runtime.FuncForPC(0) == nil, runtime.FuncForPC(fn.Entry()) == runtime.FuncForPC(fn.Entry()))
	// As loggers and error packages do: the name of each return address less one.
	for _, pc := range callers(0) {
		fn := runtime.FuncForPC(pc - 1)
		_, l := fn.FileLine(pc - 1)
		if strings.HasPrefix(fn.Name(), "main.") {
			fmt.Print(fn.Name(), ":", l, " ")
		} else {
			fmt.Print(fn.Name(), " ")
		}
	}
	fmt.Println()
	for _, pc := range twice() {
		fmt.Print(runtime.FuncForPC(pc-1).Name(), " ")
	}
	fmt.Println()
}

func started(wg *sync.WaitGroup, n int) {
	show("started", callers(1))
	wg.Done()
}

func seq(yield func(int) bool) { _ = yield(1) && yield(2) }
