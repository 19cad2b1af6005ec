package load_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/load/arrival"
	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/workloads"
)

const ms = time.Millisecond

// sleeper answers batches in the order in which they come: each takes the next of the given times, the last one for ever.
type sleeper struct {
	batch  int
	times  []time.Duration
	tokens int // reported, one after each equal part of the time
	fail   func(id uint64) error
	issued []int // sizes of Issue
	order  []int
	calls  int
}

func (s *sleeper) Issue(ctx context.Context, samples []devices.Sample, rec devices.Recorder) error {
	s.issued = append(s.issued, len(samples))
	for len(samples) > 0 {
		n := min(max(s.batch, 1), len(samples))
		if ctx.Err() != nil {
			for _, q := range samples {
				rec.Done(q.ID, ctx.Err())
			}
			return ctx.Err()
		}
		took := s.times[min(s.calls, len(s.times)-1)]
		s.calls++
		for k := range max(s.tokens, 1) {
			time.Sleep(took / time.Duration(max(s.tokens, 1)))
			for _, q := range samples[:n] {
				switch {
				case s.tokens == 0:
				case k == 0:
					rec.First(q.ID)
				default:
					rec.Tokens(q.ID, 1)
				}
			}
		}
		for _, q := range samples[:n] {
			s.order = append(s.order, q.Index)
			var err error
			if s.fail != nil {
				err = s.fail(q.ID)
			}
			rec.Done(q.ID, err)
		}
		samples = samples[n:]
	}
	return nil
}

func (s *sleeper) Close() error { return nil }

// async answers each sample from a goroutine of its own, whatever becomes of the context: sample n of all, from 0, after
// the time and with the error that answer gives it.
type async struct {
	answer func(n int) (time.Duration, error)
	n      int
	wg     sync.WaitGroup
}

func (a *async) Issue(_ context.Context, samples []devices.Sample, rec devices.Recorder) error {
	for _, s := range samples {
		took, err := a.answer(a.n)
		a.n++
		a.wg.Go(func() {
			time.Sleep(took)
			rec.Done(s.ID, err)
		})
	}
	return nil
}

func (a *async) Close() error { a.wg.Wait(); return nil }

// null answers at once.
type null struct{}

func (null) Issue(_ context.Context, samples []devices.Sample, rec devices.Recorder) error {
	rec.DoneAll(samples, nil)
	return nil
}
func (null) Close() error { return nil }

// spy stands between the generator and a system and keeps what passes.
type spy struct {
	devices.System
	start time.Time

	mu                         sync.Mutex
	rec                        devices.Recorder
	times                      []time.Duration // of the calls of Issue
	flights                    []int           // samples in flight then
	issued, ended, flight      int
	clean, failed, interrupted int // how samples ended
}

func newSpy(sys devices.System) *spy { return &spy{System: sys, start: time.Now()} }

func (s *spy) Issue(ctx context.Context, samples []devices.Sample, rec devices.Recorder) error {
	s.mu.Lock()
	if s.rec != rec {
		s.rec = rec // once a run, while none of its samples is in flight
	}
	s.times = append(s.times, time.Since(s.start))
	s.issued += len(samples)
	s.flight += len(samples)
	s.flights = append(s.flights, s.flight)
	s.mu.Unlock()
	return s.System.Issue(ctx, samples, s)
}

func (s *spy) end(n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flight -= n
	s.ended += n
	switch {
	case err == nil:
		s.clean += n
	case errors.Is(err, context.Canceled):
		s.interrupted += n
	default:
		s.failed += n
	}
}

func (s *spy) First(id uint64)         { s.rec.First(id) }
func (s *spy) Tokens(id uint64, n int) { s.rec.Tokens(id, n) }

func (s *spy) Done(id uint64, err error) {
	s.end(1, err)
	s.rec.Done(id, err)
}

func (s *spy) DoneAll(samples []devices.Sample, err error) {
	s.end(len(samples), err)
	s.rec.DoneAll(samples, err)
}

// session takes, in call n of all, what took says.
type session struct {
	took  func(n int) time.Duration
	calls int
}

func (s *session) Run(context.Context, int, []workloads.Tensor, []workloads.Tensor) error {
	s.calls++
	time.Sleep(s.took(s.calls - 1))
	return nil
}

func (s *session) Close() error { return nil }

// idle is a session that computes nothing.
type idle struct{}

func (idle) Run(context.Context, int, []workloads.Tensor, []workloads.Tensor) error { return nil }
func (idle) Close() error                                                           { return nil }

func always(d time.Duration) func(int) time.Duration {
	return func(int) time.Duration { return d }
}

// tiny is a workload of one number per sample, of one phase, or of two if it is to give more than one token.
func tiny(batch, tokens int) *workloads.Workload {
	phase := func(name string) workloads.Phase {
		g := devicetest.NewGraph(name, batch)
		g.Outputs = []*workloads.Value{g.Input("x", batch, 1)}
		return workloads.Phase{Name: name, Graph: &g.Graph}
	}
	w := &workloads.Workload{Name: "tiny", Unit: "number", UnitsPerSample: 1, Pool: 4, Phases: []workloads.Phase{phase("all")}}
	if tokens > 1 {
		w.Options.OSL, w.UnitsPerSample = tokens, tokens
		w.Phases = append(w.Phases, phase("decode"))
	}
	return w
}

// queued puts one lane for each of the sessions behind a queue, which is closed with the test.
func queued(t testing.TB, w *workloads.Workload, p devices.BatchPolicy, sessions ...devices.Session) *devices.Queue {
	lanes := make([]*devices.Batched, len(sessions))
	for i, s := range sessions {
		lanes[i] = devices.NewSystem(s, w)
	}
	q := devices.NewQueue(lanes, p)
	t.Cleanup(func() { require.NoError(t, q.Close()) })
	return q
}

// lanes are n sessions whose calls all take so long.
func lanes(n int, took time.Duration) []devices.Session {
	out := make([]devices.Session, n)
	for i := range out {
		out[i] = &session{took: always(took)}
	}
	return out
}

// serving is a server scenario in virtual time.
func serving(s arrival.Spec) load.Server { return load.Server{Schedule: s, Wait: load.TimerWait} }

func evenly(perSecond float64) load.Server {
	return serving(arrival.Spec{Process: arrival.Constant, Rate: perSecond})
}

func sum(xs []int64) (total int64) {
	for _, x := range xs {
		total += x
	}
	return total
}

// requireDurations compares all that a histogram holds: the counts, to the resolution of its buckets, and the exact extremes.
func requireDurations(t *testing.T, want []time.Duration, got *stat.Histogram) {
	t.Helper()
	expected := stat.NewHistogram()
	for _, d := range want {
		expected.Record(int64(d))
	}
	require.NotNil(t, got)
	require.Equal(t, expected.Count(), got.Count())
	require.Equal(t, [2]int64{expected.Min(), expected.Max()}, [2]int64{got.Min(), got.Max()}, "extremes")
	wantText, err := expected.Encode()
	require.NoError(t, err)
	gotText, err := got.Encode()
	require.NoError(t, err)
	require.Equal(t, wantText, gotText, "counts")
}

// repeated is n times d.
func repeated(n int, d time.Duration) []time.Duration {
	out := make([]time.Duration, n)
	for i := range out {
		out[i] = d
	}
	return out
}
