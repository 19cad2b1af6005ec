package half

import "math"

// e4m3NaN is the only NaN of its sign: the format has no infinities and uses all other codes for numbers.
const e4m3NaN = 0x7f

// E4M3 is the nearest 8-bit float of x, ties to even, in the format that exchange formats call f8e4m3fn. There are no
// infinities: what is nearer to 480 than to the largest value, 448, is a NaN, as is any NaN. Whoever wants the largest value
// instead limits x before.
func E4M3(x float32) uint8 {
	b := math.Float32bits(x)
	sign, abs := uint8(b>>24&0x80), b&^(1<<31)
	switch {
	case abs > 0x43e80000: // above 464, or NaN
		return sign | e4m3NaN
	case abs < 0x3c800000: // below 2^-6: a multiple of 2^-9
		return sign | uint8(math.RoundToEven(float64(math.Float32frombits(abs))*(1<<9)))
	}
	// Rebias the exponent and round off 20 bits; a carry runs into the exponent, as it should.
	abs -= (127 - 7) << 23
	return sign | uint8((abs+0x7ffff+abs>>20&1)>>20)
}

// FromE4M3 is the value of an f8e4m3fn: sign, 4 bits of exponent with bias 7, 3 bits of fraction.
func FromE4M3(h uint8) float32 {
	sign, exponent, fraction := uint32(h&0x80)<<24, uint32(h>>3&0xf), uint32(h&7)
	switch {
	case h&0x7f == e4m3NaN:
		return math.Float32frombits(sign | 0x7fc00000)
	case exponent == 0: // zero or subnormal: fraction * 2^-9, exact in float32
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)*0x1p-9))
	}
	return math.Float32frombits(sign | (exponent+127-7)<<23 | fraction<<20)
}
