// Four workers encode and decode JSON.
package main

import (
	"encoding/json"
	"fmt"
	"sync"
)

type record struct {
	ID    int               `json:"id"`
	Name  string            `json:"name"`
	Tags  []string          `json:"tags"`
	Attrs map[string]string `json:"attrs"`
}

func main() {
	var all sync.WaitGroup
	sizes := make([]int, 4)
	for g := range sizes {
		all.Go(func() {
			for i := range 2000 {
				in := record{i, "name", []string{"a", "b"}, map[string]string{"k": "v"}}
				text, err := json.Marshal(in)
				var out record
				if err != nil || json.Unmarshal(text, &out) != nil || out.ID != i {
					panic("lost")
				}
				sizes[g] += len(text)
			}
		})
	}
	all.Wait()
	fmt.Println(sizes)
}
