// An http service under httptest: it logs visitors in, keeps their sessions and their baskets, and answers as JSON. The sessions are
// guarded by the shop's lock, each basket by its session's.
//
// Provenance: own.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

type basket struct {
	Items map[string]int `json:"items"`
	Total int            `json:"total"`
}

type session struct {
	mu     sync.Mutex
	user   string
	basket basket
}

type shop struct {
	mu       sync.RWMutex
	sessions map[string]*session
	prices   map[string]int
}

func newShop() *shop {
	return &shop{sessions: map[string]*session{}, prices: map[string]int{"tea": 3, "cup": 5}}
}

func (s *shop) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login/{user}", s.login)
	mux.HandleFunc("POST /basket/{item}", s.with(s.add))
	mux.HandleFunc("GET /basket", s.with(s.show))
	return mux
}

func (s *shop) login(w http.ResponseWriter, r *http.Request) {
	user := r.PathValue("user")
	s.mu.Lock()
	defer s.mu.Unlock()
	token := fmt.Sprint("token-", len(s.sessions)+1)
	s.sessions[token] = &session{user: user, basket: basket{Items: map[string]int{}}}
	fmt.Fprint(w, token)
}

// with finds the session of a request.
func (s *shop) with(next func(http.ResponseWriter, *http.Request, *session)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.RLock()
		found := s.sessions[r.Header.Get("Authorization")]
		s.mu.RUnlock()
		if found == nil {
			http.Error(w, "log in first", http.StatusUnauthorized)
			return
		}
		next(w, r, found)
	}
}

func (s *shop) add(w http.ResponseWriter, r *http.Request, v *session) {
	price, ok := s.prices[r.PathValue("item")]
	if !ok {
		http.Error(w, "we do not sell that", http.StatusNotFound)
		return
	}
	v.mu.Lock()
	v.basket.Items[r.PathValue("item")]++
	v.basket.Total += price
	v.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

func (s *shop) show(w http.ResponseWriter, r *http.Request, v *session) {
	v.mu.Lock()
	defer v.mu.Unlock()
	json.NewEncoder(w).Encode(v.basket)
}

func call(method, url, token string) (int, string) {
	request, err := http.NewRequest(method, url, strings.NewReader(""))
	if err != nil {
		return 0, err.Error()
	}
	request.Header.Set("Authorization", token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, strings.TrimSpace(string(body))
}

func main() {
	server := httptest.NewServer(newShop().routes())
	defer server.Close()
	_, token := call("POST", server.URL+"/login/ann", "")
	var done sync.WaitGroup
	for _, item := range []string{"tea", "cup"} {
		done.Go(func() { call("POST", server.URL+"/basket/"+item, token) })
	}
	done.Wait()
	fmt.Println(call("GET", server.URL+"/basket", token))
	fmt.Println(call("GET", server.URL+"/basket", "nobody"))
	http.DefaultClient.CloseIdleConnections()
}
