package load_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
)

func TestOffline(t *testing.T) {
	for _, c := range []struct {
		name       string
		settings   load.Settings
		times      []time.Duration
		wantIssued []int // of the run
		wantTook   time.Duration
	}{
		{
			name:       "one query, ten per cent more than the warm-up's rate asks for, in whole batches",
			settings:   load.Settings{Duration: 1000 * ms, Batch: 4},
			times:      []time.Duration{100 * ms, 100 * ms},
			wantIssued: []int{44}, wantTook: 1100 * ms,
		},
		{
			name:       "least number of samples",
			settings:   load.Settings{Duration: 10 * ms, MinQueries: 50, Batch: 4},
			times:      []time.Duration{100 * ms},
			wantIssued: []int{52}, wantTook: 1300 * ms,
		},
		{
			name:     "a cold warm-up is made up for in the same window",
			settings: load.Settings{Duration: 1000 * ms, Batch: 1},
			times:    []time.Duration{500 * ms, 100 * ms},
			// 2/s promise 3 samples for 1 s; they take 300 ms, so 10/s promise 8 for the other 700 ms.
			wantIssued: []int{3, 8}, wantTook: 1100 * ms,
		},
		{
			name:       "a slow system gets one batch",
			settings:   load.Settings{Duration: 10 * ms, Batch: 8},
			times:      []time.Duration{3 * time.Second},
			wantIssued: []int{8}, wantTook: 3 * time.Second,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.settings.Pool, c.settings.UnitsPerSample = 3, 5
				sys := &sleeper{batch: c.settings.Batch, times: c.times}
				g := load.New(sys, load.Offline{}, c.settings)
				_, err := g.WarmUp(t.Context())
				require.NoError(t, err)
				sys.issued = nil
				out := g.Run(t.Context())
				require.Equal(t, c.wantIssued, sys.issued)
				var samples int64
				for _, n := range sys.issued {
					samples += int64(n)
				}
				require.Equal(t, c.wantTook, out.Elapsed)
				require.Equal(t, samples, out.Samples)
				require.Equal(t, int64(len(sys.issued)), out.Queries)
				require.Equal(t, 5*samples, out.Units)
				require.Equal(t, out.Units, sum(out.Slices))
				require.Nil(t, out.Latency)
			})
		})
	}
}
