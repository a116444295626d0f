// One and a half million integers and two hundred thousand structs sorted, by package sort and by slices.
package main

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
)

type person struct {
	name string
	age  int
}

func main() {
	state := uint64(1)
	next := func() uint64 {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		return state
	}
	numbers := make([]int, 1_500_000)
	for i := range numbers {
		numbers[i] = int(next() >> 1)
	}
	more := slices.Clone(numbers[:600_000])
	slices.Sort(numbers)
	sort.Ints(more)
	people := make([]person, 200_000)
	for i := range people {
		people[i] = person{fmt.Sprint("p", next()%100_000), int(next() % 90)}
	}
	byAge := slices.Clone(people)
	sort.Slice(people, func(i, j int) bool { return people[i].name < people[j].name })
	slices.SortFunc(byAge, func(a, b person) int {
		return cmp.Or(cmp.Compare(a.age, b.age), cmp.Compare(a.name, b.name))
	})
	fmt.Println(numbers[0], more[0], people[0], byAge[0])
}
