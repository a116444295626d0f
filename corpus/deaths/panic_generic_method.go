// A panic in a method of a generic type, in a closure there.
//
// differs: gc does not say that closures of generic functions have arguments.
package main

type L[T any] struct{ x T }

//go:noinline
func (l *L[T]) each(f func(T)) { f(l.x) }

//go:noinline
func (l *L[T]) fall() { l.each(func(T) { panic("generic method") }) }
func main()           { (&L[string]{"a"}).fall() }
