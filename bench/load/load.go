package load

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
)

const (
	// WarmupFraction is the share of the least duration that the warm-up takes, if one query does not take longer.
	WarmupFraction = 0.1
	// MaxErrors is the number of failed samples after which a run stops.
	MaxErrors = 10
	// offlineMargin is MLPerf's: an offline query holds 10 % more samples than the expected rate asks for, so that the
	// run is not short for a little luck in the warm-up.
	offlineMargin = 1.1
	// maxOffline bounds the samples of one offline query and with it the memory for those in flight, 48 bytes each. A
	// system that answers more within the duration gets a second query in the same window.
	maxOffline = 1 << 20
)

// Arrival says how queries arrive. A scenario is a type: [SingleStream] and [Offline] are here; arrivals with several
// samples per query, several queries in flight, or a schedule fit behind the same method.
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
	// Batch is the number of samples that the system takes at once; 1 if it does not matter.
	Batch int
	// Pool is the number of distinct samples.
	Pool int
	// UnitsPerSample counts what a sample is worth that reports no tokens.
	UnitsPerSample int
	// Seed orders the samples.
	Seed uint64
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
	// Elapsed runs from the first issue to the last completion.
	Elapsed time.Duration
	// Latency is from issue to completion of a sample; nil for arrivals that have none. TTFT is from issue to the first
	// token, TPOT is (latency - TTFT) / (tokens - 1) per sample; both are nil unless samples reported tokens.
	Latency, TTFT, TPOT *stat.Histogram
	// Width and Slices count the units completed in consecutive slices of time. The last slice is cut by the end.
	Width  time.Duration
	Slices []int64
}

// Generator drives one System.
type Generator struct {
	sys      devices.System
	arrival  Arrival
	settings Settings
	rate     float64
	nextID   uint64
}

// New makes a generator. Settings that are zero count as one.
func New(sys devices.System, a Arrival, s Settings) *Generator {
	s.Batch, s.Pool, s.UnitsPerSample = max(s.Batch, 1), max(s.Pool, 1), max(s.UnitsPerSample, 1)
	return &Generator{sys: sys, arrival: a, settings: s}
}

// WarmUp issues one query and further ones until WarmupFraction of the duration has passed. The samples are those with
// which the run starts. An error of any sample ends it.
func (g *Generator) WarmUp(ctx context.Context) (Warmup, error) {
	var w Warmup
	rec := newRecorder(g.settings.UnitsPerSample)
	n := g.arrival.warmup(g.settings)
	run := g.newRun(rec, n)
	least := time.Duration(WarmupFraction * float64(g.settings.Duration))
	for w.Queries == 0 || w.Elapsed < least {
		if more := run.query(ctx, n, rec.now()); !more || rec.errors > 0 {
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

// Run is the timed part. It ends when both minima are met, after MaxErrors failed samples, when the system can take no
// more, or when the context is done and the call in flight has returned. [Generator.WarmUp] comes first: offline sizes
// its query by the rate that it found.
func (g *Generator) Run(ctx context.Context) Outcome {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	rec := newRecorder(g.settings.UnitsPerSample)
	rec.stop = stop
	g.arrival.prepare(rec)
	run := g.newRun(rec, 1)
	g.arrival.issue(ctx, run)
	rec.mu.Lock()
	defer rec.mu.Unlock()
	out := Outcome{
		Queries:     run.queries,
		Samples:     rec.samples,
		Units:       rec.total,
		Errors:      rec.errors,
		FirstError:  rec.firstErr,
		Interrupted: ctx.Err() != nil && rec.errors < MaxErrors,
		Elapsed:     time.Duration(rec.end),
		Latency:     rec.latency,
		Width:       rec.slices.width(),
		Slices:      rec.slices.counts(),
	}
	if ctx.Err() == nil {
		out.Errors += rec.aborted
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

// run is the state of one sequence of queries.
type run struct {
	*Generator
	rec     *recorder
	order   *order
	buffer  []devices.Sample
	queries int64
	err     error // of Issue
}

func (g *Generator) newRun(rec *recorder, room int) *run {
	rec.reserve(room)
	rec.start = time.Now()
	return &run{Generator: g, rec: rec, order: newOrder(g.settings.Seed, g.settings.Pool)}
}

// samples takes the next n samples of the order.
func (r *run) samples(n int) []devices.Sample {
	if cap(r.buffer) < n {
		r.buffer = make([]devices.Sample, n)
	}
	r.buffer = r.buffer[:n]
	for i := range r.buffer {
		r.buffer[i] = devices.Sample{ID: r.nextID, Index: r.order.index()}
		r.nextID++
	}
	return r.buffer
}

// query issues a query of n samples, waits for its end, and reports whether another one may follow.
func (r *run) query(ctx context.Context, n int, at int64) bool {
	samples := r.samples(n)
	r.rec.expect(samples, at)
	return r.hand(ctx, samples)
}

func (r *run) hand(ctx context.Context, samples []devices.Sample) bool {
	err := r.sys.Issue(ctx, samples, r.rec)
	if err != nil && ctx.Err() == nil {
		r.err = err
	}
	r.rec.wait()
	if err != nil || ctx.Err() != nil {
		return false
	}
	r.queries++
	return true
}

// cause says why a query was the last.
func (r *run) cause(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case r.rec.firstErr != nil:
		return r.rec.firstErr
	}
	return r.err
}

// SingleStream issues one sample at a time, the next when the previous is done.
type SingleStream struct{}

func (SingleStream) warmup(Settings) int { return 1 }

func (SingleStream) prepare(r *recorder) {
	r.latency, r.ttft = stat.NewHistogram(), stat.NewHistogram()
}

func (SingleStream) issue(ctx context.Context, r *run) {
	least, queries := int64(r.settings.Duration), int64(r.settings.MinQueries)
	r.rec.start = time.Now()
	for end := int64(0); r.queries == 0 || end < least || r.queries < queries; end, _ = r.rec.state() {
		if !r.query(ctx, 1, r.rec.now()) {
			return
		}
	}
}

// Offline hands over all samples in one query at the start. Their number comes from the rate of the warm-up; if the run
// is over before its least duration, the rest is issued in further queries of the same window. MinQueries counts
// samples: an offline run has one query by nature. There is no latency, and no time to the first token, because all
// samples but the first few wait in the queue.
type Offline struct{}

func (Offline) warmup(s Settings) int { return s.Batch }

func (Offline) prepare(*recorder) {}

// offlineSamples is the size of a query that is expected to need the given number of samples: whole batches, at least
// one, at most maxOffline samples.
func (g *Generator) offlineSamples(expected float64, least int) int {
	batch := g.settings.Batch
	n := math.Max(expected*offlineMargin, float64(least))
	batches := math.Min(math.Ceil(n/float64(batch)), float64(max(maxOffline/batch, 1)))
	return int(math.Max(batches, 1)) * batch
}

func (Offline) issue(ctx context.Context, r *run) {
	least, count := r.settings.Duration, r.settings.MinQueries
	n := r.offlineSamples(r.rate*least.Seconds(), count)
	samples := r.samples(n)
	r.rec.reserve(n)
	r.rec.expect(samples, 0)
	r.rec.start = time.Now()
	for more := r.hand(ctx, samples); more; {
		end, done := r.rec.state()
		left := least - time.Duration(end)
		if left <= 0 && done >= int64(count) {
			return
		}
		rate := float64(done) / time.Duration(max(end, 1)).Seconds()
		n = r.offlineSamples(rate*max(left, 0).Seconds(), count-int(done))
		r.rec.reserve(n)
		more = r.query(ctx, n, r.rec.now())
	}
}

var (
	_ Arrival = SingleStream{}
	_ Arrival = Offline{}
)
