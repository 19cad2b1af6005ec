package reports

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/bench/history"
)

func historyEntries() []history.Entry {
	start := time.Date(2026, 8, 1, 3, 4, 5, 0, time.UTC)
	return []history.Entry{
		{ID: "2026-08-01T030405Z-1a2b3c4d-000001", Measured: start, Runs: 15, Words: history.Words{
			Commit: "1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b", Branch: "main", Tag: "v1.2", Verdict: history.Good}},
		{ID: "2026-08-02T030405Z-2a2b3c4d-000002", Measured: start.AddDate(0, 0, 1), Runs: 1, Words: history.Words{
			Commit: "2a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b-dirty", Branch: "next|new", Verdict: history.Bad, Note: "=a driver that *throttles*"}},
		{ID: "2026-08-03T030405Z-nocommit-000003", Measured: start.AddDate(0, 0, 2), Words: history.Words{Verdict: history.Unknown}},
	}
}

func TestHistoryGoldens(t *testing.T) {
	goldens(t, "history/list", History(historyEntries()))
	goldens(t, "history/empty", History(nil))
	golden(t, "history/one.md", Markdown, History(historyEntries()[1:2]))
	goldens(t, "history/show", HistoryEntry(historyEntries()[0], New(quick()[:1], options())))
}

func trendMetric(name string) compare.Metric {
	if name == compare.LatencyP99 {
		return compare.Metric{Name: name, Unit: "ns", Better: compare.Lower, Method: compare.Rank}
	}
	return compare.Metric{Name: name, Unit: "images/s", Better: compare.Higher, Method: compare.Mean}
}

// trendRecords are one entry a day: a change of the driver slows the throughput from entry 32 on, the last p99 is out of place, and a
// second device has a few entries.
func trendRecords() []history.Record {
	var out []history.Record
	for n := range 40 {
		level, driver := 1000.0, "570.86"
		if n >= 32 {
			level, driver = 940, "580.12"
		}
		level *= 1 + 0.004*float64(n%5-2)
		p99 := 12e6 * (1 + 0.003*float64(n%3-1))
		if n == 39 {
			p99 *= 1.1
		}
		fields := []compare.Field{{Name: "device", Value: "L4", Identity: true}, {Name: "driver", Value: driver}}
		subjects := []compare.Subject{{Key: "a", Name: "resnet50 f32, offline", Fields: fields, Runs: 3, Series: []compare.Series{
			{Metric: trendMetric(compare.Throughput), Values: []compare.Value{{X: level}, {X: level * 1.001}, {X: level * 0.999}}},
			{Metric: trendMetric(compare.LatencyP99), Values: []compare.Value{{X: p99}}},
		}}}
		if n >= 36 {
			subjects = append(subjects, compare.Subject{Key: "a", Name: "resnet50 f32, offline", Runs: 2, Bad: n - 38, Reasons: []string{"out of memory"},
				Fields: []compare.Field{{Name: "device", Value: "H100", Identity: true}},
				Series: []compare.Series{{Metric: trendMetric(compare.Throughput), Values: []compare.Value{{X: 5000}}}}})
		}
		out = append(out, history.Record{Subjects: subjects, Entry: history.Entry{ID: fmt.Sprintf("e%02d", n),
			Measured: time.Date(2026, 8, 1, 3, 0, 0, 0, time.UTC).AddDate(0, 0, n), Runs: 3,
			Words: history.Words{Commit: fmt.Sprintf("%08x%032x", 0xabcdef00+n, n), Branch: "main", Verdict: history.Good}}})
	}
	return out
}

func trendOf(records []history.Record) Document {
	return Trend(history.Trends(records, history.Options{}), TrendOptions{Entries: len(records), Tolerance: compare.Tolerance,
		Gaps: history.Gaps(records), Warnings: []string{"2 results are in several entries and count in the first"}})
}

func TestTrendGoldens(t *testing.T) {
	goldens(t, "trend/some", trendOf(trendRecords()))
	goldens(t, "trend/few", trendOf(trendRecords()[:3]))
	goldens(t, "trend/none", trendOf(nil))
}

func TestSparkline(t *testing.T) {
	points := func(values ...float64) []history.Point {
		var out []history.Point
		for _, v := range values {
			out = append(out, history.Point{Value: v})
		}
		return out
	}
	for want, values := range map[string][]float64{
		"▅": {7}, "▅▅▅": {3, 3, 3}, "▁█": {1, 100}, "█▁": {9, 1}, "▁▅█": {1, 10, 100}, "▄▅▄▄▅": {100, 100.5, 100, 99.9, 100.1}, "": nil,
	} {
		require.Equal(t, want, sparkline(points(values...)))
	}
	require.Len(t, []rune(sparkline(points(slices.Repeat([]float64{1}, 100)...))), sparkPoints)
}

// A result that a report shows in another form stays what it was.
func TestAnEntryKeepsTheFormsOfItsReport(t *testing.T) {
	report := Document{Title: "r", Sheet: Sheet{Keys: []string{"k"}}, Checks: []Check{{Name: "c"}}, Results: []bench.Result{{ID: "x"}}, Data: 1}
	d := HistoryEntry(historyEntries()[0], report)
	require.Equal(t, report.Sheet, d.Sheet)
	require.Equal(t, report.Checks, d.Checks)
	require.Equal(t, report.Results, d.Results)
}
