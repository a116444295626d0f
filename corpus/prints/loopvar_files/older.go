//go:build go1.20

package main

func older() (same, sameCounter bool, last int) {
	var ps, qs []*int
	for k := range map[int]int{3: 1} {
		ps = append(ps, &k)
	}
	for i := 0; i < 2; i++ {
		qs = append(qs, &i)
	}
	return len(ps) == 1, qs[0] == qs[1], *ps[0]
}
