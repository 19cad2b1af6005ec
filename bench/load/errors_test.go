package load_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/devices"
)

func TestErrorsAreCountedAndBounded(t *testing.T) {
	broken := errors.New("broken")
	t.Run("some", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			warm, n := true, 0
			sys := &sleeper{times: []time.Duration{10 * ms}, fail: func(uint64) error {
				if !warm {
					if n++; n%5 == 0 {
						return broken
					}
				}
				return nil
			}}
			g := load.New(sys, load.Stream{Samples: 1}, load.Settings{Duration: 100 * ms, Pool: 1})
			_, err := g.WarmUp(t.Context())
			require.NoError(t, err)
			warm = false
			out := g.Run(t.Context())
			require.Equal(t, int64(2), out.Errors)
			require.Equal(t, int64(8), out.Units)
			require.Equal(t, int64(8), out.Latency.Count())
			require.ErrorIs(t, out.FirstError, broken)
			require.False(t, out.Interrupted)
		})
	})
	t.Run("too many", func(t *testing.T) {
		for _, a := range []load.Arrival{load.Stream{Samples: 1}, load.Offline{}} {
			synctest.Test(t, func(t *testing.T) {
				sys := &sleeper{times: []time.Duration{10 * ms}}
				g := load.New(sys, a, load.Settings{Duration: time.Minute, Pool: 1})
				_, err := g.WarmUp(t.Context())
				require.NoError(t, err)
				sys.fail = func(uint64) error { return broken }
				out := g.Run(t.Context())
				require.Equal(t, int64(load.MaxErrors), out.Errors)
				require.False(t, out.Interrupted)
				require.True(t, out.Broken)
				require.Zero(t, out.Units)
			})
		}
	})
	t.Run("in the warm-up", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sys := &sleeper{times: []time.Duration{10 * ms}, fail: func(uint64) error { return broken }}
			_, err := load.New(sys, load.Stream{Samples: 1}, load.Settings{Pool: 1}).WarmUp(t.Context())
			require.ErrorIs(t, err, broken)
		})
	})
}

// liar completes a sample twice and one that was never issued.
type liar struct{}

func (liar) Issue(_ context.Context, samples []devices.Sample, rec devices.Recorder) error {
	for _, s := range samples {
		rec.Done(s.ID, nil)
		rec.Done(s.ID, nil)
		rec.First(s.ID + 1)
	}
	return nil
}
func (liar) Close() error { return nil }

func TestStrayCompletionsAreErrors(t *testing.T) {
	_, err := load.New(liar{}, load.Stream{Samples: 1}, load.Settings{Pool: 1}).WarmUp(t.Context())
	require.ErrorContains(t, err, "completion of sample 0: not in flight")
}
