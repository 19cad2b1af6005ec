package load

import (
	"context"
	"fmt"
	"time"

	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
)

const (
	// WarmupFraction is the share of the least duration that the warm-up takes, if one query does not take longer.
	WarmupFraction = 0.1
	// MaxErrors is the number of failed samples after which a run stops.
	MaxErrors = 10
	// MaxInFlight bounds the samples that wait or are computed, and with it the memory for them, 36 bytes each. A system
	// that is so far behind its load has no latency to be measured.
	MaxInFlight = 1 << 20
)

// Arrival says how queries arrive. A scenario is a type: [Stream], [Offline], [Concurrency] and [Server] are here.
type Arrival interface {
	// warmup is the number of samples of a warm-up query.
	warmup(s Settings) int
	// prepare tells the recorder which latencies to keep.
	prepare(r *recorder)
	// issue issues queries until the run is over.
	issue(ctx context.Context, run *run)
}

// Settings are the numbers of a run.
type Settings struct {
	// Duration and MinQueries are the least length and the least number of queries; a run ends when both are met.
	Duration   time.Duration
	MinQueries int
	// More, if set, is asked then, and again whenever the run has become a twentieth longer, until MaxDuration: true lets
	// the run go on. It is given the slices so far and runs between queries, so it should return soon.
	More        func(width time.Duration, units []int64) bool
	MaxDuration time.Duration
	// Batch is the number of samples that the system takes at once, Lanes the number of such batches; 1 if it does not
	// matter.
	Batch, Lanes int
	// Pool is the number of distinct samples.
	Pool int
	// UnitsPerSample counts what a sample is worth that reports no tokens.
	UnitsPerSample int
	// Seed orders the samples.
	Seed uint64
	// Limits are bounds whose misses are counted.
	Limits []Limit
}

// Metric is a latency that a limit can bound.
type Metric string

// The metrics of limits, as in results: latency of a query, time to first token, time per output token.
const (
	Latency Metric = "latency"
	TTFT    Metric = "ttft"
	TPOT    Metric = "tpot"
)

// Limit is a bound in nanoseconds. A run stops when more than Most samples have missed it, unless Most is negative.
type Limit struct {
	Metric Metric
	Bound  int64
	Most   int64
}

// Warmup is what the warm-up took. Rate is samples per second over all queries but the first, or over the first if there
// was no other.
type Warmup struct {
	Queries    int
	Elapsed    time.Duration
	FirstQuery time.Duration
	Rate       float64
}

// Outcome is what was recorded in the timed part.
type Outcome struct {
	Queries, Samples, Units, Errors int64
	// FirstError is the first failure of a sample, nil if there was none.
	FirstError error
	// Interrupted tells that the context ended the run; what was done until then is in the outcome.
	Interrupted bool
	// Broken tells that errors ended the run before its time.
	Broken bool
	// Missed tells that a limit was missed so often that nothing could make up for it, Overrun that MaxInFlight samples
	// were in flight, or so many that serving them would have taken longer than the schedule, and than ten seconds; both end the run
	// before its time.
	Missed, Overrun bool
	// Elapsed runs from the first issue to the last completion.
	Elapsed time.Duration
	// Latency is from the issue of a query, or from its scheduled time, to its completion; nil for arrivals that have none.
	// TTFT is the same to the first token of a sample, TPOT is (latency - TTFT) / (tokens - 1) per sample; both are nil
	// unless samples reported tokens.
	Latency, TTFT, TPOT *stat.Histogram
	// Over counts, for each of the limits, the samples that missed it.
	Over []int64
	// Width and Slices count the units completed in consecutive slices of time. The last slice is cut by the end.
	Width  time.Duration
	Slices []int64
	// MostInFlight is the largest number of samples that were in flight at once.
	MostInFlight int
	// Schedule is what an open arrival did; nil for closed ones.
	Schedule *Schedule
}

// Schedule tells how an open arrival kept its schedule.
type Schedule struct {
	// Last is the scheduled time of the last query, Issued when it was issued, both since the start.
	Last, Issued time.Duration
	// Lateness is the time from schedule to issue, of every query.
	Lateness *stat.Histogram
	// Hash identifies the sequence of scheduled times and samples, on every platform.
	Hash string
	// Awake is the time until then in which the generator did not sleep: what it takes of one CPU, at most. What the system does
	// within Issue is part of it.
	Awake time.Duration
}

// Generator drives one System.
type Generator struct {
	sys      devices.System
	arrival  Arrival
	settings Settings
	rate     float64
}

// New makes a generator. Settings that are zero count as one.
func New(sys devices.System, a Arrival, s Settings) *Generator {
	s.Batch, s.Lanes, s.Pool, s.UnitsPerSample = max(s.Batch, 1), max(s.Lanes, 1), max(s.Pool, 1), max(s.UnitsPerSample, 1)
	s.MaxDuration = max(s.MaxDuration, s.Duration)
	return &Generator{sys: sys, arrival: a, settings: s}
}

// WarmUp issues one query and further ones until WarmupFraction of the duration has passed. The samples are those with
// which the run starts. An error of any sample ends it.
func (g *Generator) WarmUp(ctx context.Context) (Warmup, error) {
	var w Warmup
	rec := newRecorder(ctx, g.settings)
	n := g.arrival.warmup(g.settings)
	run := g.newRun(rec, n)
	least := time.Duration(WarmupFraction * float64(g.settings.Duration))
	for w.Queries == 0 || w.Elapsed < least {
		if _, more := run.query(ctx, n, rec.now()); !more || rec.errors > 0 {
			return w, fmt.Errorf("warming up: %w", run.cause(ctx))
		}
		w.Queries++
		w.Elapsed = time.Duration(rec.now())
		if w.Queries == 1 {
			w.FirstQuery = w.Elapsed
		}
	}
	w.Rate = float64(n) / w.FirstQuery.Seconds()
	if w.Queries > 1 {
		w.Rate = float64(n*(w.Queries-1)) / (w.Elapsed - w.FirstQuery).Seconds()
	}
	g.rate = w.Rate
	return w, nil
}

// Run is the timed part. It ends when both minima are met and More asks for no more, after MaxErrors failed samples, when a
// limit was missed more than Most times, when the system can take no more, or when the context is done and what is in flight
// has ended. [Generator.WarmUp] comes first: offline sizes its query by the rate that it found.
func (g *Generator) Run(ctx context.Context) Outcome {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	rec := newRecorder(ctx, g.settings)
	rec.stop = stop
	g.arrival.prepare(rec)
	run := g.newRun(rec, g.settings.Batch)
	g.arrival.issue(ctx, run)
	rec.mu.Lock()
	defer rec.mu.Unlock()
	out := Outcome{
		Queries:      run.queries,
		Samples:      rec.samples,
		Units:        rec.total,
		Errors:       rec.errors,
		FirstError:   rec.firstErr,
		Interrupted:  ctx.Err() != nil && rec.errors < MaxErrors && !rec.missed && !run.overrun,
		Missed:       rec.missed,
		Overrun:      run.overrun,
		Elapsed:      time.Duration(rec.end),
		Latency:      rec.latency,
		Over:         rec.over,
		Width:        rec.slices.width(),
		Slices:       rec.slices.counts(),
		MostInFlight: rec.most,
		Schedule:     run.schedule,
	}
	if out.FirstError == nil {
		out.FirstError = run.err
	}
	out.Broken = run.err != nil || rec.errors >= MaxErrors
	if rec.ttft != nil && rec.ttft.Count() > 0 {
		out.TTFT = rec.ttft
	}
	if rec.tpot.Count() > 0 {
		out.TPOT = rec.tpot
	}
	return out
}
