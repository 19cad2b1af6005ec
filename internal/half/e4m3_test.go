package half_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/internal/half"
)

// e4m3 is the value of a code by definition: (-1)^s * 2^(e-7) * 1.f, 2^-6 * 0.f for e = 0, and NaN with all bits set.
func e4m3(h uint8) float64 {
	e, fraction := int(h)>>3&0xf, float64(h&7)
	v := math.Ldexp(8+fraction, e-7-3)
	switch {
	case h&0x7f == 0x7f:
		return math.NaN()
	case e == 0:
		v = math.Ldexp(fraction, 1-7-3)
	}
	return math.Copysign(v, 1-2*float64(h>>7))
}

func TestE4M3WideningIsExact(t *testing.T) {
	for code := range 1 << 8 {
		h := uint8(code)
		want, got := e4m3(h), half.FromE4M3(h)
		if math.IsNaN(want) {
			require.True(t, math.IsNaN(float64(got)), "%#02x", h)
			require.Equal(t, h, half.E4M3(got), "a NaN keeps its sign")
			continue
		}
		require.Equal(t, math.Float64bits(want), math.Float64bits(float64(got)), "%#02x", h)
		require.Equal(t, h, half.E4M3(got), "%#02x", h)
	}
	require.Equal(t, float32(448), half.FromE4M3(0x7e), "the largest")
	require.Equal(t, float32(0x1p-9), half.FromE4M3(0x01), "the smallest")
}

// TestE4M3RoundsToNearestEven looks at every pair of neighbours: what is on either side of their middle, and the middle
// itself. Above the last pair is one of the largest value and NaN, whose middle belongs to the former, which is even.
func TestE4M3RoundsToNearestEven(t *testing.T) {
	for h := uint8(0); h < 0x7f; h++ {
		m := float32((e4m3(h) + e4m3(h+1)) / 2)
		if h == 0x7e {
			m = (448 + 480) / 2
		}
		require.Equal(t, h, half.E4M3(math.Nextafter32(m, 0)), "below %g", m)
		require.Equal(t, h+1, half.E4M3(math.Nextafter32(m, math.MaxFloat32)), "above %g", m)
		require.Equal(t, h+h&1, half.E4M3(m), "at %g", m)
		require.Equal(t, h+h&1|1<<7, half.E4M3(-m), "at %g", -m)
	}
	for _, x := range []float32{float32(math.Inf(1)), math.MaxFloat32, float32(math.NaN()), 465} {
		require.True(t, math.IsNaN(e4m3(half.E4M3(x))), "%g", x)
		require.True(t, math.IsNaN(e4m3(half.E4M3(-x))), "%g", -x)
	}
}

func TestNoOtherE4M3IsNearer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float32Range(-464, 464).Draw(t, "x")
		off := math.Abs(e4m3(half.E4M3(x)) - float64(x))
		for code := range 1 << 8 {
			if v := e4m3(uint8(code)); !math.IsNaN(v) {
				require.LessOrEqual(t, off, math.Abs(v-float64(x)), "%g for %g", v, x)
			}
		}
	})
}
