// A dereference whose value is not used faults, too.
package main

type S struct{ a, b int }

func try(n string, f func()) {
	defer func() { println(n, recover() != nil) }()
	f()
}

//go:noinline
func nilS() *S { return nil }

//go:noinline
func nilA() *[4]int { return nil }

func main() {
	var p *S
	var a *[4]int
	var i *int
	var s *string
	try("_ = *int", func() { _ = *i })
	try("_ = *string", func() { _ = *s })
	try("_ = *struct", func() { _ = *p })
	try("_ = *array", func() { _ = *a })
	try("_ = p.a", func() { _ = p.a })
	try("_ = *f()", func() { _ = *nilS() })
	try("x := *struct unused", func() { x := *p; _ = x })
	try("_ = len(*f())", func() { _ = len(*nilA()) })
	try("range *f()", func() {
		for range *nilA() {
		}
	})
	try("_ = a[:]", func() { _ = a[:] })
	try("_ = &p.b", func() { _ = &p.b })
	try("_ = *&p.b", func() { _ = *&p.b })
	try("a[1]", func() { _ = a[1] })
	var e interface{ M() }
	try("_ = e.M", func() { _ = e.M })
	var big *struct {
		pad [1 << 40]byte
		x   int
	}
	try("big", func() { println(big.x) })
	try("big write", func() { big.x = 5 })
	try("big idx", func() { j := 1 << 39; big.pad[j] = 5 })
}
