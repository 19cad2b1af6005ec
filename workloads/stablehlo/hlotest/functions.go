package hlotest

import (
	"math"
	"math/bits"
)

// floatFunction is an elementwise operation on floats, or nil. Computed in float64 and rounded once to f32 or less, sums,
// differences, products, quotients and square roots are what arithmetic of that precision gives.
func floatFunction(name string, operands int) func(out []float64, in [3][]float64) {
	switch operands {
	case 1:
		if f := floatUnary(name); f != nil {
			return func(out []float64, in [3][]float64) {
				for i, v := range in[0] {
					out[i] = f(v)
				}
			}
		}
	case 2:
		return floatBinary(name)
	case 3:
		if name == "clamp" {
			return func(out []float64, in [3][]float64) {
				for i, v := range in[1] {
					out[i] = math.Min(math.Max(v, in[0][i]), in[2][i])
				}
			}
		}
	}
	return nil
}

func floatUnary(name string) func(float64) float64 {
	switch name {
	case "abs":
		return math.Abs
	case "cbrt":
		return math.Cbrt
	case "ceil":
		return math.Ceil
	case "cosine":
		return math.Cos
	case "chlo.erf":
		return math.Erf
	case "exponential":
		return math.Exp
	case "exponential_minus_one":
		return math.Expm1
	case "floor":
		return math.Floor
	case "log":
		return math.Log
	case "log_plus_one":
		return math.Log1p
	case "logistic":
		return func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	case "negate":
		return func(v float64) float64 { return -v }
	case "round_nearest_afz":
		return math.Round
	case "round_nearest_even":
		return math.RoundToEven
	case "rsqrt":
		return func(v float64) float64 { return 1 / math.Sqrt(v) }
	case "sign":
		return func(v float64) float64 {
			if v > 0 || v < 0 {
				return math.Copysign(1, v)
			}
			return v // zeros keep their sign, and NaN is NaN
		}
	case "sine":
		return math.Sin
	case "sqrt":
		return math.Sqrt
	case "tan":
		return math.Tan
	case "tanh":
		return math.Tanh
	}
	return nil
}

func floatBinary(name string) func(out []float64, in [3][]float64) {
	switch name {
	case "add":
		return func(out []float64, in [3][]float64) {
			for i, a := range in[0] {
				out[i] = a + in[1][i]
			}
		}
	case "subtract":
		return func(out []float64, in [3][]float64) {
			for i, a := range in[0] {
				out[i] = a - in[1][i]
			}
		}
	case "multiply":
		return func(out []float64, in [3][]float64) {
			for i, a := range in[0] {
				out[i] = a * in[1][i]
			}
		}
	case "divide":
		return func(out []float64, in [3][]float64) {
			for i, a := range in[0] {
				out[i] = a / in[1][i]
			}
		}
	}
	var f func(a, b float64) float64
	switch name {
	case "maximum":
		f = math.Max
	case "minimum":
		f = math.Min
	case "power":
		f = math.Pow
	case "remainder":
		f = math.Mod
	case "atan2":
		f = math.Atan2
	default:
		return nil
	}
	return func(out []float64, in [3][]float64) {
		for i, a := range in[0] {
			out[i] = f(a, in[1][i])
		}
	}
}

func isFinite(out []float64, in [3][]float64) {
	for i, v := range in[0] {
		out[i] = 0
		if !math.IsInf(v, 0) && v == v {
			out[i] = 1
		}
	}
}

// kind is an integer type: elements are int64, extended by the sign where they have one.
type kind struct {
	bits   int
	signed bool
}

// unsigned is v without its extension.
func (k kind) unsigned(v int64) uint64 { return uint64(v) << (64 - k.bits) >> (64 - k.bits) }

// intFunction is an elementwise operation on integers, or nil. Results wrap around when their low bits are stored. Truth values are
// integers of one bit: their sum is "or", their product "and".
func intFunction(name string, operands int, k kind) func(out []int64, in [3][]int64) {
	switch operands {
	case 1:
		if f := intUnary(name, k); f != nil {
			return func(out []int64, in [3][]int64) {
				for i, v := range in[0] {
					out[i] = f(v)
				}
			}
		}
	case 2:
		f := intBinary(name, k)
		if k.bits == 1 {
			f = truthBinary(name)
		}
		if f != nil {
			return func(out []int64, in [3][]int64) {
				for i, a := range in[0] {
					out[i] = f(a, in[1][i])
				}
			}
		}
	case 3:
		if name == "clamp" {
			least, most := intBinary("minimum", k), intBinary("maximum", k)
			return func(out []int64, in [3][]int64) {
				for i, v := range in[1] {
					out[i] = least(most(v, in[0][i]), in[2][i])
				}
			}
		}
	}
	return nil
}

func intUnary(name string, k kind) func(int64) int64 {
	switch name {
	case "not":
		if k.bits == 1 {
			return func(v int64) int64 { return 1 - v }
		}
		return func(v int64) int64 { return ^v }
	case "negate":
		return func(v int64) int64 { return -v }
	case "abs":
		return func(v int64) int64 {
			if k.signed && v < 0 {
				return -v
			}
			return v
		}
	case "sign":
		return func(v int64) int64 {
			if k.signed && v < 0 {
				return -1
			}
			return truth(v != 0)
		}
	case "popcnt":
		return func(v int64) int64 { return int64(bits.OnesCount64(k.unsigned(v))) }
	case "count_leading_zeros":
		return func(v int64) int64 { return int64(bits.LeadingZeros64(k.unsigned(v)) - (64 - k.bits)) }
	}
	return nil
}

func truthBinary(name string) func(a, b int64) int64 {
	switch name {
	case "add", "or", "maximum":
		return func(a, b int64) int64 { return a | b }
	case "multiply", "and", "minimum":
		return func(a, b int64) int64 { return a & b }
	case "xor":
		return func(a, b int64) int64 { return a ^ b }
	}
	return nil
}

func intBinary(name string, k kind) func(a, b int64) int64 {
	switch name {
	case "add":
		return func(a, b int64) int64 { return a + b }
	case "subtract":
		return func(a, b int64) int64 { return a - b }
	case "multiply":
		return func(a, b int64) int64 { return a * b }
	case "and":
		return func(a, b int64) int64 { return a & b }
	case "or":
		return func(a, b int64) int64 { return a | b }
	case "xor":
		return func(a, b int64) int64 { return a ^ b }
	case "divide":
		return k.divide
	case "remainder":
		return k.remainder
	case "maximum", "minimum":
		want := name == "maximum"
		return func(a, b int64) int64 {
			greater := a > b
			if !k.signed {
				greater = uint64(a) > uint64(b)
			}
			if greater == want {
				return a
			}
			return b
		}
	case "power":
		return power
	case "shift_left":
		return func(a, b int64) int64 { return int64(uint64(a) << min(k.unsigned(b), 64)) }
	case "shift_right_logical":
		return func(a, b int64) int64 { return int64(k.unsigned(a) >> min(k.unsigned(b), 64)) }
	case "shift_right_arithmetic":
		return func(a, b int64) int64 {
			extended := a << (64 - k.bits) >> (64 - k.bits)
			return extended >> min(k.unsigned(b), 63)
		}
	}
	return nil
}

// divide: the quotient by 0 has all bits set, as in XLA.
func (k kind) divide(a, b int64) int64 {
	switch {
	case b == 0:
		return -1
	case k.signed:
		return a / b
	}
	return int64(uint64(a) / uint64(b))
}

// remainder has the sign of a; that by 0 is a.
func (k kind) remainder(a, b int64) int64 {
	switch {
	case b == 0:
		return a
	case k.signed:
		return a % b
	}
	return int64(uint64(a) % uint64(b))
}

// power by squaring; negative powers of integers are 0 but for those of 1 and -1.
func power(a, b int64) int64 {
	if b < 0 {
		switch a {
		case 1:
			return 1
		case -1:
			return 1 - 2*(b&1)
		}
		return 0
	}
	r := int64(1)
	for ; b > 0; b >>= 1 {
		if b&1 == 1 {
			r *= a
		}
		a *= a
	}
	return r
}
