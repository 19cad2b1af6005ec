package load_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
)

func TestTokens(t *testing.T) {
	for _, c := range []struct {
		name               string
		arrival            load.Arrival
		tokens             int
		wantTTFT, wantTPOT int64 // 0: none
	}{
		{"single stream", load.Stream{Samples: 1}, 5, int64(8 * ms), int64(8 * ms)},
		{"one token has no TPOT", load.Stream{Samples: 1}, 1, int64(40 * ms), 0},
		{"offline has no TTFT", load.Offline{}, 5, 0, int64(8 * ms)},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sys := &sleeper{batch: 2, times: []time.Duration{40 * ms}, tokens: c.tokens}
				g := load.New(sys, c.arrival, load.Settings{Duration: time.Second, Batch: 2, Pool: 3, UnitsPerSample: c.tokens})
				_, err := g.WarmUp(t.Context())
				require.NoError(t, err)
				out := g.Run(t.Context())
				require.Equal(t, out.Samples*int64(c.tokens), out.Units)
				require.Equal(t, out.Units, sum(out.Slices))
				if c.wantTTFT == 0 {
					require.Nil(t, out.TTFT)
				} else {
					require.Equal(t, out.Samples, out.TTFT.Count())
					require.Equal(t, c.wantTTFT, out.TTFT.Min())
					require.Equal(t, c.wantTTFT, out.TTFT.Max())
				}
				if c.wantTPOT == 0 {
					require.Nil(t, out.TPOT)
				} else {
					require.Equal(t, out.Samples, out.TPOT.Count())
					require.Equal(t, c.wantTPOT, out.TPOT.Min())
				}
			})
		})
	}
}
