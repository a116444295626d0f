// A handler counts its requests with an atomic.
//
// Provenance: own.
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
)

var requests atomic.Int64

func count(w http.ResponseWriter, r *http.Request) {
	requests.Add(1)
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
