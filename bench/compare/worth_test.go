package compare

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/devices"
)

// paid are runs on a CPU at a rate in images/s, on a machine with a price per hour; 0 is no price.
func paid(side string, usd float64, rates ...float64) []bench.Result {
	var out []bench.Result
	for i, rate := range rates {
		second := int64(1e9)
		r := bench.Result{ID: fmt.Sprintf("%s%d", side, i), Status: bench.OK, Validity: bench.Validity{Valid: true}, ElapsedNS: &second,
			Device: devices.Info{Backend: "cpu", ID: "cpu", Name: "CPU"}, Engine: devices.EngineInfo{Name: "native", Kind: devices.Harness},
			Workload: bench.WorkloadInfo{Name: "resnet50", Unit: "image", Precision: "f32", Batch: 1}, Scenario: bench.Scenario{Name: bench.Offline},
			Counts: bench.Counts{Units: int64(rate)}}
		if usd > 0 {
			p, err := price.Custom(usd)
			if err != nil {
				panic(err)
			}
			r.Price = &p
		}
		out = append(out, r)
	}
	return out
}

func worths(base, head []bench.Result) []Worth {
	b, _ := Subjects(base)
	h, _ := Subjects(head)
	return Worths(Compare(b, h, Options{}), base, head, bench.SummarizeOptions{})
}

func TestWorth(t *testing.T) {
	base, head := paid("b", 2, 100, 101, 99), paid("h", 3, 150, 151, 149)
	w := worths(base, head)
	require.Len(t, w, 1)
	require.InDelta(t, 1, *w[0].Ratio, 1e-4, "half as fast again, at half as much again")
	require.Less(t, w[0].Interval.Low, *w[0].Ratio)
	require.Greater(t, w[0].Interval.High, *w[0].Ratio)
	require.InDelta(t, 50, w[0].Base.PerDollarHour.Value, 0.1)
	require.Equal(t, []string{"native"}, w[0].Harness)

	w = worths(base, paid("h", 1, 100, 101, 99))
	require.InDelta(t, 2, *w[0].Ratio, 1e-9, "the same at half the price")

	w = worths(base, paid("h", 0, 100, 101))
	require.Nil(t, w[0].Ratio)
	require.Contains(t, w[0].Unpriced, "no price: pass --price")
	require.Nil(t, w[0].Base, "one side alone is not shown")
}

// TestRunsOfOneSideWithTwoPrices: the runs of a side may be of two identities, such as versions of an engine.
func TestRunsOfOneSideWithTwoPrices(t *testing.T) {
	head := append(paid("h", 2, 100, 101), paid("x", 4, 100, 101)...)
	head[2].Engine.Version, head[3].Engine.Version = "2", "2"
	w := worths(paid("b", 2, 100, 101, 99), head)
	require.Equal(t, "the runs of head have different prices", w[0].Unpriced)
	require.Nil(t, w[0].Ratio)
}

// TestWorthIsOfUnitsPerDollar: the ratio is that of units per dollar, whatever the prices and rates.
func TestWorthIsOfUnitsPerDollar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q := rapid.Float64Range(0.01, 100).Draw(t, "base price"), rapid.Float64Range(0.01, 100).Draw(t, "head price")
		a, b := float64(rapid.IntRange(100, 1e6).Draw(t, "base rate")), float64(rapid.IntRange(100, 1e6).Draw(t, "head rate"))
		w := worths(paid("b", p, a, a), paid("h", q, b, b))[0]
		require.InEpsilon(t, w.Head.UnitsPerDollar.Value/w.Base.UnitsPerDollar.Value, *w.Ratio, 1e-9)
		require.InEpsilon(t, b/q/(a/p), *w.Ratio, 1e-9)
		require.InEpsilon(t, w.Base.USDPerMillionUnits.Value/w.Head.USDPerMillionUnits.Value, *w.Ratio, 1e-9)
	})
}
