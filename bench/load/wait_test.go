package load_test

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
)

func waits() map[string]load.Wait {
	return map[string]load.Wait{"timer": load.TimerWait, "sleep": load.SleepWait, "spin": load.SpinWait(runtime.Gosched)}
}

func TestTimerWaitIsExactInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		time.Sleep(5 * ms)
		now, slept, ok := load.TimerWait(t.Context(), start, int64(12*ms))
		require.Equal(t, []any{int64(12 * ms), int64(7 * ms), true}, []any{now, slept, ok})
		now, slept, ok = load.TimerWait(t.Context(), start, int64(3*ms))
		require.Equal(t, []any{int64(12 * ms), int64(0), true}, []any{now, slept, ok}, "past")

		ctx, cancel := context.WithTimeout(t.Context(), 4*ms)
		defer cancel()
		now, slept, ok = load.TimerWait(ctx, start, int64(time.Hour))
		require.Equal(t, []any{int64(16 * ms), int64(4 * ms), false}, []any{now, slept, ok})
	})
}

// How late a wait ends depends on the machine. That it never ends early does not, nor that it tells the time that it ended
// and how much of it it slept. The lengths take every path: nothing, spinning, naps, a timer before the naps.
func TestWaitsAreNeverEarly(t *testing.T) {
	lengths := []time.Duration{-ms, 0, time.Microsecond, 15 * time.Microsecond, 50 * time.Microsecond, 90 * time.Microsecond,
		300 * time.Microsecond, 3 * ms, 25 * ms}
	for name, wait := range waits() {
		t.Run(name, func(t *testing.T) {
			longest := int64(0)
			for range 5 {
				for _, length := range lengths {
					start := time.Now().Add(-time.Second)
					began := time.Since(start)
					at := began + length
					now, slept, ok := wait(t.Context(), start, int64(at))
					ended := time.Since(start)
					require.True(t, ok)
					require.GreaterOrEqual(t, time.Duration(now), max(at, began), "a wait of %v", length)
					require.LessOrEqual(t, time.Duration(now), ended)
					require.GreaterOrEqual(t, slept, int64(0))
					require.GreaterOrEqual(t, time.Duration(now-slept), began, "it slept no longer than it took")
					if length <= 0 {
						require.Zero(t, slept)
					}
					longest = max(longest, slept)
				}
			}
			// Of the longest waits, five chances, all but a part that no machine could take for itself is sleep.
			require.Greater(t, time.Duration(longest), slices.Max(lengths)/2)
		})
	}
}

// The context ends a long wait, which then tells that its time has not come.
func TestContextEndsWaits(t *testing.T) {
	for name, wait := range waits() {
		t.Run(name, func(t *testing.T) {
			for _, after := range []time.Duration{0, 2 * ms} {
				start := time.Now() // before the context's time begins
				ctx, cancel := context.WithTimeout(t.Context(), after)
				now, slept, ok := wait(ctx, start, int64(time.Hour))
				require.False(t, ok)
				require.GreaterOrEqual(t, time.Duration(now), after)
				require.Less(t, time.Duration(now), time.Hour)
				require.LessOrEqual(t, slept, now)
				require.Error(t, ctx.Err())
				cancel()
			}
		})
	}
}

// A server in real time issues nothing before its time, and its lateness and what it slept add up.
func TestServerInRealTimeIsNeverEarly(t *testing.T) {
	for name, wait := range waits() {
		t.Run(name, func(t *testing.T) {
			server := evenly(2000)
			var asleep int64
			server.Wait = func(ctx context.Context, start time.Time, at int64) (int64, int64, bool) {
				now, slept, ok := wait(ctx, start, at)
				asleep += slept
				return now, slept, ok
			}
			sys := newSpy(null{})
			began := time.Now()
			out := load.New(sys, server, load.Settings{MinQueries: 100, Pool: 4}).Run(t.Context())
			took := time.Since(began)
			for i, at := range schedule(server.Schedule, 100) {
				require.GreaterOrEqual(t, sys.times[i]+sys.start.Sub(began), at, "query %d", i)
			}
			s := out.Schedule
			require.GreaterOrEqual(t, s.Lateness.Min(), int64(0))
			require.GreaterOrEqual(t, s.Issued, s.Last)
			require.LessOrEqual(t, s.Issued, took)
			require.GreaterOrEqual(t, s.Lateness.Max(), int64(s.Issued-s.Last))
			require.Equal(t, s.Issued-time.Duration(asleep), s.Awake)
			require.GreaterOrEqual(t, out.Latency.Max(), s.Lateness.Max(), "latency holds the lateness")
		})
	}
}
