package bench_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/load"
)

func TestParseLimit(t *testing.T) {
	for text, want := range map[string]bench.Limit{
		"p99=15ms":           {Metric: load.Latency, Percentile: 0.99, Bound: 15 * time.Millisecond},
		"p99.9=1s":           {Metric: load.Latency, Percentile: 0.999, Bound: time.Second},
		"ttft-p99=2s":        {Metric: load.TTFT, Percentile: 0.99, Bound: 2 * time.Second},
		"tpot-p50=1m30s":     {Metric: load.TPOT, Percentile: 0.5, Bound: 90 * time.Second},
		"latency-p97=100us":  {Metric: load.Latency, Percentile: 0.97, Bound: 100 * time.Microsecond},
		"p99.99=1h":          {Metric: load.Latency, Percentile: 0.9999, Bound: time.Hour},
		"p0.5=0.25ms":        {Metric: load.Latency, Percentile: 0.005, Bound: 250 * time.Microsecond},
		"p99.9999999999=1ns": {Metric: load.Latency, Percentile: 0.999999999999, Bound: 1},
	} {
		got, err := bench.ParseLimit(text)
		require.NoError(t, err, text)
		require.Equal(t, want.Metric, got.Metric)
		require.Equal(t, want.Bound, got.Bound)
		require.InDelta(t, want.Percentile, got.Percentile, 1e-15)
	}
	spaced, err := bench.ParseLimit("\tp99=15ms ")
	require.NoError(t, err)
	require.Equal(t, "p99=15ms", spaced.String())
	for _, text := range []string{"", "p99", "99=15ms", "p=1ms", "p100=1ms", "p0=1ms", "p-1=1ms", "p101=1s", "pNaN=1s", "pInf=1s", "p99=15", "p99=",
		"p99=-1ms", "p99=0s", "p99=fast", "mean=1ms", "tpt-p99=1ms", "-p99=1ms", "ttft=1s", "p99 = 1s", "p99.99999999999999=1s", "p1e-320=1s"} {
		_, err := bench.ParseLimit(text)
		require.ErrorIs(t, err, bench.ErrBadPlan, text)
		require.ErrorContains(t, err, "such as ")
	}
}

func TestLimitRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := bench.Limit{Metric: rapid.SampledFrom([]load.Metric{load.Latency, load.TTFT, load.TPOT}).Draw(t, "metric"),
			Percentile: float64(rapid.IntRange(1, 999_999).Draw(t, "percentile")) / 1e6,
			Bound:      time.Duration(rapid.Int64Range(1, math.MaxInt64).Draw(t, "bound"))}
		got, err := bench.ParseLimit(want.String())
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
	require.Equal(t, "ttft-p99.9=2s", bench.Limit{Metric: load.TTFT, Percentile: 0.999, Bound: 2 * time.Second}.String())
	require.Equal(t, "p57=1ms", bench.Limit{Metric: load.Latency, Percentile: 0.57, Bound: time.Millisecond}.String())
}

// What was read is written so that it is read as the same again.
func FuzzParseLimit(f *testing.F) {
	for _, s := range []string{"p99=15ms", "ttft-p99.9=2s", "tpot-p0x1p3=1h", "p99.99999999999999=1s", "p1e-9=1ns", "p5_0=1s", "p+7=9us"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		limit, err := bench.ParseLimit(text)
		if err != nil {
			require.ErrorIs(t, err, bench.ErrBadPlan)
			return
		}
		require.True(t, limit.Percentile > 0 && limit.Percentile < 1 && limit.Bound > 0, "%+v", limit)
		again, err := bench.ParseLimit(limit.String())
		require.NoError(t, err)
		require.Equal(t, limit, again)
	})
}

// By hand, from n(0) of MLPerf's appendix: p99 needs 459 queries without a miss, 662 with one.
func TestLimitMet(t *testing.T) {
	limit := bench.Limit{Metric: load.Latency, Percentile: 0.99, Bound: time.Second}
	for _, c := range []struct {
		n, over int64
		met     bool
	}{{458, 0, false}, {459, 0, true}, {661, 1, false}, {662, 1, true}, {0, 0, false}} {
		met, known := bench.LimitCount{Limit: limit, Over: &c.over}.Met(c.n)
		require.True(t, known)
		require.Equal(t, c.met, met, "%+v", c)
	}
	met, known := bench.LimitCount{Limit: limit}.Met(1000)
	require.False(t, met || known)
}

func TestParseSweep(t *testing.T) {
	for text, want := range map[string]bench.Sweep{
		"rate=10,20.5,4e1":      {Scenario: bench.Server, Values: []float64{10, 20.5, 40}},
		"concurrency=1, 2 ,64":  {Scenario: bench.Concurrency, Values: []float64{1, 2, 64}},
		"concurrency=8,8,4,8.0": {Scenario: bench.Concurrency, Values: []float64{8, 4}},
		"rate=0.25":             {Scenario: bench.Server, Values: []float64{0.25}},
	} {
		got, err := bench.ParseSweep(text)
		require.NoError(t, err, text)
		require.Equal(t, want, *got)
	}
	for _, text := range []string{"", "rate", "rate=", "rate=1,,2", "rate=0", "rate=-1", "rate=NaN", "rate=Inf", "rate=1e999", "rate=ten", "batch=1",
		"concurrency=1.5", "concurrency=0", "concurrency=1e300", "Rate=1", "rate=1;2"} {
		_, err := bench.ParseSweep(text)
		require.ErrorIs(t, err, bench.ErrBadPlan, text)
		require.ErrorContains(t, err, "sweep ")
	}
}

func FuzzParseSweep(f *testing.F) {
	for _, s := range []string{"rate=10,20", "concurrency=1,2,4", "rate=1e308", "rate=inf", "concurrency=9223372036854775808", "rate=0x1p-1074"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		sweep, err := bench.ParseSweep(text)
		if err != nil {
			require.ErrorIs(t, err, bench.ErrBadPlan)
			return
		}
		require.NotEmpty(t, sweep.Values)
		seen := map[float64]bool{}
		for _, x := range sweep.Values {
			require.True(t, x > 0 && !math.IsInf(x, 0), "%v", x)
			require.False(t, seen[x])
			seen[x] = true
			require.True(t, sweep.Scenario == bench.Server || x == math.Trunc(x))
		}
	})
}

func TestParseShare(t *testing.T) {
	for text, want := range map[string]float64{"1%": 0.01, "0.5 %": 0.005, "99.9%": 0.999} {
		got, err := bench.ParseShare(text)
		require.NoError(t, err)
		require.InDelta(t, want, got, 1e-15)
	}
	for _, text := range []string{"", "1", "0.01", "0%", "100%", "-1%", "NaN%", "Inf%", "one%", "%", "1%%"} {
		_, err := bench.ParseShare(text)
		require.ErrorIs(t, err, bench.ErrBadPlan, text)
		require.ErrorContains(t, err, "such as 1%")
	}
}
