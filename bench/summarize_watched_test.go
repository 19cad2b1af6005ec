package bench_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
)

func TestDeviceLatency(t *testing.T) {
	at := func(p50, p99 float64) devices.Reading {
		return devices.Reading{DeviceLatency: &devices.DeviceLatency{P50Seconds: p50, P99Seconds: p99}}
	}
	require.Nil(t, bench.DeviceLatency(nil))
	require.Nil(t, bench.DeviceLatency([]bench.Result{{Readings: []devices.Reading{{}}}}))
	got := bench.DeviceLatency([]bench.Result{{Readings: []devices.Reading{at(3, 30), {}}}, {Readings: []devices.Reading{at(1, 50), at(2, 40)}}})
	require.Equal(t, devices.DeviceLatency{P50Seconds: 2, P99Seconds: 40}, *got)
}

// TestExecutionErrors: what was counted before a run, or is not known at both ends, is none of its own.
func TestExecutionErrors(t *testing.T) {
	run := func(counts ...int) bench.Result {
		r := bench.Result{Readings: []devices.Reading{{}}}
		for _, n := range counts {
			c := uint64(n)
			r.Readings = append(r.Readings, devices.Reading{ExecutionErrors: &c})
		}
		return r
	}
	require.Nil(t, bench.ExecutionErrors([]bench.Result{run(), run(7)}))
	require.Nil(t, bench.ExecutionErrors([]bench.Result{run(7, 3)}), "a counter does not run backwards")
	require.Zero(t, *bench.ExecutionErrors([]bench.Result{run(7, 7)}))
	rapid.Check(t, func(t *rapid.T) {
		first, grown := rapid.IntRange(0, 9).Draw(t, "first"), rapid.SliceOf(rapid.IntRange(0, 5)).Draw(t, "grown")
		counts, sum := []int{first}, 0
		for _, g := range grown {
			sum += g
			counts = append(counts, first+sum)
		}
		got := bench.ExecutionErrors([]bench.Result{run(counts...), run(2, 4)})
		require.EqualValues(t, sum+2, *got)
	})
}
