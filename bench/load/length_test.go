package load_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/devices"
)

// tenths are an arrival and a system for it that takes 10 ms per query.
type tenths struct {
	name    string
	arrival load.Arrival
	system  func(t *testing.T) devices.System
}

func everyArrival() []tenths {
	inline := func(batch int) func(t *testing.T) devices.System {
		return func(*testing.T) devices.System {
			return devices.NewSystem(&session{took: always(10 * ms)}, tiny(batch, 1))
		}
	}
	behind := func(n int) func(t *testing.T) devices.System {
		return func(t *testing.T) devices.System {
			return queued(t, tiny(1, 1), devices.BatchPolicy{}, lanes(n, 10*ms)...)
		}
	}
	return []tenths{
		{"single-stream", load.Stream{Samples: 1}, inline(1)},
		{"multi-stream", load.Stream{Samples: 8}, inline(8)},
		{"concurrency", load.Concurrency{N: 2}, behind(2)},
		{"offline", load.Offline{}, inline(1)},
		{"server", evenly(100), behind(1)},
	}
}

// A run ends when it is long enough and has enough queries, or, offline, samples.
func TestRunLength(t *testing.T) {
	type length struct {
		queries int64
		elapsed time.Duration
	}
	none, long, many := load.Settings{}, load.Settings{Duration: 100 * ms, MinQueries: 3}, load.Settings{Duration: 100 * ms, MinQueries: 41}
	want := map[string][3]length{
		"single-stream": {{1, 10 * ms}, {10, 100 * ms}, {41, 410 * ms}},
		"multi-stream":  {{1, 10 * ms}, {10, 100 * ms}, {41, 410 * ms}},
		"concurrency":   {{1, 10 * ms}, {20, 100 * ms}, {41, 210 * ms}},
		"offline":       {{1, 10 * ms}, {1, 110 * ms}, {1, 410 * ms}},
		"server":        {{1, 10 * ms}, {10, 100 * ms}, {41, 410 * ms}},
	}
	for _, c := range everyArrival() {
		for i, s := range []load.Settings{none, long, many} {
			synctest.Test(t, func(t *testing.T) {
				g := load.New(c.system(t), c.arrival, s)
				_, err := g.WarmUp(t.Context())
				require.NoError(t, err)
				out := g.Run(t.Context())
				require.Equal(t, want[c.name][i], length{out.Queries, out.Elapsed}, "%s with %+v", c.name, s)
				require.False(t, out.Interrupted || out.Broken || out.Missed || out.Overrun)
			})
		}
	}
}

// More is asked once the minima are met, at every twentieth from there on, and never beyond MaxDuration.
func TestMoreAndMaxDuration(t *testing.T) {
	for _, c := range everyArrival() {
		t.Run(c.name, func(t *testing.T) {
			run := func(t *testing.T, most time.Duration, more func(asked int) bool) (asked []time.Duration, out load.Outcome) {
				synctest.Test(t, func(t *testing.T) {
					var start time.Time
					s := load.Settings{Duration: time.Second, MaxDuration: most, MinQueries: 10}
					s.More = func(width time.Duration, units []int64) bool {
						asked = append(asked, time.Since(start))
						require.LessOrEqual(t, time.Since(start), time.Duration(len(units))*width+20*ms, "the slices are up to date")
						require.Positive(t, sum(units))
						return more(len(asked))
					}
					g := load.New(c.system(t), c.arrival, s)
					_, err := g.WarmUp(t.Context())
					require.NoError(t, err)
					start = time.Now()
					out = g.Run(t.Context())
				})
				return asked, out
			}
			begins := time.Second
			if c.name == "offline" {
				begins = 1110 * ms // a tenth more samples, and one more, as 1.1 times 100 rounds to above 110
			}
			asked, out := run(t, time.Minute, func(int) bool { return false })
			require.Len(t, asked, 1)
			require.Equal(t, begins, out.Elapsed)

			asked, out = run(t, time.Minute, func(n int) bool { return n < 3 })
			require.Len(t, asked, 3)
			require.True(t, slices.IsSorted(asked))
			for i := range asked[1:] {
				require.GreaterOrEqual(t, asked[i+1]*20, asked[i]*21-20*10*ms, "a twentieth later, or an arrival before that")
				require.LessOrEqual(t, asked[i+1]*20, asked[i]*21+20*20*ms)
			}
			require.InDelta(t, asked[2], out.Elapsed, float64(10*ms))

			asked, out = run(t, 2*time.Second, func(int) bool { return true })
			require.LessOrEqual(t, len(asked), 15, "1.05^15 is above 2")
			require.GreaterOrEqual(t, out.Elapsed, 2*time.Second)
			require.LessOrEqual(t, out.Elapsed, 2060*ms, "an offline query of a twentieth more")

			_, out = run(t, time.Millisecond, func(int) bool { return true })
			require.Equal(t, begins, out.Elapsed, "MaxDuration is at least Duration")
		})
	}
}
