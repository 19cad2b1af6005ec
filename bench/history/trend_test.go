package history_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/bench/history"
	"github.com/accelbench/accelbench/bench/stat"
)

func throughput() compare.Metric {
	return compare.Metric{Name: "throughput", Unit: "image/s", Better: compare.Higher, Method: compare.Mean}
}

func p99() compare.Metric {
	return compare.Metric{Name: "latency.p99", Unit: "ns", Better: compare.Lower, Method: compare.Rank}
}

// record is the n-th entry, with one subject that has one series.
func record(n int, m compare.Metric, values ...float64) history.Record {
	s := compare.Series{Metric: m}
	for _, x := range values {
		s.Values = append(s.Values, compare.Value{X: x})
	}
	return history.Record{
		Entry: history.Entry{ID: fmt.Sprintf("e%d", n), Measured: start().AddDate(0, 0, n), Words: history.Words{Verdict: history.Good}, Runs: len(values)},
		Subjects: []compare.Subject{{Key: "resnet50", Name: "resnet50 f32", Series: []compare.Series{s},
			Fields: []compare.Field{{Name: "device", Value: "L4", Identity: true}, {Name: "driver", Value: "570"}, {Name: "kernel", Value: "6.1"}}}},
	}
}

// ripple is a level with a small deviation that has no trend.
func ripple(level float64, n int) float64 { return level * (1 + 0.002*float64(n%5-2)) }

func recordsOf(m compare.Metric, levels ...float64) []history.Record {
	var out []history.Record
	for n, level := range levels {
		out = append(out, record(n, m, ripple(level, n)))
	}
	return out
}

func repeat(level float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = level
	}
	return out
}

func TestAPointIsTheMiddleOfItsRuns(t *testing.T) {
	mean := history.Trends([]history.Record{record(0, throughput(), 100, 100, 800)}, history.Options{})
	require.InDelta(t, 200, mean[0].Points[0].Value, 1e-9) // the cube root of 8e6
	require.Equal(t, 3, mean[0].Points[0].Runs)
	odd := history.Trends([]history.Record{record(0, p99(), 900, 1, 100)}, history.Options{})
	require.InDelta(t, 100, odd[0].Points[0].Value, 1e-9)
	even := history.Trends([]history.Record{record(0, p99(), 900, 1, 100, 400)}, history.Options{})
	require.InDelta(t, 250, even[0].Points[0].Value, 1e-9)
	require.Empty(t, history.Trends([]history.Record{record(0, p99()), record(1, p99(), 0), record(2, p99(), -1)}, history.Options{}))
}

func TestTheNewestPointAgainstThoseBefore(t *testing.T) {
	bad := recordsOf(throughput(), 100, 100, 100, 100, 100, 100, 80, 100)
	bad[6].Entry.Verdict = history.Bad
	for name, test := range map[string]struct {
		records []history.Record
		want    history.Standing
		reason  string
		points  int
	}{
		"as expected":                      {recordsOf(throughput(), repeat(100, 9)...), history.AsExpected, "", 8},
		"worse":                            {recordsOf(throughput(), append(repeat(100, 8), 90)...), history.Worse, "", 8},
		"better":                           {recordsOf(throughput(), append(repeat(100, 8), 110)...), history.Better, "", 8},
		"more latency is worse":            {recordsOf(p99(), append(repeat(100, 8), 110)...), history.Worse, "", 8},
		"less latency is better":           {recordsOf(p99(), append(repeat(100, 8), 90)...), history.Better, "", 8},
		"outside, within the tolerance":    {recordsOf(throughput(), append(repeat(100, 8), 97.6)...), history.AsExpected, "", 8},
		"too few":                          {recordsOf(throughput(), repeat(100, 5)...), history.Undecided, "needs 5 earlier points, has 4", 0},
		"just enough":                      {recordsOf(throughput(), repeat(100, 6)...), history.AsExpected, "", 5},
		"a bad entry says nothing":         {bad, history.AsExpected, "", 6},
		"one":                              {recordsOf(throughput(), 100), history.Undecided, "needs 5 earlier points, has 0", 0},
		"only points since the change":     {recordsOf(throughput(), append(repeat(100, 30), repeat(80, 9)...)...), history.AsExpected, "", 8},
		"too few points since the change":  {recordsOf(throughput(), append(repeat(100, 30), repeat(80, 4)...)...), history.Undecided, "needs 5 earlier points, has 3 since the last change", 0},
		"worse again since the change":     {recordsOf(throughput(), append(append(repeat(100, 30), repeat(80, 9)...), 60)...), history.Worse, "", 9},
		"an old level is no longer normal": {recordsOf(throughput(), append(append(repeat(100, 30), repeat(80, 9)...), 100)...), history.Better, "", 9},
	} {
		t.Run(name, func(t *testing.T) {
			got := history.Trends(test.records, history.Options{})
			require.Len(t, got, 1)
			require.Equal(t, test.want, got[0].Newest)
			require.Equal(t, test.reason, got[0].Reason)
			if test.points == 0 {
				require.Nil(t, got[0].Expected)
				return
			}
			require.Equal(t, test.points, got[0].Expected.Points)
			require.Less(t, got[0].Expected.Low, got[0].Expected.Value)
			require.Greater(t, got[0].Expected.High, got[0].Expected.Value)
		})
	}
}

func TestAChangeNamesWhatElseChanged(t *testing.T) {
	records := recordsOf(throughput(), append(repeat(100, 20), repeat(90, 15)...)...)
	for i := 20; i < len(records); i++ {
		records[i].Subjects[0].Fields[1].Value = "580"
	}
	got := history.Trends(records, history.Options{})
	require.Len(t, got, 1)
	require.True(t, got[0].Searched)
	require.Len(t, got[0].Changes, 1)
	c := got[0].Changes[0]
	require.Equal(t, 20, c.Point)
	require.InDelta(t, 100, c.Before, 0.1)
	require.InDelta(t, 90, c.After, 0.1)
	require.InDelta(t, 0.9, c.Ratio, 0.001)
	require.Equal(t, compare.Regressed, c.Verdict)
	require.Equal(t, []compare.Difference{{Field: "driver", Base: "570", Head: "580"}}, c.Causes)

	// The same numbers as latencies are an improvement; with one point less than it takes there is no search.
	for i := range records {
		records[i].Subjects[0].Series[0].Metric = p99()
	}
	require.Equal(t, compare.Improved, history.Trends(records, history.Options{})[0].Changes[0].Verdict)
	short := history.Trends(records[:stat.ChangesNeed-1], history.Options{})
	require.False(t, short[0].Searched)
	require.Empty(t, short[0].Changes)
	require.Empty(t, history.Trends(records, history.Options{Tolerance: 0.2})[0].Changes)
}

func TestUnlikeThingsAreDifferentSeries(t *testing.T) {
	records := recordsOf(throughput(), repeat(100, 4)...)
	records[3].Subjects[0].Fields[0].Value = "H100"
	got := history.Trends(records, history.Options{})
	require.Len(t, got, 2)
	require.Len(t, got[0].Points, 3)
	require.Equal(t, []compare.Field{{Name: "device", Value: "H100", Identity: true}}, got[1].Identity)
}

func TestMetricsThatFollowFromOthersAreShownWhenAskedFor(t *testing.T) {
	r := record(0, throughput(), 100)
	cost := compare.Metric{Name: "usd_per_million_units", Better: compare.Lower, Method: compare.Mean, Follows: "throughput"}
	r.Subjects[0].Series = append(r.Subjects[0].Series, compare.Series{Metric: cost, Values: []compare.Value{{X: 3}}})
	require.Len(t, history.Trends([]history.Record{r}, history.Options{}), 1)
	require.Len(t, history.Trends([]history.Record{r}, history.Options{Metrics: []string{history.AllMetrics}}), 2)
	got := history.Trends([]history.Record{r}, history.Options{Metrics: []string{cost.Name}})
	require.Len(t, got, 1)
	require.Equal(t, cost, got[0].Metric)
}

// Another unit changes nothing but the numbers in it.
func TestTrendsDoNotDependOnTheUnit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scale := math.Pow(10, rapid.Float64Range(-9, 9).Draw(t, "power"))
		n := rapid.IntRange(1, 70).Draw(t, "n")
		step := rapid.IntRange(0, n).Draw(t, "step")
		var plain, scaled []history.Record
		for i := range n {
			x := 100 * (1 + rapid.Float64Range(-0.02, 0.02).Draw(t, "noise"))
			if i >= step {
				x *= 1.2
			}
			plain, scaled = append(plain, record(i, throughput(), x)), append(scaled, record(i, throughput(), x*scale))
		}
		a, b := history.Trends(plain, history.Options{})[0], history.Trends(scaled, history.Options{})[0]
		require.Equal(t, a.Newest, b.Newest)
		require.Equal(t, a.Expected == nil, b.Expected == nil)
		if a.Expected != nil {
			require.InEpsilon(t, a.Expected.High*scale, b.Expected.High, 1e-9)
		}
		require.Len(t, b.Changes, len(a.Changes))
		for i := range a.Changes {
			require.Equal(t, a.Changes[i].Point, b.Changes[i].Point)
			require.InEpsilon(t, a.Changes[i].Ratio, b.Changes[i].Ratio, 1e-9)
		}
	})
}

// A server's throughput is that of the schedule; nobody wants to see it unless asked.
func TestDefaultMetricsFollowFromNoOther(t *testing.T) {
	served := throughput()
	served.Follows = "the arrival rate"
	require.Empty(t, history.Trends([]history.Record{record(0, served, 100)}, history.Options{}))
	p50 := p99()
	p50.Name = "latency.p50"
	require.Empty(t, history.Trends([]history.Record{record(0, p50, 100)}, history.Options{}))
	require.Len(t, history.Trends([]history.Record{record(0, p99(), 100)}, history.Options{}), 1)
}

// ok are valid runs of 200 units in the given seconds.
func ok(after time.Duration, prefix string, seconds ...float64) []bench.Result {
	out := runs(after, prefix, len(seconds))
	for i, s := range seconds {
		ns := int64(s * 1e9)
		out[i].Status, out[i].Reason, out[i].ElapsedNS, out[i].Validity.Valid, out[i].Counts.Units = bench.OK, "", &ns, true, 200
		out[i].Workload.Unit = "image"
	}
	return out
}

func TestRecords(t *testing.T) {
	stores(t, func(t *testing.T, path string) {
		store := open(t, path)
		main, next := unknown(), unknown()
		main.Branch, next.Branch = "main", "next"
		both := ok(time.Hour, "b", 2, 4, 8)
		both[0].Trial = &bench.Trial{ID: "t", Side: bench.SideBase, Pair: 1, Round: 1, Place: 1}
		both[1].Trial = &bench.Trial{ID: "t", Side: bench.SideHead, Pair: 1, Round: 1, Place: 2}
		other := ok(2*time.Hour, "c", 2)
		other[0].Workload.Name = "resnet50"
		for _, add := range []struct {
			words   history.Words
			results []bench.Result
		}{{main, ok(0, "a", 1, 1)}, {main, both}, {next, append(other, runs(2*time.Hour, "d", 2)...)}} {
			_, _, err := store.Add(add.words, add.results)
			require.NoError(t, err)
		}
		records, warnings, err := history.Records(store, history.Filter{})
		require.NoError(t, err)
		require.Equal(t, []string{"left out, not of the commit of their entry: 1 run of the base side of a comparison"}, warnings)
		require.Len(t, records, 3)
		require.Contains(t, history.Metrics(records), "throughput")
		gaps := history.Gaps(records)
		require.Len(t, gaps, 1)
		require.Equal(t, []int{2, 2}, []int{gaps[0].Runs, gaps[0].Bad})
		require.Equal(t, []string{"out of memory"}, gaps[0].Reasons)
		series := history.Trends(records, history.Options{})
		require.Len(t, series, 2)
		require.Len(t, series[0].Points, 2)
		require.InDelta(t, 200, series[0].Points[0].Value, 1e-9)
		require.InDelta(t, 200/math.Sqrt(32), series[0].Points[1].Value, 1e-9, "the head side counts with the run that was alone")
		require.Equal(t, []history.Verdict{history.Unknown}, []history.Verdict{series[0].Points[1].Entry.Verdict})

		records, _, err = history.Records(store, history.Filter{Branch: "next", Workloads: []string{"resnet50"}})
		require.NoError(t, err)
		require.Len(t, records, 1)
		require.Len(t, records[0].Subjects, 1)
		require.Empty(t, history.Gaps(records))
		require.Empty(t, history.Gaps(nil))
	})
}

// Two branches may have added the same results, with other words.
func TestAResultCountsOnce(t *testing.T) {
	dir := t.TempDir()
	store := open(t, dir)
	_, _, err := store.Add(unknown(), ok(0, "a", 1, 2))
	require.NoError(t, err)
	elsewhere := t.TempDir()
	e, _, err := open(t, elsewhere).Add(history.Words{Commit: "1a2b", Verdict: history.Good}, ok(0, "a", 1, 2))
	require.NoError(t, err)
	for _, ending := range []string{".json", ".jsonl"} {
		require.NoError(t, os.Rename(filepath.Join(elsewhere, e.ID+ending), filepath.Join(dir, e.ID+ending)))
	}
	records, warnings, err := history.Records(store, history.Filter{})
	require.NoError(t, err)
	require.Equal(t, []string{"in several entries, count in the first: 2 results"}, warnings)
	require.Len(t, history.Trends(records, history.Options{})[0].Points, 1)
}

func TestBaseline(t *testing.T) {
	entry := func(id string, day int, w history.Words) history.Entry {
		return history.Entry{ID: id, Measured: start().Add(time.Duration(day) * 24 * time.Hour), Words: w}
	}
	entries := []history.Entry{
		entry("aa1", 0, history.Words{Branch: "main", Tag: "v1", Verdict: history.Good}),
		entry("aa2", 1, history.Words{Branch: "main", Tag: "v1", Verdict: history.Unknown}),
		entry("bb1", 2, history.Words{Branch: "next", Verdict: history.Good}),
		entry("bb2", 3, history.Words{Branch: "main", Tag: "v2", Verdict: history.Bad}),
		entry("bb", 4, history.Words{Branch: "next", Verdict: history.Unknown}),
	}
	for spec, want := range map[string]string{
		"last-good": "bb1", "branch=main": "aa1", "branch=next": "bb1", "tag=v1": "aa2", "aa1": "aa1", "bb": "bb", "bb1": "bb1",
	} {
		e, err := history.Baseline(entries, spec)
		require.NoError(t, err, spec)
		require.Equal(t, want, e.ID, spec)
	}
	for spec, want := range map[string]error{
		"branch=dev": history.ErrNoEntry, "tag=v2": history.ErrNoEntry, "tag=v9": history.ErrNoEntry, "zz": history.ErrNoEntry, "bb2": history.ErrBadWord,
		"aa": history.ErrBadWord, "": history.ErrBadWord, "branch=": history.ErrBadWord, "commit=1": history.ErrBadWord,
	} {
		_, err := history.Baseline(entries, spec)
		require.ErrorIs(t, err, want, spec)
	}
	_, err := history.Baseline(entries[1:2], "last-good")
	require.ErrorIs(t, err, history.ErrNoEntry)
	require.ErrorContains(t, err, "none of 1 entries is good")
}
