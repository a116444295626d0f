// A server on the loopback interface, its clients, a deadline and an orderly end.
//
// Provenance: own.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

func serve(listener net.Listener, handlers *sync.WaitGroup) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		handlers.Go(func() {
			defer conn.Close()
			lines := bufio.NewScanner(conn)
			for lines.Scan() {
				fmt.Fprintf(conn, "echo %s\n", lines.Text())
			}
		})
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	var handlers, clients, server sync.WaitGroup
	server.Go(func() { serve(listener, &handlers) })
	for i := range 3 {
		clients.Go(func() {
			conn, err := net.Dial("tcp", listener.Addr().String())
			if err != nil {
				panic(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "%d\n", i)
			answer, err := bufio.NewReader(conn).ReadString('\n')
			if err != nil || answer != fmt.Sprintf("echo %d\n", i) {
				panic(answer)
			}
			// Nothing more comes: the read ends by its deadline.
			conn.SetReadDeadline(time.Now().Add(time.Millisecond))
			if _, err = conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
				panic(err)
			}
		})
	}
	clients.Wait()
	listener.Close()
	server.Wait()
	handlers.Wait()
}
