// recover gives the panic's value in a function that the panic called itself, through wrappers only: not one call further in, and not in
// what a function called by the panic defers.
package main

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
)

func callRecover() {
	if recover() != nil {
		fmt.Println("recovered one call too deep")
	}
}

func direct()           { fmt.Println("direct", recover()) }
func short() any        { return recover() }
func argument(n int)    { fmt.Println("argument", n, recover()) }
func result() any       { return recover() }
func variadic(n ...any) { fmt.Println("variadic", len(n), recover()) }

func inlined(int) { callRecover() }

//go:noinline
func kept(int) { callRecover() }

func deferring() {
	defer func() { fmt.Println("deferred by a deferred function", recover()) }()
}

func deferringRecover() { defer recover() }

type value struct{ n int }

func (v value) Show()         { fmt.Println("value", v.n, recover()) }
func (v *value) Point()       { fmt.Println("pointer", v.n, recover()) }
func (v value) Deep()         { callRecover() }
func (v value) Large() [9]int { recover(); return [9]int{} }

type outer struct {
	_ int
	value
}

type through struct{ *outer }

type shower interface{ Show() }

type holder struct{ shower }

type number int

func (n number) Show() { fmt.Println("number", n, recover()) }

type generic[T any] struct{ v T }

func (g generic[T]) Show()   { fmt.Println("generic", g.v, recover()) }
func (g *generic[T]) Point() { fmt.Println("generic pointer", g.v, recover()) }

func function[T any](v T) { fmt.Println("function", v, recover()) }

func viaParameter[T shower](v T) {
	defer v.Show()
	panic("parameter")
}

func it(yield func(int) bool) { _ = yield(1) && yield(2) }

func try(name string, f func()) {
	defer func() { fmt.Println(name, "- left:", recover()) }()
	f()
}

func recursive(n int) {
	var room [100]int
	room[n%100] = n
	if n == 0 {
		panic("deep")
	}
	recursive(n - 1)
	_ = room
}

func main() {
	try("direct", func() { defer direct(); panic(1) })
	try("literal", func() { defer func() { fmt.Println(recover()) }(); panic(2) })
	try("argument", func() { defer argument(3); panic(3) })
	try("result", func() { defer result(); panic(4) })
	try("variadic", func() { defer variadic(1, 2); panic(5) })
	try("builtin", func() { defer recover(); panic(6) })
	try("builtin in a deferred function", func() { defer func() { defer recover() }(); panic(7) })
	try("the same by name", func() { defer deferringRecover(); panic(7) })
	try("panicking in a deferred function", func() { defer func() { defer recover(); panic(9) }(); panic(8) })
	try("inlined", func() { defer inlined(1); panic(10) })
	try("kept", func() { defer kept(1); panic(11) })
	try("within a literal", func() { defer func() { callRecover() }(); panic(12) })
	try("literal in a literal", func() { defer func() { func() { recover() }() }(); panic(13) })
	try("what a function gives back", func() { defer func() { fmt.Println(short()) }(); panic(14) })
	try("deferred by a deferred function", func() { defer deferring(); panic(15) })
	try("func value", func() { f := direct; defer f(); panic(16) })
	try("func value of a map", func() { defer map[string]func(){"f": direct}["f"](); panic(17) })

	v := &value{1}
	var i shower = *v
	try("method", func() { defer v.Show(); panic(20) })
	try("pointer method", func() { defer v.Point(); panic(21) })
	try("method value", func() { f := v.Show; defer f(); panic(22) })
	try("method value deferred at once", func() { defer (v.Point)(); panic(23) })
	try("method expression", func() { defer value.Show(*v); panic(24) })
	try("pointer method expression", func() { defer (*value).Show(v); panic(25) })
	try("interface", func() { defer i.Show(); panic(26) })
	try("interface's method value", func() { f := i.Show; defer f(); panic(27) })
	try("interface's method expression", func() { defer shower.Show(i); panic(28) })
	try("pointer in an interface", func() { defer shower(v).Show(); panic(29) })
	try("promoted", func() { o := outer{0, *v}; defer o.Show(); panic(30) })
	try("promoted pointer method", func() { o := &outer{0, *v}; defer o.Point(); panic(31) })
	try("promoted in an interface", func() { defer shower(outer{0, *v}).Show(); panic(32) })
	try("promoted twice", func() { defer shower(through{&outer{0, *v}}).Show(); panic(33) })
	try("embedded interface", func() { defer holder{i}.Show(); panic(34) })
	try("embedded interface in one", func() { defer shower(holder{holder{i}}).Show(); panic(35) })
	try("number", func() { defer shower(number(4)).Show(); panic(36) })
	try("too deep in a method", func() { defer v.Deep(); panic(37) })
	try("large result", func() { defer v.Large(); panic(38) })
	try("large result of a value", func() { f := v.Large; defer f(); panic(39) })

	try("generic", func() { defer generic[int]{1}.Show(); panic(40) })
	try("generic in an interface", func() { defer shower(generic[string]{"s"}).Show(); panic(41) })
	try("generic pointer", func() { defer (&generic[int]{2}).Point(); panic(42) })
	try("generic method value", func() { f := generic[int]{3}.Show; defer f(); panic(43) })
	try("generic function", func() { defer function(4); panic(44) })
	try("method of a parameter", func() { viaParameter(i) })
	try("method of a parameter's number", func() { viaParameter(number(5)) })

	try("reflected", func() { defer reflect.ValueOf(direct).Call(nil); panic(50) })
	try("reflected method", func() { defer reflect.ValueOf(i).MethodByName("Show").Call(nil); panic(51) })
	try("reflected func value", func() { f := reflect.ValueOf(v).MethodByName("Show").Interface().(func()); defer f(); panic(52) })
	try("made", func() {
		f := reflect.MakeFunc(reflect.TypeOf(direct), func([]reflect.Value) []reflect.Value {
			fmt.Println("made", recover())
			return nil
		})
		defer f.Interface().(func())()
		panic(53)
	})
	try("made, deferring", func() {
		f := reflect.MakeFunc(reflect.TypeOf(direct), func([]reflect.Value) []reflect.Value {
			defer direct()
			panic("inner")
		})
		defer f.Interface().(func())()
		panic(54)
	})

	try("loop over a function", func() {
		defer func() {
			for i := range it {
				fmt.Println("body", i, recover())
			}
		}()
		panic(60)
	})
	try("deferred by a body", func() {
		for i := range it {
			defer func() { fmt.Println("body", i, recover()) }()
		}
		panic(61)
	})
	try("deferred by the body of a deferred function", func() {
		defer func() {
			for i := range it {
				defer func() { fmt.Println("body", i, recover()) }()
			}
		}()
		panic(62)
	})

	try("twice", func() {
		defer func() { fmt.Println(recover(), recover()) }()
		panic(70)
	})
	try("not panicking", func() { fmt.Println(recover()) })
	try("a panic within", func() {
		defer func() { fmt.Println("outer", recover()) }()
		defer func() {
			defer func() { fmt.Println("inner", recover()) }()
			panic(72)
		}()
		panic(71)
	})
	try("replaced", func() {
		defer func() { fmt.Println(recover()) }()
		defer func() { panic(74) }()
		panic(73)
	})
	try("replaced after a recovery", func() {
		defer func() { fmt.Println(recover()) }()
		defer func() { fmt.Println(recover()); panic(76) }()
		panic(75)
	})
	try("deferred panic", func() { defer panic(78); panic(77) })
	try("deferred close", func() { var c chan int; defer close(c); panic(79) })
	try("deferred close twice", func() {
		c := make(chan int)
		defer func() { fmt.Println(recover()) }()
		defer close(c)
		close(c)
	})
	try("deferred delete", func() {
		m := map[any]int{1: 1}
		defer func() { fmt.Println(m, recover()) }()
		defer delete(m, 1)
		defer delete(m, any([]int{}))
		panic(80)
	})
	try("deferred nil", func() {
		var f func()
		defer fmt.Println("before the nil")
		defer f()
		fmt.Println("deferred")
	})
	try("deferred method of nil", func() {
		var v *value
		defer v.Show()
		fmt.Println("not reached")
	})
	try("deferred method of a nil interface", func() {
		var i shower
		defer i.Show()
		fmt.Println("not reached")
	})
	try("deep", func() {
		defer direct()
		defer func() {
			defer func() { fmt.Println("inner", recover() != nil) }()
			recursive(20000)
		}()
		recursive(10000)
	})
	try("deep in a deferred function", func() {
		var down func(n int)
		down = func(n int) {
			if n > 0 {
				down(n - 1)
				return
			}
			defer direct()
			panic("deep")
		}
		defer direct()
		defer down(30000)
		panic(81)
	})
	try("error", func() {
		defer func() {
			var e runtime.Error
			fmt.Println(errors.As(recover().(error), &e), e)
		}()
		var p *value
		p.n = 1
	})
	try("nil", func() {
		defer func() {
			_, isNil := recover().(*runtime.PanicNilError)
			fmt.Println(isNil)
		}()
		panic(nil)
	})
	done := make(chan bool)
	go func() {
		defer close(done)
		defer func() { fmt.Println("in Goexit", recover()) }()
		defer func() {
			defer func() { fmt.Println("panic in Goexit", recover()) }()
			panic(90)
		}()
		runtime.Goexit()
	}()
	<-done
	done = make(chan bool)
	go func() {
		defer close(done)
		defer fmt.Println("ended")
		defer func() { fmt.Println("Goexit in a panic", recover()) }()
		defer runtime.Goexit()
		panic(91)
	}()
	<-done
	done = make(chan bool)
	go func() {
		defer close(done)
		defer fmt.Println("ended")
		func() {
			defer func() { fmt.Println(recover()) }()
			defer panic(92)
			runtime.Goexit()
		}()
		fmt.Println("not reached: Goexit goes on")
	}()
	<-done
}
