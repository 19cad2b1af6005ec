package reports

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench"
)

func TestScenarioWords(t *testing.T) {
	server := func(a bench.Arrival) bench.Scenario {
		return bench.Scenario{Name: bench.Server, Batching: "dynamic", Arrival: &a}
	}
	for _, tc := range []struct {
		want  string
		s     bench.Scenario
		batch int
	}{
		{"offline", bench.Scenario{Name: bench.Offline}, 8},
		{"single-stream", bench.Scenario{Name: bench.SingleStream, Batching: "static", Replicas: 1}, 1},
		{"multi-stream", bench.Scenario{Name: bench.MultiStream, Batching: "static"}, 8},
		{"concurrency 4", bench.Scenario{Name: bench.Concurrency, Batching: "dynamic", Concurrency: ptr(4)}, 1},
		{"concurrency", bench.Scenario{Name: bench.Concurrency, Concurrency: ptr(0)}, 1},
		{"server, poisson 20/s", server(bench.Arrival{Process: "poisson", RatePerSecond: 20}), 1},
		{"server, poisson 20/s, dynamic batching", server(bench.Arrival{Process: "poisson", RatePerSecond: 20}), 4},
		{"server, gamma(0.5) 20.125/s", server(bench.Arrival{Process: "gamma", Shape: ptr(0.5), RatePerSecond: 20.125}), 1},
		{"server, poisson 10 to 50/s", server(bench.Arrival{Process: "poisson", RatePerSecond: 10, RateEndPerSecond: ptr(50.0)}), 1},
		{"server, constant", server(bench.Arrival{Process: "constant"}), 1},
		{"concurrency 4, 2 replicas, dynamic batching, max wait 1.5 ms", bench.Scenario{Name: bench.Concurrency, Batching: "dynamic",
			Concurrency: ptr(4), Replicas: 2, MaxWaitNS: ptr(int64(1_500_000))}, 4},
		{"concurrency 4, static batching", bench.Scenario{Name: bench.Concurrency, Batching: "static", Concurrency: ptr(4)}, 1},
	} {
		require.Equal(t, tc.want, ScenarioWords(tc.s, tc.batch))
	}
}

// anyRow draws from few values, so that many rows differ in one thing only, or in none.
func anyRow(t *rapid.T) bench.Summary {
	r := result("resnet50", "image", rapid.SampledFrom(bench.Scenarios()).Draw(t, "scenario"))
	r.Workload.Batch = rapid.IntRange(1, 2).Draw(t, "batch")
	r.Scenario.Batching = rapid.SampledFrom([]string{"static", "dynamic"}).Draw(t, "batching")
	r.Scenario.Replicas = rapid.IntRange(1, 2).Draw(t, "replicas")
	r.Engine.Version = rapid.SampledFrom([]string{"1", "2"}).Draw(t, "version")
	r.Engine.Threads = rapid.SampledFrom([]*int{nil, ptr(1), ptr(2)}).Draw(t, "threads")
	r.Device.ID = rapid.SampledFrom([]string{"cpu", "nvml:0"}).Draw(t, "device")
	if rapid.Bool().Draw(t, "waits") {
		r.Scenario.MaxWaitNS = ptr(int64(1e6))
	}
	if r.Scenario.Name == bench.Concurrency {
		r.Scenario.Concurrency = ptr(rapid.IntRange(1, 2).Draw(t, "concurrency"))
	}
	if r.Scenario.Name == bench.Server {
		r.Scenario.Arrival = &bench.Arrival{Process: "poisson", RatePerSecond: rapid.SampledFrom([]float64{20, 20.01}).Draw(t, "rate")}
		if rapid.Bool().Draw(t, "ramp") {
			r.Scenario.Arrival.RateEndPerSecond = ptr(50.0)
		}
	}
	if rapid.Bool().Draw(t, "group") {
		r.Group = &bench.Group{ID: "g", Size: 2, Index: rapid.IntRange(-1, 1).Draw(t, "index")}
	}
	if rapid.Bool().Draw(t, "probe") {
		r.Scenario.Probe = &bench.Probe{Search: "s", Confirm: 1, Role: bench.RoleConfirm}
	}
	return summary(r, estimate(1, 0.1, 0.1), distribution(900, 1, 2, 3))
}

func TestNoNameOccursTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(anyRow), 1, 12).Draw(t, "rows")
		v := newView(rows, options())
		seen := map[string]bool{}
		for _, r := range v.all {
			require.False(t, seen[r.name], r.name)
			seen[r.name] = true
		}
		for _, format := range []Format{Markdown, CSV, JSON} {
			require.NoError(t, format(&bytes.Buffer{}, New(rows, options())))
		}
	})
}

// What asks for another answer is said in words; a number is for what words do not tell.
func TestOtherSettingsAreOtherWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Custom(anyRow).Draw(t, "a"), rapid.Custom(anyRow).Draw(t, "b")
		b.First.Workload.Batch = a.First.Workload.Batch
		x, y := a.First.Identity(), b.First.Identity()
		same := x.Scenario == y.Scenario && x.Rate == y.Rate && x.RateEnd == y.RateEnd && x.Concurrency == y.Concurrency &&
			x.MaxWait == y.MaxWait && x.Replicas == y.Replicas && x.Batching == y.Batching
		words := func(s bench.Summary) string { return ScenarioWords(s.First.Scenario, s.First.Workload.Batch) }
		require.Equal(t, same, words(a) == words(b), "%s and %s", words(a), words(b))
	})
}

// A report of many rows with all there is to show fits into a comment on GitHub.
func TestMarkdownOfLoadsStaysBelow64KB(t *testing.T) {
	var rows []bench.Summary
	for i := range 400 {
		for _, s := range append(sweep(), machine()[1]) {
			s.First.Workload.Batch = i + 2
			s.Limits = []bench.LimitSummary{{Limit: p99Limit(), Samples: 7500, Over: 12, Met: true}}
			s.First.Scenario.Preset = "mlperf"
			s.Energy = machine()[1].Energy
			rows = append(rows, s)
		}
	}
	for i := range 60 {
		for _, s := range search() {
			for j := range s.Results {
				probe := *s.Results[j].Scenario.Probe
				probe.Search = fmt.Sprint(i)
				s.Results[j].Scenario.Probe = &probe
			}
			s.First = s.Results[0]
			rows = append(rows, s)
		}
	}
	var out bytes.Buffer
	require.NoError(t, Markdown(&out, New(rows, options())))
	require.Less(t, out.Len(), 64<<10)
}
