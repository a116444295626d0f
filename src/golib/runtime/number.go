package runtime


// Arithmetic that compiled code leaves to the runtime.

func isNaN(f float64) bool { return f != f }

func isInf(f float64) bool { return !isNaN(f) && !isFinite(f) }

func isFinite(f float64) bool { return !isNaN(f - f) }

func abs(f float64) float64 {
	if f < 0 || f == 0 {
		return 0 - f
	}
	return f
}

func copysign(f, sign float64) float64 {
	negative := sign < 0 || sign == 0 && 1/sign < 0
	if negative != (f < 0 || f == 0 && 1/f < 0) {
		return -f
	}
	return f
}

// inf2one gives a signed 1 for an infinity and a signed 0 otherwise.
func inf2one(f float64) float64 {
	if isInf(f) {
		return copysign(1, f)
	}
	return copysign(0, f)
}

// complex128div divides as Smith's method does (CACM 1962), with C99 Annex G's rules for infinities and NaNs.
func complex128div(n complex128, m complex128) complex128 {
	var e, f float64
	a, b := real(n), imag(n)
	c, d := real(m), imag(m)
	if abs(c) >= abs(d) {
		ratio := d / c
		denominator := c + ratio*d
		e = (a + b*ratio) / denominator
		f = (b - a*ratio) / denominator
	} else {
		ratio := c / d
		denominator := d + ratio*c
		e = (a*ratio + b) / denominator
		f = (b*ratio - a) / denominator
	}
	if isNaN(e) && isNaN(f) {
		switch {
		case m == 0 && (!isNaN(a) || !isNaN(b)):
			e = copysign(inf, c) * a
			f = copysign(inf, c) * b
		case (isInf(a) || isInf(b)) && isFinite(c) && isFinite(d):
			a = inf2one(a)
			b = inf2one(b)
			e = inf * (a*c + b*d)
			f = inf * (b*c - a*d)
		case (isInf(c) || isInf(d)) && isFinite(a) && isFinite(b):
			c = inf2one(c)
			d = inf2one(d)
			e = 0 * (a*c + b*d)
			f = 0 * (b*c - a*d)
		}
	}
	return complex(e, f)
}

var inf = 1 / zeroFloat
var zeroFloat float64

type floating interface{ ~float32 | ~float64 }

// fmin and fmax are the builtins min and max: NaN wins, and -0 is less than 0.
func fmin[F floating](x, y F) F {
	switch {
	case x != x || y < x:
		if x != x {
			return x
		}
		return y
	case y != y:
		return y
	case x == 0 && y == 0 && 1/y < 0:
		return y
	}
	return x
}

func fmax[F floating](x, y F) F {
	switch {
	case x != x || y > x:
		if x != x {
			return x
		}
		return y
	case y != y:
		return y
	case x == 0 && y == 0 && 1/x < 0:
		return y
	}
	return x
}

func fmin32(x, y float32) float32 { return fmin(x, y) }
func fmin64(x, y float64) float64 { return fmin(x, y) }
func fmax32(x, y float32) float32 { return fmax(x, y) }
func fmax64(x, y float64) float64 { return fmax(x, y) }

