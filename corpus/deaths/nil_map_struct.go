// A field of a struct is a nil map.
package main

type T struct{ m map[string][]int }

func (t *T) add(k string) { t.m[k] = append(t.m[k], 1) }
func main()               { (&T{}).add("x") }
