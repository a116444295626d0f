// A conversion between types of the same name in different packages.
package main

import (
	html "html/template"
	"text/template"
)

//go:noinline
func f(a any) *template.Template { return a.(*template.Template) }
func main()                      { f(html.New("x")) }
