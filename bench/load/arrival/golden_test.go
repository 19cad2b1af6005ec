package arrival

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The golden values hold on every architecture: doc.go says how to run them on another. A change here changes what every
// seed means: results before and after are no longer of the same load.

func TestGoldenLogarithms(t *testing.T) {
	for x, want := range map[float64]uint64{
		0x1p-1022:   0xc086232bdd7abcd2,
		0x1p-53:     0xc0425e4f7b2737fa,
		0.1:         0xc0026bb1bbb55515,
		0.5:         0xbfe62e42fefa39ef,
		0.7:         0xbfd6d3c324e13f50,
		1 - 0x1p-53: 0xbca0000000000000,
		1:           0,
		3:           0x3ff193ea7aad030a,
	} {
		require.Equalf(t, want, math.Float64bits(ln(x)), "ln(%v) is %#016x", x, math.Float64bits(ln(x)))
	}
}

func TestGoldenExponentials(t *testing.T) {
	for x, want := range map[float64]uint64{
		0:        0x3ff0000000000000,
		-0x1p-30: 0x3fefffffff800000,
		-0.1:     0x3fecf46d99d52b3a,
		-0.5:     0x3fe368b2fc6f960a,
		-1:       0x3fd78b56362cef38,
		-10:      0x3f07cd79b5647c9a,
		-100:     0x36ea8c1f14e2af5c,
		-708:     0x0017c8ab2288c9ac,
	} {
		require.Equalf(t, want, math.Float64bits(exp(x)), "exp(%v) is %#016x", x, math.Float64bits(exp(x)))
	}
}

// What rounds differently in one of very many arguments only, a schedule in nanoseconds may hide.
func TestGoldenBits(t *testing.T) {
	source := NewSource(4)
	smooth, bursty := newGamma(4), newGamma(0.25)
	for name, c := range map[string]struct {
		of   func() float64
		hash string
	}{
		"ln":           {func() float64 { return ln(source.unit()) }, "cecefd024f44b3f6"},
		"exp":          {func() float64 { return exp(mul(-708, source.unit())) }, "da2fc41b0e913a08"},
		"gamma smooth": {func() float64 { return smooth.gap(&source) }, "03dcf52939135e11"},
		"gamma bursty": {func() float64 { return bursty.gap(&source) }, "918885c4a229f41e"},
	} {
		source = NewSource(4)
		var h Hash
		for range 200000 {
			h.Add(int64(math.Float64bits(c.of())), 0)
		}
		require.Equal(t, c.hash, h.Sum(), name)
	}
}

func TestGoldenSchedules(t *testing.T) {
	for _, c := range []struct {
		spec  Spec
		first [5]int64
		hash  string // of 100000 arrivals
	}{
		{Spec{Process: Poisson, Rate: 1000},
			[5]int64{1004461, 1304478, 1976722, 2052564, 2722358}, "9dfe50a81cd82abf"},
		{Spec{Process: Poisson, Rate: 1000, Seed: 1},
			[5]int64{491379, 1048963, 2917128, 3637644, 4590543}, "1106a9d3bfb4a90f"},
		{Spec{Process: Constant, Rate: 3},
			[5]int64{0, 333333333, 666666667, 1000000000, 1333333333}, "1aab2fc231a7c31f"},
		{Spec{Process: Gamma, Shape: 0.25, Rate: 1000, Seed: 1},
			[5]int64{959201, 8357818, 8370691, 11204216, 11204602}, "c66c6f848973f9f2"},
		{Spec{Process: Gamma, Shape: 1, Rate: 1000, Seed: 1},
			[5]int64{3806793, 6108128, 6611788, 8140590, 8228440}, "f95fc8d968f587c4"},
		{Spec{Process: Gamma, Shape: 4, Rate: 1000, Seed: 1},
			[5]int64{2184626, 3841097, 4657064, 6000532, 6453487}, "5e052d74ac6cc9ed"},
		{Spec{Process: Poisson, Rate: 1000, RateEnd: 3000, Span: 50 * time.Second, Seed: 1},
			[5]int64{491375, 1048941, 2916957, 3637379, 4590121}, "49372761601699dc"},
		{Spec{Process: Poisson, Rate: 3000, RateEnd: 1000, Span: 50 * time.Second, Seed: 1},
			[5]int64{163793, 349655, 972382, 1212558, 1530197}, "affa678ae04ca026"},
		// The rate squared is 1 + n at the nth arrival, until it is 4 after 2 s.
		{Spec{Process: Constant, Rate: 1, RateEnd: 2, Span: 2 * time.Second},
			[5]int64{0, 828427125, 1464101615, 2000000000, 2500000000}, "1078024533857799"},
	} {
		require.NoError(t, c.spec.Validate())
		s := New(c.spec)
		var first [5]int64
		var h Hash
		for i := range 100000 {
			at := s.Next()
			if i < len(first) {
				first[i] = at
			}
			h.Add(at, i%100)
		}
		require.Equal(t, c.first, first, "%+v", c.spec)
		require.Equal(t, c.hash, h.Sum(), "%+v", c.spec)
	}
}
