//go:build go1.23 || (go1.22 && linux)

package main

func either() (same bool, last int) {
	var ps []*int
	for i := range 2 {
		ps = append(ps, &i)
	}
	return ps[0] == ps[1], *ps[0]
}
