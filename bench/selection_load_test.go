package bench_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/load/arrival"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

var p99 = []bench.Limit{{Metric: load.Latency, Percentile: 0.99, Bound: time.Second}}

func sound() bench.Plan {
	return bench.Plan{Workload: "gemm", Length: bench.Length{Duration: time.Second, MinQueries: 1}, Repeats: 3}
}

// shown is a plan with what belongs to its load.
func shown(p bench.Plan) string {
	text := string(p.Scenario)
	for _, f := range []struct {
		name  string
		value any
		zero  bool
	}{
		{"rate", p.Rate, p.Rate == 0}, {"arrival", p.Arrival, p.Arrival == ""}, {"shape", p.Shape, p.Shape == 0},
		{"concurrency", p.Concurrency, p.Concurrency == 0}, {"batching", p.Batching, p.Batching == ""},
		{"wait", p.MaxWait, p.MaxWait == 0}, {"replicas", p.Replicas, p.Replicas == 0}, {"limits", len(p.Limits), len(p.Limits) == 0},
		{"peak", p.FindPeak, !p.FindPeak},
	} {
		if !f.zero {
			text += fmt.Sprintf(" %s=%v", f.name, f.value)
		}
	}
	return text
}

func TestSelectionOfLoads(t *testing.T) {
	type names = []bench.ScenarioName
	all := bench.Scenarios()
	for name, c := range map[string]struct {
		change func(*bench.Selection)
		want   []string
		err    string
	}{
		"nothing":       {func(*bench.Selection) {}, []string{"single-stream", "offline"}, ""},
		"a rate":        {func(s *bench.Selection) { s.Rate = 10 }, []string{"server rate=10"}, ""},
		"a concurrency": {func(s *bench.Selection) { s.Concurrency = 4 }, []string{"concurrency concurrency=4"}, ""},
		"both":          {func(s *bench.Selection) { s.Rate, s.Concurrency = 10, 4 }, []string{"server rate=10", "concurrency concurrency=4"}, ""},
		"a sweep of rates": {func(s *bench.Selection) { s.Sweep = &bench.Sweep{Scenario: bench.Server, Values: []float64{1, 2.5}} },
			[]string{"server rate=1", "server rate=2.5"}, ""},
		"a sweep of concurrencies": {func(s *bench.Selection) { s.Sweep = &bench.Sweep{Scenario: bench.Concurrency, Values: []float64{1, 8}} },
			[]string{"concurrency concurrency=1", "concurrency concurrency=8"}, ""},
		"a sweep beside another scenario": {func(s *bench.Selection) {
			s.Sweep, s.Scenarios = &bench.Sweep{Scenario: bench.Server, Values: []float64{1, 2}}, names{bench.Offline, bench.Server}
		}, []string{"offline", "server rate=1", "server rate=2"}, ""},
		"an arrival without a rate": {func(s *bench.Selection) { s.Arrival = arrival.Constant }, nil, "give --rate, --sweep rate=... or --find-peak"},
		"a search":                  {func(s *bench.Selection) { s.FindPeak, s.Limits = true, p99 }, []string{"server limits=1 peak=true"}, ""},
		"a search of a concurrency": {func(s *bench.Selection) { s.FindPeak, s.Limits, s.Scenarios = true, p99, names{bench.Concurrency} },
			[]string{"concurrency limits=1 peak=true"}, ""},
		"a search from a concurrency": {func(s *bench.Selection) { s.FindPeak, s.Limits, s.Concurrency = true, p99, 5 },
			[]string{"concurrency concurrency=5 limits=1 peak=true"}, ""},
		"each option reaches only its scenario": {func(s *bench.Selection) {
			s.Scenarios, s.Rate, s.Arrival, s.Shape, s.Concurrency, s.Limits, s.Replicas = all, 10, arrival.Gamma, 2, 4, p99, 2
			s.Batching = devices.DynamicBatching
		}, []string{"single-stream limits=1", "multi-stream replicas=2", "server rate=10 arrival=gamma shape=2 batching=dynamic replicas=2 limits=1",
			"offline replicas=2", "concurrency concurrency=4 batching=dynamic replicas=2 limits=1"}, ""},
		"static batching reaches all": {func(s *bench.Selection) {
			s.Scenarios, s.Rate, s.Concurrency, s.Batching = all, 1, 1, devices.StaticBatching
		},
			[]string{"single-stream batching=static", "multi-stream batching=static", "server rate=1 batching=static", "offline batching=static",
				"concurrency concurrency=1 batching=static"}, ""},
		"a wait for batches": {func(s *bench.Selection) {
			s.Scenarios, s.Rate, s.MaxWait, s.Options.Batch = names{bench.Offline, bench.Server}, 1, time.Millisecond, 4
		}, []string{"offline", "server rate=1 wait=1ms"}, ""},

		"a rate elsewhere":           {func(s *bench.Selection) { s.Scenarios, s.Rate = names{bench.Offline}, 1 }, nil, "a rate or an arrival process needs --scenario server"},
		"a ramp alone":               {func(s *bench.Selection) { s.RateEnd = 1 }, nil, "give --rate"},
		"a concurrency elsewhere":    {func(s *bench.Selection) { s.Scenarios, s.Concurrency = names{bench.Server}, 1 }, nil, "a concurrency needs --scenario concurrency"},
		"a search elsewhere":         {func(s *bench.Selection) { s.Scenarios, s.FindPeak = names{bench.Offline}, true }, nil, "find-peak needs --scenario server or concurrency"},
		"a search without a limit":   {func(s *bench.Selection) { s.FindPeak = true }, nil, "find-peak needs what latencies must keep to: give --limit"},
		"dynamic batching elsewhere": {func(s *bench.Selection) { s.Batching = devices.DynamicBatching }, nil, "dynamic batching, with or without a max-wait, needs --scenario server or concurrency"},
		"a wait elsewhere":           {func(s *bench.Selection) { s.MaxWait = 1 }, nil, "dynamic batching, with or without a max-wait, needs --scenario server or concurrency"},
		"a limit elsewhere":          {func(s *bench.Selection) { s.Scenarios, s.Limits = names{bench.Offline}, p99 }, nil, "a limit needs --scenario single-stream or server or concurrency"},
		"a sweep elsewhere": {func(s *bench.Selection) {
			s.Scenarios, s.Sweep = names{bench.Offline}, &bench.Sweep{Scenario: bench.Server}
		}, nil, "the sweep needs --scenario server"},
		"a sweep that is too high": {func(s *bench.Selection) {
			s.Sweep = &bench.Sweep{Scenario: bench.Concurrency, Values: []float64{1 << 17}}
		}, nil, "concurrency 131072: from 1 to 65536"},
		"a load without its number": {func(s *bench.Selection) { s.Scenarios = names{bench.Concurrency} }, nil, "give --concurrency, --sweep concurrency=... or --find-peak"},
	} {
		t.Run(name, func(t *testing.T) {
			s := bench.Selection{Plan: sound(), Workloads: []string{"gemm"}}
			c.change(&s)
			plans, err := s.Plans()
			if c.err != "" {
				require.ErrorIs(t, err, bench.ErrBadPlan)
				require.ErrorContains(t, err, c.err)
				require.Empty(t, plans)
				return
			}
			require.NoError(t, err)
			var got []string
			for _, p := range plans {
				got = append(got, shown(p))
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestValidateLoads(t *testing.T) {
	for name, c := range map[string]struct {
		scenario bench.ScenarioName
		change   func(*bench.Plan)
		err      string // empty for none
	}{
		"server":                 {bench.Server, func(p *bench.Plan) { p.Rate = 1 }, ""},
		"server, slowest":        {bench.Server, func(p *bench.Plan) { p.Rate = 1.2e-5 }, ""},
		"server, slower":         {bench.Server, func(p *bench.Plan) { p.Rate = 1e-300 }, "less than a query in a day"},
		"server, ramp to less":   {bench.Server, func(p *bench.Plan) { p.Rate, p.RateEnd = 5, 1e-6 }, "less than a query in a day"},
		"more threads than CPUs": {bench.Offline, func(p *bench.Plan) { p.Threads = runtime.NumCPU() + 1 }, "this program may use"},
		"search, p99.999": {bench.Server, func(p *bench.Plan) {
			p.FindPeak, p.Limits = true, []bench.Limit{{Metric: load.Latency, Percentile: 0.99999, Bound: 1}}
		}, "bound a lower percentile"},
		"server, too fast":      {bench.Server, func(p *bench.Plan) { p.Rate = 1.1e9 }, "rate 1.1e+09 per second: it must be above 0"},
		"server, negative":      {bench.Server, func(p *bench.Plan) { p.Rate = -1 }, "rate -1"},
		"server, shape":         {bench.Server, func(p *bench.Plan) { p.Rate, p.Shape = 1, 2 }, "a shape needs process gamma"},
		"server, gamma":         {bench.Server, func(p *bench.Plan) { p.Rate, p.Arrival, p.Shape = 1, arrival.Gamma, 2 }, ""},
		"server, no shape":      {bench.Server, func(p *bench.Plan) { p.Rate, p.Arrival = 1, arrival.Gamma }, "shape 0"},
		"server, unknown":       {bench.Server, func(p *bench.Plan) { p.Rate, p.Arrival = 1, "bursty" }, `unknown process "bursty"`},
		"server, ramp":          {bench.Server, func(p *bench.Plan) { p.Rate, p.RateEnd = 1, 10 }, ""},
		"server, ramp down":     {bench.Server, func(p *bench.Plan) { p.Rate, p.RateEnd = 1, -10 }, "final rate -10"},
		"search without a rate": {bench.Server, func(p *bench.Plan) { p.FindPeak, p.Limits = true, p99 }, ""},
		"search on a ramp":      {bench.Server, func(p *bench.Plan) { p.FindPeak, p.Limits, p.Rate, p.RateEnd = true, p99, 1, 2 }, "find-peak with a ramp"},
		"search, bad shape":     {bench.Server, func(p *bench.Plan) { p.FindPeak, p.Limits, p.Shape = true, p99, 2 }, "a shape needs process gamma"},
		"schedule, target": {bench.Server, func(p *bench.Plan) {
			p.Rate, p.TargetInterval, p.MaxDuration, p.MaxRepeats = 5, 0.01, time.Minute, 9
		}, "target-interval with scenario server"},
		"caps without a target": {bench.Offline, func(p *bench.Plan) { p.MaxRepeats = 9 }, "the caps of target-interval"},
		"search, target": {bench.Concurrency, func(p *bench.Plan) {
			p.FindPeak, p.Limits, p.TargetInterval, p.MaxDuration, p.MaxRepeats = true, p99, 0.01, time.Minute, 9
		}, "target-interval with find-peak"},
		"concurrency":           {bench.Concurrency, func(p *bench.Plan) { p.Concurrency = 1 << 16 }, ""},
		"concurrency, too many": {bench.Concurrency, func(p *bench.Plan) { p.Concurrency = 1<<16 + 1 }, "concurrency 65537: from 1 to 65536"},
		"concurrency, negative": {bench.Concurrency, func(p *bench.Plan) { p.Concurrency = -1 }, "concurrency -1: from 1"},
		"one for each device":   {bench.Concurrency, func(p *bench.Plan) { p.Concurrency, p.Peers = 2, []string{"b"} }, ""},
		"less than one each":    {bench.Concurrency, func(p *bench.Plan) { p.Concurrency, p.Device, p.Peers = 2, "a", []string{"b", "c"} }, "concurrency 2 for 3 devices: at least one each"},

		"unknown batching":          {bench.Offline, func(p *bench.Plan) { p.Batching = "random" }, `unknown batching "random": it is static or dynamic`},
		"static batches one by one": {bench.Concurrency, func(p *bench.Plan) { p.Concurrency, p.Batching, p.Options.Batch = 1, devices.StaticBatching, 2 }, "use --batching dynamic"},
		"dynamic batches":           {bench.Concurrency, func(p *bench.Plan) { p.Concurrency, p.Options.Batch = 1, 2 }, ""},
		"static, batch of one":      {bench.Concurrency, func(p *bench.Plan) { p.Concurrency, p.Batching = 1, devices.StaticBatching }, ""},
		"multi-stream, batch 8":     {bench.MultiStream, func(p *bench.Plan) { p.Options.Batch = 8 }, ""},
		"multi-stream, batch 9":     {bench.MultiStream, func(p *bench.Plan) { p.Options.Batch = 9 }, "batch 9 with multi-stream, whose queries have 8 samples"},
		"wait":                      {bench.Concurrency, func(p *bench.Plan) { p.Concurrency, p.Options.Batch, p.MaxWait = 1, 2, time.Minute }, ""},
		"wait, too long":            {bench.Concurrency, func(p *bench.Plan) { p.Concurrency, p.Options.Batch, p.MaxWait = 1, 2, time.Minute+1 }, "max-wait 1m0.000000001s: from 0 to 1m0s"},
		"wait, negative":            {bench.Concurrency, func(p *bench.Plan) { p.Concurrency, p.Options.Batch, p.MaxWait = 1, 2, -1 }, "max-wait -1ns"},
		"wait for nobody":           {bench.Concurrency, func(p *bench.Plan) { p.Concurrency, p.MaxWait = 1, 1 }, "which waits for no other: give --batch"},
		"replicas":                  {bench.Offline, func(p *bench.Plan) { p.Replicas = 64 }, ""},
		"replicas, too many":        {bench.Offline, func(p *bench.Plan) { p.Replicas = 65 }, "replicas 65: from 1 to 64"},
		"replicas, negative":        {bench.Offline, func(p *bench.Plan) { p.Replicas = -1 }, "replicas -1"},
		"threads":                   {bench.Offline, func(p *bench.Plan) { p.Replicas, p.Threads = 2, 2 }, ""},
		"threads, too few":          {bench.Offline, func(p *bench.Plan) { p.Replicas, p.Threads = 2, 1 }, "threads 1 for 2 replicas: at least one each"},
		"threads, negative":         {bench.Offline, func(p *bench.Plan) { p.Threads = -1 }, "threads -1 for 1 replicas"},

		"deadline of a query":     {bench.Offline, func(p *bench.Plan) { p.QueryDeadline = time.Second }, ""},
		"deadline, negative":      {bench.Offline, func(p *bench.Plan) { p.QueryDeadline = -1 }, "query-deadline -1ns: from 0 to"},
		"target":                  {bench.Offline, func(p *bench.Plan) { p.TargetInterval, p.MaxDuration, p.MaxRepeats = 0.01, p.Duration, p.Repeats }, ""},
		"target of all":           {bench.Offline, func(p *bench.Plan) { p.TargetInterval, p.MaxDuration, p.MaxRepeats = 1, p.Duration, p.Repeats }, "target-interval: give a share"},
		"target, negative":        {bench.Offline, func(p *bench.Plan) { p.TargetInterval, p.MaxDuration, p.MaxRepeats = -0.1, p.Duration, p.Repeats }, "target-interval: give a share"},
		"target, shorter at most": {bench.Offline, func(p *bench.Plan) { p.TargetInterval, p.MaxDuration, p.MaxRepeats = 0.01, p.Duration-1, p.Repeats }, "max-duration 999.999999ms: from the duration, 1s"},
		"target, longest":         {bench.Offline, func(p *bench.Plan) { p.TargetInterval, p.MaxDuration, p.MaxRepeats = 0.01, 25*time.Hour, p.Repeats }, "max-duration 25h0m0s"},
		"target, fewer at most":   {bench.Offline, func(p *bench.Plan) { p.TargetInterval, p.MaxDuration, p.MaxRepeats = 0.01, p.Duration, 2 }, "max-repeats 2: from the repeats, 3"},
		"target, most":            {bench.Offline, func(p *bench.Plan) { p.TargetInterval, p.MaxDuration, p.MaxRepeats = 0.01, p.Duration, 10_001 }, "max-repeats 10001"},
	} {
		t.Run(name, func(t *testing.T) {
			p := sound()
			p.Scenario = c.scenario
			c.change(&p)
			err := p.Validate()
			if c.err == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, bench.ErrBadPlan)
			require.ErrorContains(t, err, c.err)
		})
	}
}

func TestBatchingOf(t *testing.T) {
	for _, s := range bench.Scenarios() {
		p := bench.Plan{Scenario: s}
		require.Equal(t, s == bench.Server || s == bench.Concurrency, p.BatchingOf() == devices.DynamicBatching)
		p.Batching = devices.StaticBatching
		require.Equal(t, devices.StaticBatching, p.BatchingOf())
	}
}

// A deadline lies beyond the time that a schedule takes for its queries, at any rate.
func TestRunDeadlineOfSlowSchedules(t *testing.T) {
	w, err := workloads.Find("gemm", workloads.Options{})
	require.NoError(t, err)
	p := sound()
	p.Scenario, p.MinQueries = bench.Server, 1000
	for _, rates := range [][2]float64{{1, 0}, {0.01, 0}, {100, 0.01}, {0.01, 100}} {
		p.Rate, p.RateEnd = rates[0], rates[1]
		slowest := rates[0]
		if rates[1] > 0 {
			slowest = rates[1] // a ramp ends with the duration, and its last rate stays
		}
		require.Greater(t, bench.RunDeadline(p, w).Seconds(), 1000/slowest*1.2, "%v", rates)
	}
	p.Rate, p.RateEnd = 1e-300, 0
	require.Equal(t, 365*24*time.Hour, bench.RunDeadline(p, w))

	p = sound()
	p.Scenario = bench.Offline
	before := bench.RunDeadline(p, w)
	p.TargetInterval, p.MaxDuration = 0.01, time.Hour
	require.Greater(t, bench.RunDeadline(p, w), before+10*time.Hour-time.Minute)
	p.MaxDuration, p.Replicas = 0, 10
	require.Greater(t, bench.RunDeadline(p, w), before, "each session loads its parameters")
}
