// The listener is closed in every order.
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
		<-stop
		l.Close()
	}()
	stop <- true
	l.Accept()
}
