// A module's Go version has the defaults of its time, but for what its godebug lines say.
package main

import (
	"fmt"
	"net/http"
)

func main() {
	defer func() {
		fmt.Println(recover())
		mux := http.NewServeMux()
		mux.HandleFunc("GET /", func(http.ResponseWriter, *http.Request) {})
		r, _ := http.NewRequest("GET", "http://example.org/", nil)
		_, pattern := mux.Handler(r)
		fmt.Printf("%q\n", pattern)
	}()
	panic(nil)
}
