package arrival

import "math/bits"

// weyl is the odd increment of splitmix64, 2^64 over the golden ratio.
const weyl = 0x9e3779b97f4a7c15

// Source is the generator splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014). Its
// integers depend on the seed alone, on every platform. It is not safe for concurrent use.
type Source struct {
	state uint64
}

// NewSource starts the generator at a seed. All seeds are good.
func NewSource(seed uint64) Source {
	return Source{state: seed}
}

// Uint64 is the next integer, uniform over all of them.
func (s *Source) Uint64() uint64 {
	s.state += weyl
	return mix(s.state)
}

// Below is a uniform integer in [0, n), n above 0. Of the 2^64 products n*x, the first 2^64 mod n low words of each high
// word are rejected, so that every high word is left with equally many (Lemire, "Fast random integer generation in an
// interval", 2019).
func (s *Source) Below(n uint64) uint64 {
	reject := -n % n
	for {
		high, low := bits.Mul64(s.Uint64(), n)
		if low >= reject {
			return high
		}
	}
}

// unit is a uniform multiple of 2^-53 in (0, 1]: never 0, so that its logarithm is finite.
func (s *Source) unit() float64 {
	return mul(float64(s.Uint64()>>11+1), 0x1p-53)
}

// mix is splitmix64's finaliser, a bijection of 64-bit integers in which every bit of x moves every bit of the result.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
