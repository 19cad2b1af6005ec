// Package half converts the two floating-point formats of 16 bits, and one of 8, from and to float32.
//
// The flow: readers of files and fillers of tensors call these functions element by element. The room's one rule: widening
// is exact, narrowing rounds to nearest, ties to even.
package half

import "math"

// Float16 is the nearest IEEE binary16 of x, ties to even; infinite from 65520 on, and a quiet NaN for any NaN.
func Float16(x float32) uint16 {
	b := math.Float32bits(x)
	sign, abs := uint16(b>>16&0x8000), b&^(1<<31)
	switch {
	case abs > 0x7f800000: // NaN
		return sign | 0x7e00
	case abs >= 0x477ff000: // rounds to 2^16 or more
		return sign | 0x7c00
	case abs < 0x38800000: // below 2^-14: a multiple of 2^-24
		return sign | uint16(math.RoundToEven(float64(math.Float32frombits(abs))*(1<<24)))
	}
	// Rebias the exponent and round off 13 bits; a carry runs into the exponent, as it should.
	abs -= (127 - 15) << 23
	return sign | uint16((abs+0xfff+abs>>13&1)>>13)
}

// FromFloat16 is the value of an IEEE binary16: sign, 5 bits of exponent with bias 15, 10 bits of fraction.
func FromFloat16(h uint16) float32 {
	sign, exponent, fraction := uint32(h&0x8000)<<16, uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exponent {
	case 0: // zero or subnormal: fraction * 2^-24, exact in float32
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)*0x1p-24))
	case 0x1f: // infinity or NaN
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// BFloat16 is the nearest bfloat16 of x, ties to even: the upper half of a float32. NaN stays NaN.
func BFloat16(x float32) uint16 {
	b := math.Float32bits(x)
	if b&^(1<<31) > 0x7f800000 {
		return uint16(b>>16) | 0x40
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// FromBFloat16 is the value of a bfloat16.
func FromBFloat16(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }
