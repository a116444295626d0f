// A MarshalJSON method panics through encoding/json.
package main

import "encoding/json"

type T struct{}

func (T) MarshalJSON() ([]byte, error) { panic("marshal") }
func main()                            { json.Marshal([]any{T{}}) }
