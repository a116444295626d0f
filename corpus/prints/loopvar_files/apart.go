//go:build go1.22

package main

func apart() (same, sameCounter bool, last int) {
	var ps, qs []*int
	for _, v := range []int{1, 2} {
		ps = append(ps, &v)
	}
	for i := 0; i < 2; i++ {
		qs = append(qs, &i)
	}
	return ps[0] == ps[1], qs[0] == qs[1], *ps[0]
}
