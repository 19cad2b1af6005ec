package workloads_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

// rotation is the attribute of the first rotation of a model.
func rotation(t *testing.T, name string) workloads.Attr {
	for _, n := range find(t, name, workloads.Options{}).Phases[0].Graph.Nodes {
		if n.Op == workloads.OpRope {
			return n.Attr
		}
	}
	t.Fatalf("%s has no rotation", name)
	return workloads.Attr{}
}

func TestPlainFrequencies(t *testing.T) {
	a := workloads.Attr{HeadDim: 8, Theta: 10000}
	require.InDeltaSlice(t, []float64{1, 0.1, 0.01, 0.001}, a.Frequencies(), 1e-15)
	require.Equal(t, 1.0, a.RopeScale())
}

// TestLlama3Frequencies: theta 500,000, 64 dimensions, factor 32 over 8192. Wavelengths 2 pi 500000^(i/32): at i = 14 it is
// 1956.5, below 8192/4, and stays; at 15 it is 2948.3, where s = (8192/2948.3 - 1)/3 = 0.59285; at 18 it is 10,089, above
// 8192, and divides.
func TestLlama3Frequencies(t *testing.T) {
	a := rotation(t, "llama3.2-1b")
	got := a.Frequencies()
	require.Len(t, got, 32)
	plain := func(i float64) float64 { return math.Pow(500000, -i/32) }
	require.Equal(t, 1.0, got[0])
	require.InEpsilon(t, plain(14), got[14], 1e-12)
	require.InEpsilon(t, plain(15)*(0.59285+(1-0.59285)/32), got[15], 1e-4)
	require.InEpsilon(t, plain(18)/32, got[18], 1e-12)
	require.InEpsilon(t, plain(31)/32, got[31], 1e-12)
	require.Equal(t, 1.0, a.RopeScale())
	for i := range 31 {
		require.Greater(t, got[i], got[i+1])
	}
}

// TestYarnFrequencies: theta 150,000, 64 dimensions, factor 32 over 4096. The dimension that turns n times in the context is
// 32 ln(4096/(2 pi n)) / ln 150000: 8.0928 for 32 turns, 17.3980 for one. Between them the ramp is linear: 0.4199 at 12.
func TestYarnFrequencies(t *testing.T) {
	a := rotation(t, "gpt-oss-20b")
	got := a.Frequencies()
	require.Len(t, got, 32)
	plain := func(i float64) float64 { return math.Pow(150000, -i/32) }
	require.InEpsilon(t, plain(8), got[8], 1e-12)
	require.InEpsilon(t, plain(12)*(0.4199/32+1-0.4199), got[12], 1e-4)
	require.InEpsilon(t, plain(18)/32, got[18], 1e-12)
	require.InDelta(t, 1.3466, a.RopeScale(), 5e-5)
}
