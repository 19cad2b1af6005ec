package selftest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/load/arrival"
	"github.com/accelbench/accelbench/devices"
)

// null answers a query within Issue, all its samples at once.
type null struct{}

func (null) Issue(_ context.Context, samples []devices.Sample, rec devices.Recorder) error {
	rec.DoneAll(samples, nil)
	return nil
}

func (null) Close() error { return nil }

const (
	// pool is the number of distinct samples, as many as a small workload has.
	pool = 64
	// A repeat is short, so that on a busy machine most repeats are made within one time slice of the kernel's scheduler.
	repeats        = 101
	queriesPerRun  = 20_000
	samplesPerRun  = 1 << 17
	memoryQueries  = 10_000_000
	behindSchedule = 1e9 // queries per second, which nothing answers
)

// behind is an open arrival whose schedule is always late.
func behind() load.Server {
	return load.Server{Schedule: arrival.Spec{Process: arrival.Poisson, Rate: behindSchedule, Seed: 1}, Wait: load.SpinWait(runtime.Gosched)}
}

func singleStream(ctx context.Context, _ Machine) ([]Measured, error) {
	return overhead(ctx, "single_stream_overhead_seconds", load.Stream{Samples: 1}, queriesPerRun)
}

func server(ctx context.Context, _ Machine) ([]Measured, error) {
	return overhead(ctx, "server_overhead_seconds", behind(), queriesPerRun)
}

func offline(ctx context.Context, _ Machine) ([]Measured, error) {
	return overhead(ctx, "offline_overhead_seconds_per_sample", load.Offline{}, samplesPerRun)
}

// overhead is the time of a whole run of so many samples per sample: the preparation of the run and the making of its
// schedule and its samples are part of it, and so is the null system, two calls.
func overhead(ctx context.Context, name string, a load.Arrival, samples int) ([]Measured, error) {
	g := load.New(null{}, a, load.Settings{MinQueries: samples, Pool: pool, Seed: 1})
	if _, err := g.WarmUp(ctx); err != nil {
		return nil, err
	}
	var took []float64
	for range repeats {
		began := time.Now()
		out := g.Run(ctx)
		elapsed := time.Since(began)
		if err := sound(out); err != nil {
			return nil, err
		}
		took = append(took, elapsed.Seconds()/float64(out.Samples))
	}
	return []Measured{median(name, took)}, nil
}

// sound tells whether a run ended as it should.
func sound(out load.Outcome) error {
	switch {
	case out.Interrupted:
		return context.Canceled
	case out.FirstError != nil:
		return out.FirstError
	case out.Overrun || out.Missed || out.Samples == 0:
		return fmt.Errorf("the run ended early, after %d samples", out.Samples)
	}
	return nil
}

// median is the figure of several measurements, at least one.
func median(name string, values []float64) Measured {
	slices.Sort(values)
	mid, least := values[(len(values)-1)/2], values[0]
	return Measured{Name: name, Value: &mid, Least: &least, Repeats: len(values)}
}

// stamped is a null system that notes when it completed the last of the queries that will come.
type stamped struct {
	null
	left int
	last time.Time
}

func (s *stamped) Issue(ctx context.Context, samples []devices.Sample, rec devices.Recorder) error {
	err := s.null.Issue(ctx, samples, rec)
	if s.left--; s.left == 0 {
		s.last = time.Now()
	}
	return err
}

// memory makes one run of 10 million queries of the server scenario, which has the most histograms, and encodes what a
// result holds of it. The peak is that of the whole process, the program's text included.
func memory(ctx context.Context, m Machine) ([]Measured, error) {
	sys := &stamped{}
	g := load.New(sys, behind(), load.Settings{MinQueries: memoryQueries, Pool: pool, Seed: 1})
	if _, err := g.WarmUp(ctx); err != nil {
		return nil, err
	}
	sys.left = memoryQueries
	out := g.Run(ctx)
	if err := sound(out); err != nil {
		return nil, err
	}
	if sys.left != 0 {
		return nil, fmt.Errorf("%d queries were issued, not %d", memoryQueries-sys.left, memoryQueries)
	}
	for _, h := range []interface{ Encode() (string, error) }{out.Latency, out.Schedule.Lateness} {
		if _, err := h.Encode(); err != nil {
			return nil, err
		}
	}
	after := time.Since(sys.last).Seconds()
	peak := Measured{Name: "memory_bytes_10m_queries", Value: peakMemory(m.FS)}
	if peak.Value == nil {
		peak.Reason = "the system does not tell the peak memory of a process (VmHWM)"
	}
	return []Measured{peak, {Name: "after_run_seconds_10m_queries", Value: &after}}, nil
}
