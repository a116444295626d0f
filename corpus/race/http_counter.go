// A handler counts its requests in a package variable; requests are served side by side.
//
// Provenance: own.
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
)

var requests int

func count(w http.ResponseWriter, r *http.Request) {
	requests++ // want data-race "requests"
	fmt.Fprintln(w, "hello", r.URL.Path)
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{name}", count)
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			request := httptest.NewRequest("GET", fmt.Sprintf("/%d", i), nil)
			mux.ServeHTTP(httptest.NewRecorder(), request)
		})
	}
	wg.Wait()
	fmt.Println("served")
}
