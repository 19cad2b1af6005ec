package load_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/devices"
)

var errBroken = errors.New("broken")

func TestErrorsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		sys := &sleeper{times: []time.Duration{10 * ms}, fail: func(uint64) error {
			if n++; n%5 == 0 {
				return fmt.Errorf("sample %d: %w", n, errBroken)
			}
			return nil
		}}
		out := load.New(sys, load.Stream{Samples: 1}, load.Settings{Duration: 100 * ms, Pool: 1}).Run(t.Context())
		require.Equal(t, int64(2), out.Errors)
		require.Equal(t, int64(8), out.Units)
		require.Equal(t, int64(8), out.Samples)
		require.Equal(t, int64(8), out.Latency.Count())
		require.EqualError(t, out.FirstError, "sample 5: broken")
		require.Equal(t, 100*ms, out.Elapsed)
		require.False(t, out.Interrupted || out.Broken)
	})
}

// Errors end every kind of run before its time, and nothing is left in flight. An error of a context that the run does not
// have is one of them: a system may give up a sample for reasons of its own.
func TestTooManyErrorsEndTheRun(t *testing.T) {
	const good = 16
	for _, c := range []struct {
		name     string
		arrival  load.Arrival
		settings load.Settings
		most     int64 // MaxErrors, and those in flight then
	}{
		{"single-stream", load.Stream{Samples: 1}, load.Settings{Duration: time.Hour}, load.MaxErrors},
		{"multi-stream", load.Stream{Samples: 8}, load.Settings{Duration: time.Hour}, 16},
		{"concurrency", load.Concurrency{N: 4}, load.Settings{Duration: time.Hour}, load.MaxErrors + 3},
		{"offline", load.Offline{}, load.Settings{MinQueries: 40}, 40 - good},
		{"server", evenly(100), load.Settings{Duration: time.Hour}, load.MaxErrors},
	} {
		for _, cause := range []error{errBroken, context.Canceled, fmt.Errorf("asking: %w", context.DeadlineExceeded)} {
			t.Run(c.name+"/"+cause.Error(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					sys := newSpy(&async{answer: func(n int) (time.Duration, error) {
						if n < good {
							return 4 * ms, nil
						}
						return 4 * ms, cause
					}})
					out := load.New(sys, c.arrival, c.settings).Run(t.Context())
					require.GreaterOrEqual(t, out.Errors, int64(load.MaxErrors))
					require.LessOrEqual(t, out.Errors, c.most)
					require.Equal(t, cause, out.FirstError)
					require.True(t, out.Broken)
					require.False(t, out.Interrupted || out.Missed || out.Overrun)
					require.Equal(t, int64(good), out.Samples)
					require.Equal(t, int64(good), out.Units)
					require.Zero(t, sys.flight)
				})
			})
		}
	}
}

// refusing takes so many queries and no more.
type refusing struct {
	async
	left  int
	cause error // with which the samples of the refused query end; nil ends them well
}

var errRefused = errors.New("refused")

func (r *refusing) Issue(ctx context.Context, samples []devices.Sample, rec devices.Recorder) error {
	if r.left--; r.left >= 0 {
		return r.async.Issue(ctx, samples, rec)
	}
	rec.DoneAll(samples, r.cause)
	return errRefused
}

// A system that takes no more ends the run; what is in flight still comes in.
func TestErrorOfIssueEndsTheRun(t *testing.T) {
	for _, c := range []struct {
		name    string
		arrival load.Arrival
		samples int
		queries int
	}{
		{"single-stream", load.Stream{Samples: 1}, 1, 5},
		{"multi-stream", load.Stream{Samples: 8}, 8, 5},
		{"concurrency", load.Concurrency{N: 4}, 1, 5},
		{"offline", load.Offline{}, 9, 0}, // its first query has all samples
		{"server", evenly(100), 1, 5},
	} {
		for _, cause := range []error{errBroken, nil} {
			t.Run(fmt.Sprint(c.name, "/", cause), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					inner := &refusing{left: c.queries, cause: cause}
					inner.answer = func(int) (time.Duration, error) { return 25 * ms, nil }
					sys := newSpy(inner)
					out := load.New(sys, c.arrival, load.Settings{Duration: time.Hour, MinQueries: 9}).Run(t.Context())
					require.True(t, out.Broken)
					require.False(t, out.Interrupted || out.Missed || out.Overrun)
					require.Equal(t, int64(c.queries), out.Queries, "that were taken")
					want := int64(c.queries * c.samples)
					if cause == nil {
						require.Equal(t, errRefused, out.FirstError)
						require.Zero(t, out.Errors)
						want += int64(c.samples)
					} else {
						require.Equal(t, cause, out.FirstError, "the cause rather than the refusal")
						require.Equal(t, int64(c.samples), out.Errors)
					}
					require.Equal(t, want, out.Samples)
					require.Zero(t, sys.flight)
				})
			})
		}
	}
}

func TestWarmUpEndsWithTheFirstError(t *testing.T) {
	for _, a := range []load.Arrival{load.Stream{Samples: 1}, load.Stream{Samples: 8}, load.Concurrency{N: 3}, load.Offline{}, evenly(100)} {
		t.Run(fmt.Sprintf("%T", a), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				failing := &async{answer: func(n int) (time.Duration, error) { return ms, errBroken }}
				_, err := load.New(failing, a, load.Settings{Duration: time.Hour}).WarmUp(t.Context())
				require.ErrorIs(t, err, errBroken)
				require.ErrorContains(t, err, "warming up: ")
				_, err = load.New(&refusing{}, a, load.Settings{Duration: time.Hour}).WarmUp(t.Context())
				require.ErrorIs(t, err, errRefused)
				_, err = load.New(&refusing{cause: errBroken}, a, load.Settings{Duration: time.Hour}).WarmUp(t.Context())
				require.ErrorIs(t, err, errBroken)
			})
		})
	}
}
