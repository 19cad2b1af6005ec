package price_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench/price"
)

func at(usd float64) price.Price { return price.Price{AmountUSDPerHour: usd, Currency: price.Currency} }

func TestOfKnownFigures(t *testing.T) {
	// 3 692 output tokens/s on a g6e.xlarge cost as much as 0.14 USD per million of them.
	got := price.Of(&price.Quantity{Value: 3692, Interval: &price.Interval{Low: 3600, High: 3800}}, "output token", at(1.861))
	require.InDelta(t, .14, got.USDPerMillionUnits.Value, 1e-4)
	require.InDelta(t, 3692/1.861, got.PerDollarHour.Value, 1e-9)
	require.InDelta(t, 1e6/.14, got.UnitsPerDollar.Value, 2000)
	require.Less(t, got.USDPerMillionUnits.Interval.Low, .14)
	require.Greater(t, got.USDPerMillionUnits.Interval.High, .14)
	require.Equal(t, "output token", got.Unit)
	require.Equal(t, 1.861, got.Price.AmountUSDPerHour)
}

func TestOfUnknownIsNil(t *testing.T) {
	require.Nil(t, price.Of(nil, "image", at(1)))
	for _, x := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		require.Nil(t, price.Of(&price.Quantity{Value: x}, "image", at(1)), "throughput %v", x)
		require.Nil(t, price.Of(&price.Quantity{Value: 1}, "image", at(x)), "price %v", x)
	}
	require.Nil(t, price.Of(&price.Quantity{Value: 1e300}, "image", at(1e-300)), "would be infinite")
	require.Nil(t, price.Of(&price.Quantity{Value: 1e-300}, "image", at(1e300)), "would be 0")
}

func TestOfIntervals(t *testing.T) {
	of := func(low, high float64) *price.Performance {
		return price.Of(&price.Quantity{Value: 10, Interval: &price.Interval{Low: low, High: high}}, "image", at(2))
	}
	require.Nil(t, price.Of(&price.Quantity{Value: 10}, "image", at(2)).PerDollarHour.Interval)

	reaches0 := of(0, 20)
	require.Equal(t, &price.Interval{Low: 0, High: 10}, reaches0.PerDollarHour.Interval)
	require.Nil(t, reaches0.USDPerMillionUnits.Interval, "no upper bound of the cost")

	for _, bad := range []*price.Performance{of(math.NaN(), 20), of(5, math.Inf(1)), of(20, 5)} {
		require.Nil(t, bad.PerDollarHour.Interval)
		require.Nil(t, bad.UnitsPerDollar.Interval)
		require.Nil(t, bad.USDPerMillionUnits.Interval)
	}
}

func TestOfProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(1e-6, 1e12).Draw(t, "throughput")
		usd := rapid.Float64Range(1e-6, 1e6).Draw(t, "usd")
		low := x * rapid.Float64Range(1e-3, 1).Draw(t, "low")
		high := x * rapid.Float64Range(1, 1e3).Draw(t, "high")
		p := price.Of(&price.Quantity{Value: x, Interval: &price.Interval{Low: low, High: high}}, "query", at(usd))
		require.NotNil(t, p)
		require.InEpsilon(t, x, p.PerDollarHour.Value*usd, 1e-12)
		require.InEpsilon(t, 3600*p.PerDollarHour.Value, p.UnitsPerDollar.Value, 1e-12)
		require.InEpsilon(t, 1e6, p.USDPerMillionUnits.Value*p.UnitsPerDollar.Value, 1e-12)
		for _, q := range []price.Quantity{p.PerDollarHour, p.UnitsPerDollar, p.USDPerMillionUnits} {
			require.LessOrEqual(t, q.Interval.Low, q.Value)
			require.GreaterOrEqual(t, q.Interval.High, q.Value)
			require.InEpsilon(t, high/low, q.Interval.High/q.Interval.Low, 1e-9)
		}
	})
}
