// Iterators that call a loop's body when they must not, or take its panic away.
package main

import (
	"fmt"
	"runtime"
)

func stubborn(yield func(int) bool) {
	fmt.Println("first", yield(1))
	fmt.Println("second", yield(2))
}

var kept func(int) bool

func keeping(yield func(int) bool) {
	kept = yield
	_ = yield(1) && yield(2)
}

func swallowing(yield func(int) bool) {
	defer func() { fmt.Println("swallowed:", recover()) }()
	yield(1)
}

func again(yield func(int) bool) {
	func() {
		defer func() { fmt.Println("first:", recover()) }()
		yield(1)
	}()
	yield(2)
}

func repanicking(yield func(int) bool) {
	defer func() {
		if e := recover(); e != nil {
			panic(fmt.Sprint("again ", e))
		}
	}()
	yield(1)
}

func elsewhere(yield func(int) bool) {
	done := make(chan any)
	go func() {
		defer func() { done <- recover() }()
		for i := range 3 {
			yield(i)
		}
	}()
	fmt.Println("elsewhere:", <-done)
}

func try(name string, f func()) {
	defer func() {
		e := recover()
		_, isRuntime := e.(runtime.Error)
		fmt.Println(name, "-", e, isRuntime)
	}()
	f()
}

func main() {
	try("continued after break", func() {
		for i := range stubborn {
			fmt.Println("body", i)
			break
		}
	})
	try("continued after return", func() {
		for range stubborn {
			return
		}
	})
	try("continued after goto", func() {
		for range stubborn {
			for range keeping {
				goto end
			}
		}
	end:
	})
	try("continued after the loop", func() {
		for i := range keeping {
			fmt.Println("body", i)
		}
		kept(3)
	})
	try("continued after the loop that was broken out of", func() {
		for range keeping {
			break
		}
		kept(3)
	})
	try("twice after the loop", func() {
		for range keeping {
		}
		try("once", func() { kept(3) })
		kept(4)
	})
	try("in the body itself", func() {
		for i := range keeping {
			fmt.Println("body", i)
			kept(i + 1)
		}
	})
	try("swallowed", func() {
		for range swallowing {
			panic("body")
		}
	})
	try("continued after a panic", func() {
		for i := range again {
			fmt.Println("body", i)
			panic("body")
		}
	})
	try("repanicked", func() {
		for range repanicking {
			panic("body")
		}
	})
	try("on another goroutine", func() {
		for i := range elsewhere {
			fmt.Println("body", i)
			if i == 1 {
				break
			}
		}
	})
	try("swallowed the misuse", func() {
		for range func(yield func() bool) {
			defer func() { fmt.Println(recover()) }()
			yield()
			yield()
		} {
			break
		}
	})
	try("an inner loop's body called in the outer one", func() {
		for range keeping {
			inner := kept
			for range keeping {
			}
			fmt.Println(inner != nil)
			kept(9)
		}
	})
	try("assigned although the loop has ended", func() {
		x := 0
		defer func() { fmt.Println("x is", x) }()
		for x = range keeping {
		}
		kept(8)
	})
	try("nil", func() {
		var f func(func() bool)
		for range f {
		}
	})
	done := make(chan bool)
	go func() {
		defer close(done)
		defer fmt.Println("deferred")
		for i := range stubborn {
			defer fmt.Println("deferred by the body", i)
			runtime.Goexit()
		}
	}()
	<-done
}
