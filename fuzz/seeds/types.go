package seed

import "unsafe"

const (
	Big  = 1 << 100
	Half = 0.5
	Text = "t\xff"
	I    = 2i + 1
	A, B = iota, 'x'
	C, D
)

type inner struct {
	n    int
	next *Node
}

type Node struct {
	inner
	Tag  string `json:"tag"`
	kids []*Node
}

func (n *inner) Depth() int { return n.n }
func (n Node) hidden()      {}

type Shape interface {
	Area() float64
	private()
}

var step, size = 1, unsafe.Sizeof(Node{})
var Func func(chan<- int, ...Shape) (<-chan error, map[string]any)
var Array = [...]string{2: "two", 5: "five"}

//go:linkname Linked other.name
func Linked() {}
