package kernel

import (
	"fmt"
	"math"
	"unsafe"
)

// vectors is the table of row functions of a set. Every pointer is to n values; n is at least 1.
type vectors struct {
	relu      func(x *float32, n int)
	add       func(dst, x *float32, n int)
	addRelu   func(dst, x *float32, n int)
	mul       func(dst, x *float32, n int)
	maxInto   func(dst, x *float32, n int)
	scale     func(x *float32, n int, by float32)
	gelu      func(x *float32, n int)
	siluMul   func(gate, up *float32, n int)
	maximum   func(x *float32, n int) float32
	expSum    func(x *float32, n int, scale, shift float32) float32 // x = exp(scale*x - shift); their sum
	sum       func(x *float32, n int) float32
	squares   func(x *float32, n int, mean float32) float32 // sum of (x - mean)^2
	normalize func(dst, x, gamma, beta *float32, n int, mean, by float32)
	rms       func(dst, x, gamma *float32, n int, by float32)
	rope      func(head, cos, sin *float32, half int)
	dotRows   func(dst, x, rows *float32, ld, count, n int)
	sumRows   func(dst, weights, rows *float32, ld, count, n int)
}

func first(x []float32) *float32 { return unsafe.SliceData(x) }

func sameLength(what string, n int, others ...int) {
	for _, o := range others {
		if o < n {
			panic(fmt.Sprintf("kernel: %s: %d values where %d are needed", what, o, n))
		}
	}
}

// Relu sets x to max(x, 0).
func (s *Set) Relu(x []float32) {
	if len(x) > 0 {
		s.vec.relu(first(x), len(x))
	}
}

// AddInto adds x to dst, over the length of dst.
func (s *Set) AddInto(dst, x []float32) {
	sameLength("AddInto", len(dst), len(x))
	if len(dst) > 0 {
		s.vec.add(first(dst), first(x), len(dst))
	}
}

// AddReluInto sets dst to max(dst + x, 0), over the length of dst.
func (s *Set) AddReluInto(dst, x []float32) {
	sameLength("AddReluInto", len(dst), len(x))
	if len(dst) > 0 {
		s.vec.addRelu(first(dst), first(x), len(dst))
	}
}

// MulInto multiplies dst by x, element by element, over the length of dst.
func (s *Set) MulInto(dst, x []float32) {
	sameLength("MulInto", len(dst), len(x))
	if len(dst) > 0 {
		s.vec.mul(first(dst), first(x), len(dst))
	}
}

// MaxInto sets dst to max(dst, x), element by element, over the length of dst.
func (s *Set) MaxInto(dst, x []float32) {
	sameLength("MaxInto", len(dst), len(x))
	if len(dst) > 0 {
		s.vec.maxInto(first(dst), first(x), len(dst))
	}
}

// Scale multiplies x by one number.
func (s *Set) Scale(x []float32, by float32) {
	if len(x) > 0 {
		s.vec.scale(first(x), len(x), by)
	}
}

// Gelu sets x to x*(1+erf(x/sqrt 2))/2, within 1e-6 of the exact value.
func (s *Set) Gelu(x []float32) {
	if len(x) > 0 {
		s.vec.gelu(first(x), len(x))
	}
}

// SiluMul sets gate to silu(gate)*up with silu(x) = x/(1+exp(-x)), over the length of gate.
func (s *Set) SiluMul(gate, up []float32) {
	sameLength("SiluMul", len(gate), len(up))
	if len(gate) > 0 {
		s.vec.siluMul(first(gate), first(up), len(gate))
	}
}

// Sigmoid sets x to 1/(1 + exp(-x)), within 1e-6 of the exact value.
func (s *Set) Sigmoid(x []float32) {
	if len(x) == 0 {
		return
	}
	for i, v := range x {
		x[i] = max(v, -expHigh)
	}
	s.vec.expSum(first(x), len(x), -1, 0)
	for i, v := range x {
		x[i] = 1 / (1 + v)
	}
}

// Affine sets dst to x*scale + shift, element by element, over the length of x. dst may be x.
func (s *Set) Affine(dst, x, scale, shift []float32) {
	n := len(x)
	sameLength("Affine", n, len(dst), len(scale), len(shift))
	if n > 0 {
		s.vec.normalize(first(dst), first(x), first(scale), first(shift), n, 0, 1)
	}
}

// Softmax sets row to exp(scale*row - max) over its sum. scale must be positive. An element of -Inf (a masked one) becomes 0; a
// row of nothing else becomes zeros.
func (s *Set) Softmax(row []float32, scale float32) {
	if len(row) == 0 {
		return
	}
	top := s.vec.maximum(first(row), len(row))
	if math.IsInf(float64(top), -1) {
		clear(row)
		return
	}
	total := s.vec.expSum(first(row), len(row), scale, scale*top)
	s.vec.scale(first(row), len(row), 1/total)
}

// LayerNorm sets dst to (x - mean)/sqrt(variance + eps)*gamma + beta, over the length of x. dst may be x.
func (s *Set) LayerNorm(dst, x, gamma, beta []float32, eps float32) {
	n := len(x)
	sameLength("LayerNorm", n, len(dst), len(gamma), len(beta))
	if n == 0 {
		return
	}
	mean := s.vec.sum(first(x), n) / float32(n)
	variance := s.vec.squares(first(x), n, mean) / float32(n)
	s.vec.normalize(first(dst), first(x), first(gamma), first(beta), n, mean, inverseRoot(variance+eps))
}

// RMSNorm sets dst to x/sqrt(mean of x^2 + eps)*gamma, over the length of x. dst may be x.
func (s *Set) RMSNorm(dst, x, gamma []float32, eps float32) {
	n := len(x)
	sameLength("RMSNorm", n, len(dst), len(gamma))
	if n == 0 {
		return
	}
	square := s.vec.squares(first(x), n, 0) / float32(n)
	s.vec.rms(first(dst), first(x), first(gamma), n, inverseRoot(square+eps))
}

// Rope rotates one head of d values in place: with h = d/2, the pair (head[i], head[i+h]) turns by the angle whose cosine and sine
// are cos[i] and sin[i], i < h.
func (s *Set) Rope(head, cos, sin []float32) {
	half := len(head) / 2
	sameLength("Rope", half, len(cos), len(sin))
	if half > 0 {
		s.vec.rope(first(head), first(cos), first(sin), half)
	}
}

// DotRows sets dst[j] to the dot product of x and row j of a matrix whose rows are ld values apart: the scores of one query against
// a key cache, without packing it.
func (s *Set) DotRows(dst, x, rows []float32, ld int) {
	if len(dst) == 0 {
		return
	}
	checkMatrix("DotRows", len(dst), len(x), len(rows), ld)
	s.vec.dotRows(first(dst), first(x), first(rows), ld, len(dst), len(x))
}

// SumRows adds the sum over j of weights[j]*row j to dst, rows being ld values apart: the weighted values of one query, without
// packing the value cache.
func (s *Set) SumRows(dst, weights, rows []float32, ld int) {
	if len(weights) == 0 {
		return
	}
	checkMatrix("SumRows", len(weights), len(dst), len(rows), ld)
	s.vec.sumRows(first(dst), first(weights), first(rows), ld, len(weights), len(dst))
}

func inverseRoot(x float32) float32 { return float32(1 / math.Sqrt(float64(x))) }
