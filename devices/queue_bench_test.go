package devices_test

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// starter is a session that does nothing but note when it was called.
type starter struct {
	start time.Time
	began atomic.Int64
}

func (s *starter) Run(context.Context, int, []workloads.Tensor, []workloads.Tensor) error {
	s.began.Store(int64(time.Since(s.start)))
	return nil
}

func (s *starter) Close() error { return nil }

// null is a session that does nothing.
type null struct{}

func (null) Run(context.Context, int, []workloads.Tensor, []workloads.Tensor) error { return nil }
func (null) Close() error                                                           { return nil }

// BenchmarkQueueHandOver measures from Issue to the start of the execution on a lane that is idle (p50-ns), with an issuer
// that sleeps then, as in a closed loop; that yields until the sample is done; and that keeps its P, as one does that
// spins until the next arrival is due.
func BenchmarkQueueHandOver(b *testing.B) {
	for _, issuer := range []struct {
		name string
		wait func(*counter)
	}{
		{"sleeping", func(*counter) {}},
		{"yielding", func(c *counter) {
			for c.left.Load() > 0 {
				runtime.Gosched()
			}
		}},
		{"spinning", func(c *counter) {
			for c.left.Load() > 0 {
			}
		}},
	} {
		b.Run("issuer="+issuer.name, func(b *testing.B) {
			handOver(b, devices.BatchPolicy{}, issuer.wait)
		})
	}
}

// BenchmarkQueueMaxWait measures how long a lone sample waits (p50-ns) for a given MaxWait, in a process that is idle.
func BenchmarkQueueMaxWait(b *testing.B) {
	for _, wait := range []time.Duration{100 * time.Microsecond, 5 * ms} {
		b.Run(wait.String(), func(b *testing.B) {
			handOver(b, devices.BatchPolicy{Batching: devices.DynamicBatching, MaxWait: wait}, func(*counter) {})
		})
	}
}

// handOver issues one sample after the other and reports the median time from Issue to its execution.
func handOver(b *testing.B, policy devices.BatchPolicy, wait func(*counter)) {
	session := &starter{start: time.Now()}
	q := devices.NewQueue(lanesOf(2, 0, session), policy)
	rec, ctx, one := &counter{reached: make(chan struct{}, 1)}, b.Context(), samples(0)
	var took []time.Duration
	for b.Loop() {
		rec.left.Store(1)
		issued := time.Since(session.start)
		_ = q.Issue(ctx, one, rec)
		wait(rec)
		<-rec.reached
		took = append(took, time.Duration(session.began.Load())-issued)
	}
	_ = q.Close()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2]), "p50-ns")
}

// BenchmarkQueueThroughput measures the time per sample from the first Issue to the last completion, with sessions that
// do nothing, and of Issue alone; without a queue for comparison.
func BenchmarkQueueThroughput(b *testing.B) {
	for _, c := range []struct {
		name   string
		lanes  int
		batch  int
		query  int // samples of an Issue
		policy devices.BatchPolicy
	}{
		{"static/batch=1/query=1", 1, 1, 1, devices.BatchPolicy{}},
		{"static/batch=1/query=1/lanes=2", 2, 1, 1, devices.BatchPolicy{}},
		{"static/batch=32/query=4096", 1, 32, 4096, devices.BatchPolicy{}},
		{"dynamic/batch=32/query=1", 1, 32, 1, devices.BatchPolicy{Batching: devices.DynamicBatching}},
		{"dynamic/batch=32/query=1/wait", 1, 32, 1, devices.BatchPolicy{Batching: devices.DynamicBatching, MaxWait: time.Millisecond}},
	} {
		b.Run(c.name, func(b *testing.B) {
			sessions := make([]devices.Session, c.lanes)
			for i := range sessions {
				sessions[i] = null{}
			}
			q := devices.NewQueue(lanesOf(c.batch, 0, sessions...), c.policy)
			drain(b, q, c.query)
			_ = q.Close()
		})
	}
	b.Run("no queue/batch=1/query=1", func(b *testing.B) { drain(b, lanesOf(1, 0, null{})[0], 1) })
}

// drain issues b.N samples, at most 4096 at a time, and waits for their end.
func drain(b *testing.B, sys devices.System, size int) {
	rec, ctx, query := &counter{reached: make(chan struct{}, 1)}, b.Context(), numbered(0, size)
	var issuing time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	for left := b.N; left > 0; {
		round := min(left, 4096)
		left -= round
		rec.left.Store(int64(round))
		began := time.Now()
		for ; round > 0; round -= size {
			_ = sys.Issue(ctx, query[:min(round, size)], rec)
		}
		issuing += time.Since(began)
		<-rec.reached
	}
	b.ReportMetric(float64(issuing)/float64(b.N), "ns/sample-issue")
}
