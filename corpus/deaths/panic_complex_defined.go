// A panic with a complex number of a defined type.
package main

type T complex64

func main() { panic(T(complex(1, 2))) }
