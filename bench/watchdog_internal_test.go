package bench

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

type pulse struct{ atomic.Uint64 }

func (p *pulse) Pulse() uint64 { return p.Load() }

func TestWatchdog(t *testing.T) {
	const limit = 10 * time.Second
	// Each lane begins or ends an execution at these times.
	cases := map[string]struct {
		beats [][]time.Duration
		lane  int
		hung  bool
		at    time.Duration // about when it is seen
	}{
		"idle for long":           {[][]time.Duration{{}}, 0, false, 0},
		"long pauses":             {[][]time.Duration{{time.Second, 2 * time.Second, 50 * time.Second, 51 * time.Second}}, 0, false, 0},
		"slow, and not hanging":   {[][]time.Duration{{time.Second, 10 * time.Second, 11 * time.Second, 20 * time.Second}}, 0, false, 0},
		"hangs at once":           {[][]time.Duration{{time.Millisecond}}, 0, true, limit},
		"hangs after a while":     {[][]time.Duration{{time.Second, 2 * time.Second, 3 * time.Second}}, 0, true, 13 * time.Second},
		"the second of two hangs": {[][]time.Duration{{time.Second, 2 * time.Second}, {5 * time.Second}}, 1, true, 15 * time.Second},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithTimeout(t.Context(), time.Minute)
				defer stop()
				w := watchdog{limit: limit}
				for _, times := range c.beats {
					p := &pulse{}
					w.lanes = append(w.lanes, p)
					start := time.Now()
					go func() {
						for _, at := range times {
							time.Sleep(at - time.Since(start))
							p.Add(1)
						}
					}()
				}
				start := time.Now()
				lane, hung := w.watch(ctx)
				require.Equal(t, c.hung, hung)
				require.Equal(t, c.lane, lane)
				if c.hung {
					late := time.Since(start) - c.at
					require.GreaterOrEqual(t, late, time.Duration(0))
					require.LessOrEqual(t, late, limit/5)
				}
			})
		})
	}
}

func TestQueryDeadline(t *testing.T) {
	require.Equal(t, 30*time.Second, Plan{}.queryDeadline(time.Second))
	require.Equal(t, 40*time.Second, Plan{}.queryDeadline(2*time.Second))
	require.Equal(t, 5*time.Second, Plan{Length: Length{QueryDeadline: 5 * time.Second}}.queryDeadline(2*time.Second))
}
