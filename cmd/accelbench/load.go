package main

import (
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
)

// loadFlags are the words of a plan about how the load comes, how it is served, and for how long.
func loadFlags() []cli.Flag {
	return []cli.Flag{
		&cli.Float64Flag{Name: "rate", Usage: "queries per second of the server scenario", DefaultText: "none"},
		&cli.Float64Flag{Name: "ramp-to", Usage: "queries per second at the end of --duration: the rate changes linearly", DefaultText: "none"},
		&cli.StringFlag{Name: "arrival", Usage: "arrivals of the server scenario: poisson, constant, gamma", DefaultText: "poisson"},
		&cli.Float64Flag{Name: "shape", Usage: "shape of gamma arrivals: below 1 they come in bursts, above 1 more evenly", DefaultText: "none"},
		&cli.IntFlag{Name: "concurrency", Usage: "samples in flight of the concurrency scenario", DefaultText: "none"},
		&cli.StringFlag{Name: "sweep", Usage: "several loads: rate=10,20,40 or concurrency=1,2,4"},
		&cli.BoolFlag{Name: "find-peak", Usage: "search the highest rate, or concurrency, that keeps to --limit"},
		&cli.StringSliceFlag{Name: "limit", Usage: "what latencies must keep to, repeatable: p99=15ms, ttft-p99=2s, tpot-p99=200ms"},
		&cli.StringFlag{Name: "batching", Usage: "static: batches of one query; dynamic: of what waits", DefaultText: "dynamic for server and concurrency, else static"},
		&cli.DurationFlag{Name: "max-wait", Usage: "how long a sample waits for others to fill a dynamic batch", DefaultText: "0: not at all"},
		&cli.IntFlag{Name: "replicas", Usage: "sessions per device, each with the weights of its own", DefaultText: "1"},
		&cli.IntFlag{Name: "threads", Usage: "CPU threads of a CPU engine, shared by the replicas", DefaultText: "all"},
		&cli.StringFlag{Name: "target-interval", Usage: "go on until the 95 % interval of the throughput is within such a percentage on either side: 1%"},
		&cli.DurationFlag{Name: "max-duration", Usage: "the longest run with --target-interval", DefaultText: "10 x duration"},
		&cli.DurationFlag{Name: "query-deadline", Usage: "how long one execution of a batch may take before it counts as hanging", DefaultText: "20 x the first, at least 30s"},
		&cli.IntFlag{Name: "max-repeats", Usage: "the most runs with --target-interval", DefaultText: "30"},
	}
}

// The caps of a target interval without words of their own.
const (
	maxDurations = 10
	maxRepeats   = 30
)

// readLoad reads the flags of loadFlags into a selection.
func readLoad(c *cli.Context, s *bench.Selection) error {
	for _, name := range []string{"rate", "ramp-to", "shape"} {
		if c.IsSet(name) && !(c.Float64(name) > 0) {
			return usagef("--%s %v: give a number above 0", name, c.Float64(name))
		}
	}
	for _, name := range []string{"concurrency", "replicas", "threads", "max-repeats"} {
		if c.IsSet(name) && c.Int(name) < 1 {
			return usagef("--%s %d: give a number above 0", name, c.Int(name))
		}
	}
	s.Rate, s.RateEnd, s.Shape, s.Concurrency = c.Float64("rate"), c.Float64("ramp-to"), c.Float64("shape"), c.Int("concurrency")
	s.MaxWait, s.Replicas, s.Threads = c.Duration("max-wait"), c.Int("replicas"), c.Int("threads")
	s.QueryDeadline = c.Duration("query-deadline")
	s.MaxDuration, s.MaxRepeats, s.FindPeak = c.Duration("max-duration"), c.Int("max-repeats"), c.Bool("find-peak")
	for _, err := range []error{
		parseFlag(c, "arrival", &s.Arrival, bench.ParseArrival),
		parseFlag(c, "batching", &s.Batching, bench.ParseBatching),
		parseFlag(c, "target-interval", &s.TargetInterval, bench.ParseShare),
	} {
		if err != nil {
			return err
		}
	}
	if c.IsSet("sweep") {
		sweep, err := bench.ParseSweep(c.String("sweep"))
		if err != nil {
			return err
		}
		s.Sweep = sweep
	}
	for _, text := range trimmed(c, "limit") {
		limit, err := bench.ParseLimit(text)
		if err != nil {
			return err
		}
		s.Limits = append(s.Limits, limit)
	}
	if d := c.Duration("max-duration"); c.IsSet("max-duration") && d <= 0 {
		return usagef("--max-duration %s: give a duration above 0", d)
	}
	for _, name := range []string{"max-duration", "max-repeats"} {
		if c.IsSet(name) && !c.IsSet("target-interval") {
			return usagef("--%s is the cap of --target-interval: give that, too", name)
		}
	}
	return nil
}

// parseFlag parses the text of a flag that is given.
func parseFlag[T any](c *cli.Context, name string, dst *T, parse func(string) (T, error)) error {
	if !c.IsSet(name) {
		return nil
	}
	x, err := parse(c.String(name))
	if err != nil {
		return usagef("--%s: %w", name, err)
	}
	*dst = x
	return nil
}

// capped gives a target interval the caps that were not given.
func capped(s *bench.Selection) {
	if s.TargetInterval == 0 {
		return
	}
	if s.MaxDuration == 0 {
		s.MaxDuration = maxDurations * s.Duration
	}
	if s.MaxRepeats == 0 {
		s.MaxRepeats = max(maxRepeats, s.Repeats)
	}
}

// loadOfEntry takes the words about load from an entry of a plan file. A flag that is given wins.
func loadOfEntry(c *cli.Context, s *bench.Selection, e bench.PlanEntry) {
	s.Rate = unlessSet(c, "rate", s.Rate, e.Rate)
	s.RateEnd = unlessSet(c, "ramp-to", s.RateEnd, e.RateEnd)
	s.Arrival = unlessSet(c, "arrival", s.Arrival, e.Arrival)
	s.Shape = unlessSet(c, "shape", s.Shape, e.Shape)
	s.Concurrency = unlessSet(c, "concurrency", s.Concurrency, e.Concurrency)
	s.Sweep = unlessSet(c, "sweep", s.Sweep, e.Sweep)
	s.FindPeak = unlessSet(c, "find-peak", s.FindPeak, e.FindPeak)
	s.Batching = unlessSet(c, "batching", s.Batching, e.Batching)
	s.MaxWait = unlessSet(c, "max-wait", s.MaxWait, e.MaxWait)
	s.Replicas = unlessSet(c, "replicas", s.Replicas, e.Replicas)
	s.Threads = unlessSet(c, "threads", s.Threads, e.Threads)
	s.TargetInterval = unlessSet(c, "target-interval", s.TargetInterval, e.TargetInterval)
	s.MaxDuration = unlessSet(c, "max-duration", s.MaxDuration, e.MaxDuration)
	s.MaxRepeats = unlessSet(c, "max-repeats", s.MaxRepeats, e.MaxRepeats)
	s.QueryDeadline = unlessSet(c, "query-deadline", s.QueryDeadline, e.QueryDeadline)
	if !c.IsSet("limit") && len(e.Limits) > 0 {
		s.Limits = slices.Clone(e.Limits)
	}
}

// The numbers of MLPerf Inference v6.1: its rules and loadgen/mlperf.conf.
const (
	mlperfDuration     = 600 * time.Second
	mlperfSampleSeed   = 2747215439041700203
	mlperfScheduleSeed = 16159082839903944936
	mlperfOffline      = 24576 // samples
	mlperfMultiStream  = 662   // queries, for the early-stopping estimate of p99
	mlperfSingleStream = 64    // queries, for that of p90
)

// mlperf gives plans the durations, counts and seeds of MLPerf Inference, and one run each.
func mlperf(plans []bench.Plan) {
	for i := range plans {
		p := &plans[i]
		p.Preset, p.Repeats, p.Duration = "mlperf", 1, mlperfDuration
		p.Seed, p.ScheduleSeed = mlperfSampleSeed, mlperfScheduleSeed
		switch p.Scenario {
		case bench.Offline:
			p.MinQueries = mlperfOffline
		case bench.SingleStream:
			p.MinQueries = mlperfSingleStream
		default:
			p.MinQueries = mlperfMultiStream
		}
	}
}
