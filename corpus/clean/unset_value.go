// A configuration is swapped as a whole in an atomic value; a request that comes before the first one is loaded takes the defaults.
//
// Provenance: own.
package main

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
)

type configuration struct {
	greeting string
	loud     bool
}

var current atomic.Value

// parse reads lines as KEY=VALUE.
func parse(text string) configuration {
	c := configuration{greeting: "hello"}
	for _, line := range strings.Fields(text) {
		key, value, _ := strings.Cut(line, "=")
		switch key {
		case "greeting":
			c.greeting = value
		case "loud":
			c.loud = value == "yes"
		}
	}
	return c
}

func answer(name string) string {
	c, ok := current.Load().(configuration)
	if !ok {
		c = parse("")
	}
	text := c.greeting + " " + name
	if c.loud {
		return strings.ToUpper(text)
	}
	return text
}

func main() {
	var wg sync.WaitGroup
	answers := make(chan string, 2)
	wg.Go(func() { current.Store(parse("greeting=welcome loud=yes")) })
	for _, name := range []string{"ann", "bob"} {
		wg.Go(func() { answers <- answer(name) })
	}
	wg.Wait()
	fmt.Println(len(<-answers) > 3, len(<-answers) > 3)
}
