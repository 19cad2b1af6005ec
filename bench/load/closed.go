package load

import (
	"context"
	"math"
	"time"

	"github.com/accelbench/accelbench/bench/stat"
)

// Stream issues a query of so many samples at a time, the next when the previous is done: MLPerf's single-stream with one
// sample, multi-stream with eight. A query's latency ends with its last sample; a query with a failed sample has none.
type Stream struct{ Samples int }

func (a Stream) warmup(Settings) int { return a.Samples }

func (a Stream) prepare(r *recorder) {
	r.ttft = stat.NewHistogram()
	// With one sample the latency of the query is that of the sample, which the recorder knows.
	r.latency, r.perQuery = stat.NewHistogram(), a.Samples > 1
}

func (a Stream) issue(ctx context.Context, r *run) {
	r.rec.start = time.Now()
	var samples int64
	for end := int64(0); !r.over(end, r.queries); {
		at := r.rec.now()
		now, more := r.query(ctx, a.Samples, at)
		if r.rec.perQuery && now.samples-samples == int64(a.Samples) {
			r.rec.latency.Record(now.end - at)
		}
		if !more {
			return
		}
		end, samples = now.end, now.samples
	}
}

// Concurrency keeps so many queries of one sample in flight: a closed loop of N clients that do not think. Latency runs
// from the issue.
type Concurrency struct{ N int }

func (a Concurrency) warmup(Settings) int { return max(a.N, 1) }

func (Concurrency) prepare(r *recorder) {
	r.latency, r.ttft = stat.NewHistogram(), stat.NewHistogram()
}

func (a Concurrency) issue(ctx context.Context, r *run) {
	r.rec.start = time.Now()
	for ctx.Err() == nil {
		at := r.rec.now()
		if r.over(at, r.queries) {
			break
		}
		samples := r.samples(1)
		r.rec.admit(samples, at)
		if !r.give(ctx, samples) {
			break
		}
		r.rec.wait(max(a.N, 1))
	}
	r.rec.wait(1)
}

// Offline hands over all samples in one query at the start. Their number comes from the rate of the warm-up; if the run
// is over before its least duration, the rest is issued in further queries of the same window. MinQueries counts
// samples: an offline run has one query by nature. There is no latency, and no time to the first token, because all
// samples but the first few wait in the queue.
type Offline struct{}

const (
	// offlineMargin is MLPerf's: an offline query holds 10 % more samples than the expected rate asks for, so that the
	// run is not short for a little luck in the warm-up.
	offlineMargin = 1.1
	// maxOffline bounds the samples of one offline query and with it the memory for those in flight. A system that answers
	// more within the duration gets a second query in the same window.
	maxOffline = 1 << 18
)

func (Offline) warmup(s Settings) int { return s.Batch * s.Lanes }

func (Offline) prepare(*recorder) {}

// offlineSamples is the size of a query that is expected to need the given number of samples: whole batches for every
// lane, at most maxOffline samples.
func (g *Generator) offlineSamples(expected float64, least int) int {
	batch := g.settings.Batch * g.settings.Lanes
	n := math.Max(expected*offlineMargin, float64(least))
	batches := math.Min(math.Ceil(n/float64(batch)), float64(max(maxOffline/batch, 1)))
	return int(math.Max(batches, 1)) * batch
}

func (Offline) issue(ctx context.Context, r *run) {
	least, count := r.settings.Duration, r.settings.MinQueries
	n := r.offlineSamples(r.rate*least.Seconds(), count)
	samples := r.samples(n)
	r.rec.reserve(n)
	r.rec.admit(samples, 0)
	r.rec.start = time.Now()
	for now, more := r.hand(ctx, samples); more && !r.over(now.end, now.samples); {
		left := least - time.Duration(now.end)
		if left <= 0 {
			left = least / 20 // what is asked for beyond the least duration comes in small steps
		}
		rate := float64(now.samples) / time.Duration(max(now.end, 1)).Seconds()
		n = r.offlineSamples(rate*left.Seconds(), count-int(now.samples))
		r.rec.reserve(n)
		now, more = r.query(ctx, n, r.rec.now())
	}
}

var (
	_ Arrival = Stream{}
	_ Arrival = Offline{}
	_ Arrival = Concurrency{}
	_ Arrival = Server{}
)
