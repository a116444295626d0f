// The n-body problem: five bodies, 500,000 steps, one goroutine.
package main

import (
	"fmt"
	"math"
)

type body struct{ x, y, z, vx, vy, vz, mass float64 }

const (
	solarMass   = 4 * math.Pi * math.Pi
	daysPerYear = 365.24
)

func energy(bodies []body) float64 {
	e := 0.0
	for i := range bodies {
		b := &bodies[i]
		e += b.mass * (b.vx*b.vx + b.vy*b.vy + b.vz*b.vz) / 2
		for j := i + 1; j < len(bodies); j++ {
			o := &bodies[j]
			dx, dy, dz := b.x-o.x, b.y-o.y, b.z-o.z
			e -= b.mass * o.mass / math.Sqrt(dx*dx+dy*dy+dz*dz)
		}
	}
	return e
}

func advance(bodies []body, dt float64) {
	for i := range bodies {
		b := &bodies[i]
		for j := i + 1; j < len(bodies); j++ {
			o := &bodies[j]
			dx, dy, dz := b.x-o.x, b.y-o.y, b.z-o.z
			d := dx*dx + dy*dy + dz*dz
			mag := dt / (d * math.Sqrt(d))
			b.vx -= dx * o.mass * mag
			b.vy -= dy * o.mass * mag
			b.vz -= dz * o.mass * mag
			o.vx += dx * b.mass * mag
			o.vy += dy * b.mass * mag
			o.vz += dz * b.mass * mag
		}
	}
	for i := range bodies {
		b := &bodies[i]
		b.x += dt * b.vx
		b.y += dt * b.vy
		b.z += dt * b.vz
	}
}

func main() {
	bodies := []body{
		{mass: solarMass},
		{4.84, -1.16, -0.10, 0.00166 * daysPerYear, 0.0077 * daysPerYear, -0.000069 * daysPerYear, 0.00095 * solarMass},
		{8.34, 4.12, -0.4, -0.00277 * daysPerYear, 0.0050 * daysPerYear, 0.000023 * daysPerYear, 0.00029 * solarMass},
		{12.89, -15.11, -0.22, 0.00296 * daysPerYear, 0.00238 * daysPerYear, -0.00003 * daysPerYear, 0.000044 * solarMass},
		{15.38, -25.92, 0.18, 0.00268 * daysPerYear, 0.0016 * daysPerYear, -0.000095 * daysPerYear, 0.00005 * solarMass},
	}
	fmt.Printf("%.6f\n", energy(bodies))
	for range 500_000 {
		advance(bodies, 0.01)
	}
	fmt.Printf("%.6f\n", energy(bodies))
}
