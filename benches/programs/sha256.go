// SHA-256 in plain Go over 64 MB: shifts, rotations, array and slice indices.
package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
)

type digest struct {
	h [8]uint32
	k [64]uint32
}

// fraction gives the first 32 bits of the fraction of x.
func fraction(x float64) uint32 {
	_, f := math.Modf(x)
	return uint32(f * (1 << 32))
}

func newDigest() *digest {
	d := &digest{}
	n := 0
	for p := 2; n < 64; p++ {
		prime := true
		for q := 2; q*q <= p; q++ {
			prime = prime && p%q != 0
		}
		if !prime {
			continue
		}
		if n < 8 {
			d.h[n] = fraction(math.Sqrt(float64(p)))
		}
		d.k[n] = fraction(math.Cbrt(float64(p)))
		n++
	}
	return d
}

func (d *digest) block(p []byte) {
	var w [64]uint32
	for len(p) >= 64 {
		for i := range 16 {
			w[i] = binary.BigEndian.Uint32(p[i*4:])
		}
		for i := 16; i < 64; i++ {
			v1, v2 := w[i-2], w[i-15]
			t1 := bits.RotateLeft32(v1, -17) ^ bits.RotateLeft32(v1, -19) ^ (v1 >> 10)
			t2 := bits.RotateLeft32(v2, -7) ^ bits.RotateLeft32(v2, -18) ^ (v2 >> 3)
			w[i] = t1 + w[i-7] + t2 + w[i-16]
		}
		a, b, c, e, f, g, h, i0 := d.h[0], d.h[1], d.h[2], d.h[3], d.h[4], d.h[5], d.h[6], d.h[7]
		for i := range 64 {
			t1 := i0 + (bits.RotateLeft32(f, -6) ^ bits.RotateLeft32(f, -11) ^ bits.RotateLeft32(f, -25)) + ((f & g) ^ (^f & h)) + d.k[i] + w[i]
			t2 := (bits.RotateLeft32(a, -2) ^ bits.RotateLeft32(a, -13) ^ bits.RotateLeft32(a, -22)) + ((a & b) ^ (a & c) ^ (b & c))
			i0, h, g, f, e, c, b, a = h, g, f, e+t1, c, b, a, t1+t2
		}
		d.h[0] += a
		d.h[1] += b
		d.h[2] += c
		d.h[3] += e
		d.h[4] += f
		d.h[5] += g
		d.h[6] += h
		d.h[7] += i0
		p = p[64:]
	}
}

func main() {
	d := newDigest()
	chunk := make([]byte, 1<<16)
	for i := range chunk {
		chunk[i] = byte(i * 7)
	}
	for range 1024 {
		d.block(chunk)
	}
	fmt.Printf("%08x\n", d.h)
}
