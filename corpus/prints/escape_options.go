// What mk converts to an interface outlives it: what New calls keeps it.
package main

type parser struct{ options int }

func (p parser) get() int { return p.options }

type getter interface{ get() int }

type config struct{ g getter }

type option func(*config)

func with(g getter) option {
	return func(c *config) { c.g = g }
}

func without() option {
	return func(c *config) {}
}

//go:noinline
func New(opts ...option) *config {
	c := &config{}
	for _, o := range opts {
		o(c)
	}
	return c
}

var seven = parser{7}

//go:noinline
func overwrite(n int) int {
	var a [64]int
	for i := range a {
		a[i] = n + i
	}
	return a[n&63]
}

func mk() *config { return New(with(seven), without()) }

func main() {
	c := mk()
	overwrite(1)
	println(c.g.get(), func() int { overwrite(5); return c.g.get() }())
}
