package half_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/internal/half"
)

// format is what the two formats are by definition: sign, exponent and fraction fields, and nothing of how they are converted.
type format struct {
	name                string
	exponent, fraction  int // widths in bits
	narrow              func(float32) uint16
	widen               func(uint16) float32
	largest, infinityAt float64 // the largest finite value, and the least that rounds to infinity
}

func formats() []format {
	return []format{
		{"float16", 5, 10, half.Float16, half.FromFloat16, 65504, 65520},
		{"bfloat16", 8, 7, half.BFloat16, half.FromBFloat16, 0x1.fep127, 0x1.ffp127},
	}
}

// value is (-1)^s * 2^(e-bias) * 1.f, and 2^(1-bias) * 0.f for e = 0.
func (f format) value(h uint16) float64 {
	bias := 1<<(f.exponent-1) - 1
	e := int(h) >> f.fraction & (1<<f.exponent - 1)
	fraction := float64(int(h) & (1<<f.fraction - 1))
	v := math.Ldexp(fraction+float64(int(1)<<f.fraction), e-bias-f.fraction)
	switch {
	case e == 0:
		v = math.Ldexp(fraction, 1-bias-f.fraction)
	case e == 1<<f.exponent-1 && fraction > 0:
		v = math.NaN()
	case e == 1<<f.exponent-1:
		v = math.Inf(1)
	}
	return math.Copysign(v, 1-2*float64(h>>15))
}

func TestWideningIsExact(t *testing.T) {
	for _, f := range formats() {
		for h := range 1 << 16 {
			want, got := f.value(uint16(h)), float64(f.widen(uint16(h)))
			if math.IsNaN(want) {
				require.True(t, math.IsNaN(got), "%s %#04x", f.name, h)
				require.True(t, math.IsNaN(float64(f.widen(f.narrow(float32(got))))), "%s %#04x", f.name, h)
				continue
			}
			require.Equal(t, math.Float64bits(want), math.Float64bits(got), "%s %#04x", f.name, h)
			require.Equal(t, uint16(h), f.narrow(float32(want)), "%s %#04x", f.name, h)
		}
	}
}

// TestNarrowingRoundsToNearestEven looks at every pair of neighbours: what is on either side of their middle, and the middle
// itself, all of which are float32.
func TestNarrowingRoundsToNearestEven(t *testing.T) {
	for _, f := range formats() {
		infinity := uint16(1<<f.exponent-1) << f.fraction
		for h := uint16(0); h < infinity; h++ {
			middle := (f.value(h) + f.value(h+1)) / 2
			if h+1 == infinity {
				middle = f.infinityAt
			}
			m := float32(middle)
			require.Equal(t, middle, float64(m))
			require.Equal(t, h, f.narrow(math.Nextafter32(m, 0)), "%s below %g", f.name, m)
			require.Equal(t, h+1, f.narrow(math.Nextafter32(m, math.MaxFloat32)), "%s above %g", f.name, m)
			require.Equal(t, h+h&1, f.narrow(m), "%s at %g", f.name, m)
			require.Equal(t, h+h&1|1<<15, f.narrow(-m), "%s at %g", f.name, -m)
		}
		require.Equal(t, f.largest, f.value(infinity-1))
		require.Equal(t, infinity, f.narrow(float32(math.Inf(1))))
		require.Equal(t, infinity|1<<15, f.narrow(float32(math.Inf(-1))))
		require.Equal(t, infinity, f.narrow(math.MaxFloat32))
		for _, nan := range []uint32{0x7f800001, 0xff800001, 0x7fffffff} {
			require.True(t, math.IsNaN(f.value(f.narrow(math.Float32frombits(nan)))), "%s of %#x", f.name, nan)
		}
	}
}

func TestNoOtherValueIsNearer(t *testing.T) {
	for _, f := range formats() {
		rapid.Check(t, func(t *rapid.T) {
			x := math.Float32frombits(rapid.Uint32().Draw(t, "bits"))
			h := f.narrow(x)
			if x != x {
				require.True(t, math.IsNaN(f.value(h)))
				return
			}
			if math.Abs(float64(x)) >= f.infinityAt {
				require.True(t, math.IsInf(f.value(h), 0))
				return
			}
			off := math.Abs(f.value(h) - float64(x))
			for _, other := range []uint16{h - 1, h + 1} {
				if v := f.value(other); !math.IsNaN(v) {
					require.LessOrEqual(t, off, math.Abs(v-float64(x)), "%s of %g", f.name, x)
				}
			}
		})
	}
}
