// text/template turns a panic into an error, exit by log.
package main

import (
	"log"
	"os"
	"text/template"
)

func main() {
	log.SetFlags(0)
	t := template.Must(template.New("t").Funcs(template.FuncMap{"f": func() string { panic("in a template") }}).Parse("{{f}}"))
	log.Fatal(t.Execute(os.Stdout, nil))
}
