package load_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
)

func TestCancelKeepsWhatWasMeasured(t *testing.T) {
	for _, a := range []load.Arrival{load.Stream{Samples: 1}, load.Offline{}} {
		synctest.Test(t, func(t *testing.T) {
			sys := &sleeper{times: []time.Duration{10 * ms}}
			g := load.New(sys, a, load.Settings{Duration: time.Minute, Pool: 2})
			_, err := g.WarmUp(t.Context())
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(55*ms, cancel)
			out := g.Run(ctx)
			require.True(t, out.Interrupted)
			require.InDelta(t, 5.5, out.Units, 0.5) // the call in flight counts if the system ends it well
			require.Zero(t, out.Errors)
			require.Equal(t, out.Units, sum(out.Slices))
			require.Equal(t, out.Units*int64(10*ms), int64(out.Elapsed))
		})
	}
}

func TestCancelledWarmUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := load.New(&sleeper{times: []time.Duration{0}}, load.Stream{Samples: 1}, load.Settings{Pool: 1}).WarmUp(ctx)
	require.ErrorIs(t, err, context.Canceled)
}
