package arrival

import "math"

// mul is a*b, rounded. Go may fuse a product and a sum into one instruction, and does on some platforms; an explicit
// conversion is what the language forbids it to fuse across.
func mul(a, b float64) float64 {
	return float64(a * b)
}

const (
	mantissa = 52
	bias     = 1023

	// ln2High has 36 bits, so that its products with exponents of up to 11 bits are exact.
	ln2High = 0x1.62e42fefap-1
	ln2Low  = math.Ln2 - ln2High

	// minExp is above the logarithm of the smallest normal number, -708.396.
	minExp = -708
)

// ln is the natural logarithm of a positive, finite and normal x, within 1e-15 of it relatively. With x = m*2^k and m in
// [sqrt(1/2), sqrt(2)), ln x = k ln 2 + 2 atanh(s), s = (m-1)/(m+1); the series of atanh(s)/s in z = s*s < 0.0295 is cut
// after z^10/21, leaving less than 1e-17. Even and odd powers are added up apart, which takes half as long.
func ln(x float64) float64 {
	const rootHalf = 0x3fe6a09e667f3bcd
	bits := math.Float64bits(x)
	k := int64(bits-rootHalf) >> mantissa
	m := math.Float64frombits(bits - uint64(k)<<mantissa)

	s := (m - 1) / (m + 1)
	z := mul(s, s)
	w := mul(z, z)
	even := 1.0/17 + mul(w, 1.0/21)
	even = 1.0/13 + mul(w, even)
	even = 1.0/9 + mul(w, even)
	even = 1.0/5 + mul(w, even)
	odd := 1.0/15 + mul(w, 1.0/19)
	odd = 1.0/11 + mul(w, odd)
	odd = 1.0/7 + mul(w, odd)
	odd = 1.0/3 + mul(w, odd)
	series := mul(w, even) + mul(z, odd)
	return mul(float64(k), math.Ln2) + (mul(2, s) + mul(mul(2, s), series))
}

// exp is e^x for x <= 0, within 1e-15 of it relatively, and 0 below -708, where e^x is next to or below the smallest
// normal number. With x = k ln 2 + r and |r| <= ln(2)/2, e^x = 2^k e^r; the series of e^r is cut after r^13/13!, leaving
// less than 1e-17. Even and odd powers are added up apart, which takes half as long.
func exp(x float64) float64 {
	if x < minExp {
		return 0
	}
	k := int64(mul(x, 1/math.Ln2) - 0.5)
	r := x - mul(float64(k), ln2High) - mul(float64(k), ln2Low)

	z := mul(r, r)
	even := 1.0/3628800 + mul(z, 1.0/479001600)
	even = 1.0/40320 + mul(z, even)
	even = 1.0/720 + mul(z, even)
	even = 1.0/24 + mul(z, even)
	even = 1.0/2 + mul(z, even)
	odd := 1.0/39916800 + mul(z, 1.0/6227020800)
	odd = 1.0/362880 + mul(z, odd)
	odd = 1.0/5040 + mul(z, odd)
	odd = 1.0/120 + mul(z, odd)
	odd = 1.0/6 + mul(z, odd)
	series := r + (mul(z, even) + mul(mul(z, r), odd))
	return mul(1+series, math.Float64frombits(uint64(k+bias)<<mantissa))
}
