package bench_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
)

// run is a valid run of full with its own throughput.
func run(t require.TestingT, n int, units int64, elapsed int64) bench.Result {
	r := full(t, n)
	r.Counts.Units, r.ElapsedNS = units, &elapsed
	return r
}

func single(t require.TestingT, results []bench.Result, opts bench.SummarizeOptions) bench.Summary {
	rows := bench.Summarize(results, opts)
	require.Len(t, rows, 1)
	return rows[0]
}

// By hand: 90, 100 and 110 units/s have mean 100, deviation 10 and t(0.975, 2) = 4.302653: 100 +- 24.8414. 1e9 FLOP and
// 1e8 B per unit are 0.1 of the 1e12 FLOP/s and 0.1 of the 1e11 B/s measured, half of that of the specified. USD 2/h buys
// 50 units/s, 180 000 units per dollar.
func TestSummaryByHand(t *testing.T) {
	s := single(t, []bench.Result{run(t, 0, 180, 2e9), run(t, 1, 100, 1e9), run(t, 2, 440, 4e9)}, bench.SummarizeOptions{})
	require.Equal(t, bench.OK, s.Status)
	require.Equal(t, 3, s.Valid)
	require.Empty(t, s.Reasons)
	require.Equal(t, "r0", s.First.ID)
	require.Equal(t, 3, s.Throughput.Runs)
	require.InDelta(t, 100, s.Throughput.Value, 1e-9)
	require.InDelta(t, 100-24.84138, s.Throughput.Interval.Low, 1e-4)
	require.InDelta(t, 100+24.84138, s.Throughput.Interval.High, 1e-4)
	require.InDelta(t, 0.2, *s.Throughput.Spread, 1e-9)
	require.Equal(t, []string{"throughput differs by 20.0 % between runs"}, s.Warnings)

	// Nine latencies of 1, 2 and 3 ms: index floor(9*0.5) is 4, the binomial ranks are 2 and 8.
	require.InEpsilon(t, 2e6, *s.Latency.P50.Value, 1e-3)
	require.InEpsilon(t, 1e6, s.Latency.P50.Interval.Low, 1e-3)
	require.InEpsilon(t, 3e6, s.Latency.P50.Interval.High, 1e-3)
	require.Equal(t, bench.Quantile{P: 0.99, Count: 9, Needs: 441, BoundNeeds: 662}, s.Latency.P99)
	require.Equal(t, bench.Quantile{P: 0.9, Count: 9, Needs: 39, BoundNeeds: 64}, s.Latency.P90)
	require.Equal(t, 3e6, s.Latency.Max)
	require.Equal(t, int64(3), s.TTFT.P50.Count)
	require.Nil(t, s.TTFT.P50.Value)
	require.Equal(t, 1000.0, s.TTFT.Max)
	require.Equal(t, int64(6), s.TPOT.P50.Count)
	require.Equal(t, 3000.0, *s.TPOT.P50.Value)

	require.InDelta(t, 0.1, *s.Share.MeasuredFLOPs, 1e-12)
	require.InDelta(t, 0.1, *s.Share.MeasuredBytes, 1e-12)
	require.InDelta(t, 0.05, *s.Share.MFU, 1e-12)
	require.InDelta(t, 0.05, *s.Share.MBU, 1e-12)

	require.Equal(t, 2.0, s.Price.AmountUSDPerHour)
	require.Empty(t, s.Unpriced)
	p := s.Performance
	require.Equal(t, "token", p.Unit)
	require.InDelta(t, 50, p.PerDollarHour.Value, 1e-9)
	require.InDelta(t, (100-24.84138)/2, p.PerDollarHour.Interval.Low, 1e-4)
	require.InDelta(t, 180_000, p.UnitsPerDollar.Value, 1e-6)
	require.InDelta(t, 1e6/180_000, p.USDPerMillionUnits.Value, 1e-9)
}

func TestRunsThatDoNotCount(t *testing.T) {
	invalid, failed, unsupported, interrupted := run(t, 1, 9e9, 1), full(t, 2), full(t, 3), run(t, 4, 9e9, 1)
	invalid.Validity = bench.Validity{Reasons: []string{"throttled", "contended"}}
	failed.Status, failed.Reason, failed.Validity = bench.Failed, "killed", bench.Validity{Reasons: []string{"killed"}}
	unsupported.Status, unsupported.Reason = bench.Unsupported, "too large"
	interrupted.Status, interrupted.Reason = bench.Interrupted, "interrupted"
	require.True(t, interrupted.Validity.Valid, "the status alone keeps it out")
	all := []bench.Result{invalid, failed, unsupported, interrupted, run(t, 5, 100, 1e9)}
	s := single(t, all, bench.SummarizeOptions{})
	require.Equal(t, []int{1, 1, 1, 1, 1}, []int{s.Valid, s.Invalid, s.Failed, s.Unsupported, s.Interrupted})
	require.Equal(t, bench.OK, s.Status)
	require.Equal(t, "r5", s.First.ID)
	require.Equal(t, []string{"throttled", "contended", "killed", "too large", "none", "interrupted"}, s.Reasons)
	require.Equal(t, bench.Estimate{Value: 100, Runs: 1}, *s.Throughput)
	require.Equal(t, int64(3), s.Latency.P50.Count)
	require.Len(t, s.Results, 5)

	for _, c := range []struct {
		runs []bench.Result
		want bench.Status
	}{
		{all[:4], bench.Failed}, {[]bench.Result{invalid, unsupported, interrupted}, bench.Interrupted},
		{[]bench.Result{invalid, unsupported}, bench.Unsupported}, {[]bench.Result{invalid}, bench.OK},
	} {
		s := single(t, c.runs, bench.SummarizeOptions{})
		require.Equal(t, c.want, s.Status)
		require.Equal(t, c.runs[0].ID, s.First.ID)
		require.Nil(t, s.Throughput)
		require.Nil(t, s.Latency)
		require.Nil(t, s.Performance)
		require.Nil(t, s.Price)
		require.Equal(t, bench.Share{}, s.Share)
		require.Equal(t, "no valid run", s.Unpriced)
	}
}

func TestRowsKeepTheirOrder(t *testing.T) {
	other, third := full(t, 1), full(t, 2)
	other.Workload.Batch = 8
	third.Host.CPUModel = ptr("Xeon")
	rows := bench.Summarize([]bench.Result{full(t, 0), other, third, full(t, 3), other}, bench.SummarizeOptions{})
	require.Len(t, rows, 3)
	require.Equal(t, []int{2, 2, 1}, []int{rows[0].Valid, rows[1].Valid, rows[2].Valid})
	require.Equal(t, 8, rows[1].First.Workload.Batch)
	require.Equal(t, "Xeon", *rows[2].First.Host.CPUModel)
	require.Empty(t, bench.Summarize(nil, bench.SummarizeOptions{}))
}

func TestIdentity(t *testing.T) {
	base := full(t, 0)
	for name, c := range map[string]struct {
		change func(*bench.Result)
		same   bool
	}{
		"another repeat":         {func(r *bench.Result) { r.ID, r.Repeat, r.Scenario.Seed = "x", 2, 9 }, true},
		"more samples per query": {func(r *bench.Result) { r.Scenario.SamplesPerQuery = 999 }, true},
		"device":                 {func(r *bench.Result) { r.Device.ID = "nvml:1" }, false},
		"device name":            {func(r *bench.Result) { r.Device.Name = "H100" }, false},
		"engine":                 {func(r *bench.Result) { r.Engine.Version = "1.24" }, false},
		"threads":                {func(r *bench.Result) { r.Engine.Threads = nil }, false},
		"precision":              {func(r *bench.Result) { r.Workload.Precision = "bf16" }, false},
		"output length":          {func(r *bench.Result) { r.Workload.OSL = ptr(5) }, false},
		"computation":            {func(r *bench.Result) { r.Workload.Hash = "i" }, false},
		"scenario":               {func(r *bench.Result) { r.Scenario.Name = bench.Offline }, false},
		"instance":               {func(r *bench.Result) { r.Cloud.InstanceType = ptr("g6.2xlarge") }, false},
	} {
		r := full(t, 0)
		c.change(&r)
		require.Equal(t, c.same, base.Identity() == r.Identity(), name)
	}
}

func TestSharesThatAreNotKnown(t *testing.T) {
	for name, c := range map[string]struct {
		change       func(*bench.Result)
		flops, bytes bool
		mfu, mbu     bool
	}{
		"all known":        {func(*bench.Result) {}, true, true, true, true},
		"no measured peak": {func(r *bench.Result) { r.Peak.Measured = nil }, false, false, true, true},
		"no spec":          {func(r *bench.Result) { r.Peak.Spec = nil }, true, true, false, false},
		"no cost":          {func(r *bench.Result) { r.Workload.FLOPsPerUnit = nil }, false, true, false, true},
		"no bytes":         {func(r *bench.Result) { r.Workload.BytesPerUnit = nil }, true, false, true, false},
		"other threads":    {func(r *bench.Result) { r.Peak.Measured.Threads = 2 }, false, false, true, true},
		"no threads":       {func(r *bench.Result) { r.Engine.Threads = nil }, true, true, true, true},
		"bf16":             {func(r *bench.Result) { r.Workload.Precision, r.Engine.Products = "bf16", "" }, false, true, false, true},
		"int8":             {func(r *bench.Result) { r.Workload.Precision, r.Engine.Products = "int8", "" }, true, true, false, true},
		"peak of 0":        {func(r *bench.Result) { r.Peak.Measured.FLOPs = ptr(0.0) }, false, true, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := full(t, 0)
			c.change(&r)
			s := single(t, []bench.Result{r}, bench.SummarizeOptions{}).Share
			require.Equal(t, []bool{c.flops, c.bytes, c.mfu, c.mbu},
				[]bool{s.MeasuredFLOPs != nil, s.MeasuredBytes != nil, s.MFU != nil, s.MBU != nil})
		})
	}
}

func TestMoney(t *testing.T) {
	noPrice := func(r *bench.Result) { r.Price, r.Unpriced = nil, "" }
	cpu := func(r *bench.Result) { r.Device.Backend, r.Device.ID = "cpu", "cpu"; r.Price.AcceleratorCount = nil }
	custom := func(amount float64) func(bench.Result) (price.Price, error) {
		return func(bench.Result) (price.Price, error) { return price.Custom(amount) }
	}
	for name, c := range map[string]struct {
		change   func(*bench.Result)
		opts     bench.SummarizeOptions
		per      float64 // units/s per USD/h; 0 is unpriced
		unpriced string
	}{
		"as stored":     {func(*bench.Result) {}, bench.SummarizeOptions{}, 50, ""},
		"no price":      {noPrice, bench.SummarizeOptions{}, 0, "no price: pass --price"},
		"reason stored": {func(r *bench.Result) { r.Price = nil }, bench.SummarizeOptions{}, 0, "not asked"},
		"repriced":      {noPrice, bench.SummarizeOptions{Price: custom(4)}, 25, ""},
		"not to be priced": {func(*bench.Result) {}, bench.SummarizeOptions{Price: func(bench.Result) (price.Price, error) {
			return price.Price{}, errors.New("unknown type")
		}}, 0, "unknown type"},
		"one of two, charge stored": {func(r *bench.Result) { r.Price.AcceleratorCount = ptr(2) }, bench.SummarizeOptions{}, 100, ""},
		"one of two, charge given": {func(r *bench.Result) { r.Price.AcceleratorCount = ptr(2) },
			bench.SummarizeOptions{Charge: price.ChargeInstance}, 50, ""},
		"one of two, no charge": {func(r *bench.Result) { r.Price.AcceleratorCount, r.Charge = ptr(2), "" },
			bench.SummarizeOptions{}, 0, "1 of 2 accelerators ran"},
		"two as one": {func(r *bench.Result) {
			r.Device.Members, r.DevicesPresent, r.Charge = []string{"fake:0", "fake:1"}, 8, ""
		}, bench.SummarizeOptions{Price: custom(4)}, 0, "2 of 8"},
		"one of two seen":  {func(r *bench.Result) { r.DevicesPresent, r.Charge = 2, "" }, bench.SummarizeOptions{Price: custom(4)}, 0, "1 of 2"},
		"CPU alone":        {func(r *bench.Result) { cpu(r); r.PassedOver = nil }, bench.SummarizeOptions{}, 50, ""},
		"CPU beside a GPU": {func(r *bench.Result) { cpu(r); r.PassedOver[0].Device = "nvml:0"; r.Charge = "" }, bench.SummarizeOptions{}, 0, "0 of 1"},
		"nothing done":     {func(r *bench.Result) { r.Counts.Units = 0 }, bench.SummarizeOptions{}, 0, "throughput of 0"},
		"no time":          {func(r *bench.Result) { r.ElapsedNS = nil }, bench.SummarizeOptions{}, 0, "no valid run"},
	} {
		t.Run(name, func(t *testing.T) {
			r := full(t, 0)
			c.change(&r)
			s := single(t, []bench.Result{r}, c.opts)
			if c.per == 0 {
				require.Nil(t, s.Performance)
				require.Contains(t, s.Unpriced, c.unpriced)
				return
			}
			require.Empty(t, s.Unpriced)
			require.InDelta(t, c.per, s.Performance.PerDollarHour.Value, 1e-9)
			require.Nil(t, s.Performance.PerDollarHour.Interval)
		})
	}
}

// A CPU run is beside the accelerators that other runs of its session used.
func TestCPUBesideAMeasuredGPU(t *testing.T) {
	cpu := full(t, 0)
	cpu.Device.Backend, cpu.Device.ID, cpu.PassedOver, cpu.Price.AcceleratorCount, cpu.Charge = "cpu", "cpu", nil, nil, ""
	alone := bench.Summarize([]bench.Result{cpu}, bench.SummarizeOptions{})
	require.NotNil(t, alone[0].Performance)
	both := bench.Summarize([]bench.Result{cpu, full(t, 1)}, bench.SummarizeOptions{})
	require.Nil(t, both[0].Performance)
	require.Contains(t, both[0].Unpriced, "0 of 1 accelerators ran")
	elsewhere := full(t, 1)
	elsewhere.Session = "s2"
	require.NotNil(t, bench.Summarize([]bench.Result{cpu, elsewhere}, bench.SummarizeOptions{})[0].Performance)
}

func TestPriceWarnings(t *testing.T) {
	r, dearer := full(t, 0), full(t, 1)
	require.Empty(t, single(t, []bench.Result{r}, bench.SummarizeOptions{}).Warnings)
	old := single(t, []bench.Result{r}, bench.SummarizeOptions{Now: time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC)})
	require.Len(t, old.Warnings, 1)
	require.Contains(t, old.Warnings[0], "old price: of 2026-10-20")
	r.Price.Doubtful = true
	dearer.Price.AmountUSDPerHour = 3
	s := single(t, []bench.Result{dearer, r}, bench.SummarizeOptions{})
	require.Equal(t, 3.0, s.Price.AmountUSDPerHour, "the newest run's")
	require.Equal(t, []string{"the runs carry different prices; that of the newest run is used"}, s.Warnings)
	require.Contains(t, single(t, []bench.Result{r}, bench.SummarizeOptions{}).Warnings[0], "doubtful price")
}

func TestSpoiltFiguresAreLeftOutWithAWarning(t *testing.T) {
	spoilt, still := full(t, 1), full(t, 2)
	spoilt.Latency.Count = 99
	still.ElapsedNS = ptr(int64(0))
	s := single(t, []bench.Result{full(t, 0), spoilt, still}, bench.SummarizeOptions{})
	require.Equal(t, int64(6), s.Latency.P50.Count)
	require.Equal(t, 2, s.Throughput.Runs)
	require.Len(t, s.Warnings, 2)
	require.Contains(t, s.Warnings[0], "run r2 has no elapsed time")
	require.Contains(t, s.Warnings[1], "latency of run r1 is left out")
}

// drawRuns are some runs of one identity with figures and fates of their own.
func drawRuns(t *rapid.T, base bench.Result, pool []*bench.Latency) []bench.Result {
	out := make([]bench.Result, rapid.IntRange(1, 4).Draw(t, "n"))
	for i := range out {
		r := base
		r.ID = string(rune('a' + i))
		r.StartedAt = r.StartedAt.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "start")))
		r.Counts.Units = rapid.Int64Range(1, 1e9).Draw(t, "units")
		r.ElapsedNS = ptr(rapid.Int64Range(1, 1e12).Draw(t, "elapsed"))
		r.Validity.Valid = rapid.IntRange(0, 3).Draw(t, "invalid") > 0
		r.Latency = rapid.SampledFrom(pool).Draw(t, "latency")
		given := *base.Price
		given.AmountUSDPerHour = rapid.Float64Range(0.1, 100).Draw(t, "price")
		r.Price = &given
		out[i] = r
	}
	return out
}

// drawn is what drawRuns draws from; encoding histograms takes its time.
func drawn(t *testing.T) (bench.Result, []*bench.Latency) {
	base := full(t, 0)
	base.Phases = nil
	return base, []*bench.Latency{nil, latencies(t, 5), latencies(t, 0, 1e10, 7e5), latencies(t, 1, 2, 3, 4, 5, 6, 7, 8)}
}

// figures are what must not depend on the order of the runs.
func figures(s bench.Summary) bench.Summary {
	s.Results, s.First, s.Reasons, s.Warnings = nil, bench.Result{}, nil, nil
	return s
}

func TestOrderOfRunsDoesNotMatter(t *testing.T) {
	base, pool := drawn(t)
	rapid.Check(t, func(t *rapid.T) {
		runs := drawRuns(t, base, pool)
		before := marshalled(t, runs)
		want := single(t, runs, bench.SummarizeOptions{})
		require.Equal(t, before, marshalled(t, runs), "results are not changed")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		r.Shuffle(len(runs), func(i, j int) { runs[i], runs[j] = runs[j], runs[i] })
		require.Equal(t, figures(want), figures(single(t, runs, bench.SummarizeOptions{})))
	})
}

func marshalled(t require.TestingT, runs []bench.Result) string {
	var out string
	for _, r := range runs {
		out += line(t, r)
	}
	return out
}

func TestFiguresScaleWithUnits(t *testing.T) {
	base, pool := drawn(t)
	rapid.Check(t, func(t *rapid.T) {
		runs := drawRuns(t, base, pool)
		k := rapid.Int64Range(2, 1000).Draw(t, "k")
		a := single(t, runs, bench.SummarizeOptions{})
		for i := range runs {
			runs[i].Counts.Units *= k
		}
		b := single(t, runs, bench.SummarizeOptions{})
		require.Equal(t, a.Throughput == nil, b.Throughput == nil)
		if a.Throughput == nil {
			return
		}
		x := float64(k)
		require.InEpsilon(t, x*a.Throughput.Value, b.Throughput.Value, 1e-9)
		require.InEpsilon(t, x**a.Share.MFU, *b.Share.MFU, 1e-9)
		require.InEpsilon(t, x*a.Performance.UnitsPerDollar.Value, b.Performance.UnitsPerDollar.Value, 1e-9)
		require.InEpsilon(t, a.Performance.USDPerMillionUnits.Value, x*b.Performance.USDPerMillionUnits.Value, 1e-9)
		require.Equal(t, a.Latency, b.Latency)
		if in := a.Throughput.Interval; in != nil {
			require.InEpsilon(t, x*in.High, b.Throughput.Interval.High, 1e-6)
			require.GreaterOrEqual(t, in.Low, 0.0)
			require.InDelta(t, *a.Throughput.Spread, *b.Throughput.Spread, 1e-9)
		}
	})
}

func TestInvalidRunsGiveAHintAndNoFigure(t *testing.T) {
	a, b := run(t, 0, 180, 2e9), run(t, 1, 110, 1e9)
	for _, r := range []*bench.Result{&a, &b} {
		r.Validity = bench.Validity{Reasons: []string{"contended"}}
	}
	s := single(t, []bench.Result{a, b}, bench.SummarizeOptions{})
	require.Nil(t, s.Throughput)
	require.Nil(t, s.Performance)
	require.Nil(t, s.Share.MeasuredFLOPs)
	require.InDelta(t, 100, s.Invalidated.Value, 1e-9)
	require.Equal(t, 2, s.Invalidated.Runs)

	s = single(t, []bench.Result{a, run(t, 2, 100, 1e9)}, bench.SummarizeOptions{})
	require.Nil(t, s.Invalidated, "one valid run is worth more than hints")
	require.InDelta(t, 100, s.Throughput.Value, 1e-9)
}

func TestTheSameRunTwiceCountsOnce(t *testing.T) {
	a, b := run(t, 0, 100, 1e9), run(t, 1, 110, 1e9)
	distinct, repeated := bench.Distinct([]bench.Result{a, b, a, b, a})
	require.Equal(t, 3, repeated)
	require.Equal(t, []bench.Result{a, b}, distinct)
}

func TestUnlikeRunsAndImpossibleSharesAreWarnings(t *testing.T) {
	a, b := run(t, 0, 100, 1e9), run(t, 1, 100, 1e9)
	require.Empty(t, single(t, []bench.Result{a, b}, bench.SummarizeOptions{}).Warnings)
	b.Scenario.DurationNS *= 2
	require.Len(t, single(t, []bench.Result{a, b}, bench.SummarizeOptions{}).Warnings, 1)
	// 1e9 FLOP and 1e8 B per unit against 1e12 FLOP/s and 1e11 B/s: 1100 units/s are 110 % of both.
	s := single(t, []bench.Result{run(t, 0, 1100, 1e9)}, bench.SummarizeOptions{})
	require.Len(t, s.Warnings, 2)
	require.Contains(t, s.Warnings[0], "110 % of the measured FLOP/s")
	require.Contains(t, s.Warnings[1], "110 % of the measured bandwidth")
}

func TestDisturbedPeakIsAWarning(t *testing.T) {
	for cpu, warnings := range map[float64]int{0.5: 1, 0.94: 1, 0.95: 0, 1: 0} {
		r := run(t, 0, 100, 1e9)
		peak := *r.Peak.Measured
		peak.CPUOverWall = &cpu
		r.Peak.Measured = &peak
		s := single(t, []bench.Result{r}, bench.SummarizeOptions{})
		require.Len(t, s.Warnings, warnings, "%v: %v", cpu, s.Warnings)
		require.Equal(t, warnings == 1, s.Share.MeasuredFLOPs == nil, "no share is better than a wrong one")
	}
}
