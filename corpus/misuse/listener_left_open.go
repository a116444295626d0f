// A listener that is closed in some orders only: in the others main waits for a connection for ever.
//
// Timeout: 1.
//
// Provenance: own.
package main

import (
	"fmt"
	"net"
)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	stop := make(chan bool, 1)
	go func() {
		select {
		case <-stop:
			l.Close()
		default: // comes before main has sent: the listener stays open
		}
	}()
	stop <- true
	l.Accept() // want hang "nobody can go on"
}
