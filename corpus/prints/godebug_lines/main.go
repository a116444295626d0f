// What //go:debug lines set.

//go:debug panicnil=1
//go:debug httpmuxgo121=1
package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	defer func() {
		fmt.Println(recover())
		// Go 1.21's patterns have no methods.
		mux := http.NewServeMux()
		mux.HandleFunc("GET /", func(http.ResponseWriter, *http.Request) {})
		r, _ := http.NewRequest("GET", "http://example.org/", nil)
		_, pattern := mux.Handler(r)
		fmt.Printf("%q\n", pattern)
		os.Setenv("GODEBUG", "panicnil=0")
		defer func() { fmt.Println(recover()) }()
		panic(nil)
	}()
	panic(nil)
}
