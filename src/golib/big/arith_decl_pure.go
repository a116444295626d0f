package big

// The vector kernels are natives, as they are assembly in Go: their accesses are not checked there either. The natives take
// pointers to the first words and their number.

func addVectors(z, x, y *Word, n int) Word
func subVectors(z, x, y *Word, n int) Word
func shiftVectorLeft(z, x *Word, n int, s uint) Word
func shiftVectorRight(z, x *Word, n int, s uint) Word
func mulAddVector(z, x *Word, n int, y, r Word) Word
func addMulVectors(z, x, y *Word, n int, m, a Word) Word

// first is the address of the first of n words.
func first(x []Word, n int) *Word {
	if len(x) != n {
		panic("vectors of different lengths")
	}
	if n == 0 {
		return nil
	}
	return &x[0]
}

func addVV(z, x, y []Word) (c Word) {
	n := len(z)
	return addVectors(first(z, n), first(x, n), first(y, n), n)
}

func subVV(z, x, y []Word) (c Word) {
	n := len(z)
	return subVectors(first(z, n), first(x, n), first(y, n), n)
}

func lshVU(z, x []Word, s uint) (c Word) {
	n := len(z)
	return shiftVectorLeft(first(z, n), first(x, n), n, s)
}

func rshVU(z, x []Word, s uint) (c Word) {
	n := len(z)
	return shiftVectorRight(first(z, n), first(x, n), n, s)
}

func mulAddVWW(z, x []Word, y, r Word) (c Word) {
	n := len(z)
	return mulAddVector(first(z, n), first(x, n), n, y, r)
}

func addMulVVWW(z, x, y []Word, m, a Word) (c Word) {
	n := len(z)
	return addMulVectors(first(z, n), first(x, n), first(y, n), n, m, a)
}
