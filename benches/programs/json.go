// A document written and read again through encoding/json: reflection, small allocations, interfaces.
package main

import (
	"encoding/json"
	"fmt"
)

type item struct {
	ID    int               `json:"id"`
	Name  string            `json:"name"`
	Tags  []string          `json:"tags"`
	Price float64           `json:"price"`
	More  map[string]string `json:"more,omitempty"`
}

func main() {
	items := make([]item, 200)
	for i := range items {
		items[i] = item{i, fmt.Sprintf("item %d", i), []string{"one", "two", "three"}, float64(i) * 1.25, map[string]string{"colour": "blue", "size": "large"}}
	}
	total := 0
	for range 300 {
		data, err := json.Marshal(items)
		if err != nil {
			panic(err)
		}
		var back []item
		if err := json.Unmarshal(data, &back); err != nil {
			panic(err)
		}
		var loose any
		if err := json.Unmarshal(data, &loose); err != nil {
			panic(err)
		}
		total += len(data) + len(back) + len(loose.([]any))
	}
	fmt.Println(total)
}
