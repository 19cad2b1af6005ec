package arrival

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const maxError = 1e-15 // as ln and exp promise; relative

func requireAccurate(t require.TestingT, x, got, want float64) {
	if want == 0 {
		require.Zero(t, got, "of %v", x)
		return
	}
	if e := math.Abs(got/want - 1); !(e <= maxError) {
		require.Failf(t, "inaccurate", "of %v: %v, want %v: off by %g", x, got, want, e)
	}
}

func TestLnIsAccurate(t *testing.T) {
	for _, x := range []float64{1, 0.5, 2, math.Sqrt2, math.Sqrt2 / 2, math.Nextafter(1, 0), math.Nextafter(1, 2), 0x1p-53,
		0x1p-1022, math.MaxFloat64, math.E} {
		requireAccurate(t, x, ln(x), math.Log(x))
	}
	source := NewSource(1)
	for range 1000000 {
		u := source.unit()
		requireAccurate(t, u, ln(u), math.Log(u))
		near := 1 - mul(u, 0x1p-20)
		requireAccurate(t, near, ln(near), math.Log(near))
	}
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(0x1p-1022, math.MaxFloat64).Draw(t, "x")
		requireAccurate(t, x, ln(x), math.Log(x))
	})
}

func TestExpIsAccurate(t *testing.T) {
	source := NewSource(2)
	for _, x := range []float64{0, math.Copysign(0, -1), -0x1p-60, -math.Ln2, -math.Ln2 / 2, -1, -707.9999, -708} {
		requireAccurate(t, x, exp(x), math.Exp(x))
	}
	for range 1000000 {
		u := source.unit()
		for _, x := range []float64{-u, mul(-40, u), mul(-708, u)} {
			requireAccurate(t, x, exp(x), math.Exp(x))
		}
	}
	for _, x := range []float64{-708.0001, -1e300, math.Inf(-1)} {
		require.Zero(t, exp(x))
	}
}
