// A text searched with regular expressions: the one-pass, backtracking and general matchers.
package main

import (
	"fmt"
	"regexp"
	"strings"
)

func main() {
	var text strings.Builder
	for i := range 4000 {
		fmt.Fprintf(&text, "line %d: user%d@example.com connected from 10.0.%d.%d after %dms\n", i, i%97, i%256, i%13, i*7%1000)
	}
	s := text.String()
	mail := regexp.MustCompile(`[a-z0-9]+@[a-z]+\.com`)
	address := regexp.MustCompile(`(\d+)\.(\d+)\.(\d+)\.(\d+)`)
	line := regexp.MustCompile(`^line (\d+): (\S+) connected from (\S+) after (\d+)ms$`)
	found := 0
	for range 10 {
		found += len(mail.FindAllString(s, -1))
		found += len(address.FindAllStringSubmatch(s, -1))
		for l := range strings.Lines(s) {
			if line.MatchString(strings.TrimSuffix(l, "\n")) {
				found++
			}
		}
		found += len(mail.ReplaceAllString(s, "<$0>"))
	}
	fmt.Println(found)
}
