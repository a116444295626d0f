package seed

func flow(in <-chan int, out chan<- string, m map[rune][]byte) (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			n = -1
		}
	}()
outer:
	for i, x := range []int{1, 2, 0x_ff, 0b11, 0o7} {
		switch {
		case i&^x == 0, !(i<<2 >= x):
			continue outer
		case x%3 != 0:
			fallthrough
		default:
			break outer
		}
	}
	for i := range 10 {
		n += i
	}
	for k := range func(yield func(string) bool) { _ = yield("a") } {
		out <- k
	}
	select {
	case v, ok := <-in:
		if ok {
			n |= v
		} else if n++; n > 3 {
			goto end
		}
	case out <- "x" + string(m['\n'][:2:3]):
	default:
	}
	go func(a ...any) { println(len(a), cap(m['a'])) }(n, err, 1e3, 'x', `raw`)
	{
		var p *[4]int = new([4]int)
		clear(p[:])
		copy(p[1:], append([]int(nil), min(n, 3), max(4, n)))
		delete(m, 'a')
	}
end:
	return
}

func main() {}
