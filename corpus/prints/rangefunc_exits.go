// Ways out of the bodies of loops over functions: bare returns with named results, returns that deferred functions change, goto, break and
// continue of loops further out.
package main

import "fmt"

func two(yield func(int) bool) { _ = yield(1) && yield(2) }

func count(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func bare() (a int) {
	for i := range two {
		a = i
		if i == 2 {
			return
		}
	}
	return -1
}

func bareAfter() (a int) {
	for i := range two {
		a = i
	}
	return
}

func bareError() (a int, err error) {
	for i := range two {
		a = i
		return
	}
	return
}

func bareNested() (s string, n int) {
	defer func() { s += "!" }()
	for i := range count(3) {
		for j := range count(3) {
			n += i * j
			s = fmt.Sprint(s, i, j)
			if i == 1 && j == 1 {
				return
			}
		}
	}
	return "not reached", 0
}

func swap() (a, b int) {
	for range two {
		a, b = 1, 2
		return b, a
	}
	return
}

func changed() (n int) {
	for i := range two {
		defer func() { n = n*10 + i }()
		if i == 2 {
			return 5
		}
	}
	return
}

// What was returned stays when the iterator panics afterwards.
func returnedBeforePanic() int {
	defer func() { fmt.Println("recovered", recover()) }()
	for i := range func(yield func(int) bool) { yield(7); panic("iterator") } {
		return i
	}
	return 1
}

func large() (a [40]int, s string) {
	for i := range count(40) {
		for range two {
			a[i] = i
			if i == 20 {
				return a, "large"
			}
		}
	}
	return
}

func unnamed() (int, string, error) {
	for i := range count(5) {
		if i == 3 {
			return three(i)
		}
	}
	return 0, "", nil
}

func three(i int) (int, string, error) { return i, "three", fmt.Errorf("error %d", i) }

func jump() {
	for i := range two {
		if i == 1 {
			goto done
		}
	}
	fmt.Println("not reached")
done:
	fmt.Println("done")
}

func jumpBack() (rounds int) {
again:
	rounds++
	for i := range count(5) {
		for j := range two {
			if rounds < i {
				fmt.Println("again", i, j)
				goto again
			}
		}
	}
	return
}

func jumpWithin() {
	for i := range count(3) {
		if i == 1 {
			goto next
		}
		for range two {
			if i == 2 {
				goto next
			}
		}
		fmt.Println("through", i)
	next:
		fmt.Println("next", i)
	}
}

func labels() {
outer:
	for i := range count(4) {
	middle:
		for j := 0; j < 4; j++ {
		inner:
			for k := range count(4) {
				switch {
				case k == 1 && j == 0:
					continue middle
				case k == 2 && j == 1:
					break middle
				case i == 1:
					continue outer
				case i == 3:
					break outer
				case k == 3:
					break inner
				}
				fmt.Println(i, j, k)
			}
		}
		fmt.Println("after the middle", i)
	}
choose:
	switch {
	default:
		for i := range two {
			for range two {
				if i == 1 {
					break choose
				}
			}
		}
		fmt.Println("not reached")
	}
}

func assigned() {
	var a [3]int
	i := 0
	for i, a[i] = range func(yield func(int, int) bool) { _ = yield(1, 10) && yield(2, 20) && yield(0, 30) } {
		fmt.Println(i, a)
	}
	for a[1], _ = range func(yield func(int, string) bool) { yield(5, "x") } {
	}
	fmt.Println(i, a)
}

func literals() {
	for i := range two {
		f := func() (n int) {
			for j := range two {
				if j == i {
					n = 10 * j
					return
				}
			}
			return
		}
		fmt.Println(f())
	}
}

type list[T any] struct {
	value T
	next  *list[T]
}

func (l *list[T]) all(yield func(T) bool) {
	if l != nil && yield(l.value) {
		l.next.all(yield)
	}
}

func find[T any, F ~func(func(T) bool)](all F, wanted func(T) bool) (at int, found T, ok bool) {
	for v := range all {
		if wanted(v) {
			found, ok = v, true
			return
		}
		at++
	}
	return -1, found, false
}

func main() {
	fmt.Println(bare(), bareAfter())
	fmt.Println(bareError())
	fmt.Println(bareNested())
	fmt.Println(swap())
	fmt.Println(changed())
	fmt.Println(returnedBeforePanic())
	fmt.Println(large())
	fmt.Println(unnamed())
	jump()
	fmt.Println(jumpBack())
	jumpWithin()
	labels()
	assigned()
	literals()
	l := &list[string]{"a", &list[string]{"b", &list[string]{"c", nil}}}
	fmt.Println(find(l.all, func(s string) bool { return s == "b" }))
	fmt.Println(find(l.all, func(s string) bool { return s == "d" }))
	fmt.Println(find((*list[int])(nil).all, func(int) bool { return true }))
}
