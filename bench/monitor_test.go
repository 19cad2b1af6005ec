package bench_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
)

// watched is a device with sensors that run beside the work; it counts how often they were started.
type watched struct {
	devicetest.Device
	starts int
}

func (d *watched) Watch() { d.starts++ }

func (d *watched) Info() devices.Info {
	info := d.Device.Info()
	if d.starts > 0 {
		info.Unwatched = "the tool ended"
	}
	return info
}

func (d *watched) Read(ctx context.Context) (devices.Reading, error) {
	r, err := d.Device.Read(ctx)
	if n := uint64(d.starts); n > 0 {
		r.ExecutionErrors = &n
	}
	return r, err
}

// TestWatchersAreStartedForRuns: once, before the first reading of the timed part; what they could not say is in the result.
// Detection starts nothing.
func TestWatchersAreStartedForRuns(t *testing.T) {
	p, b := plan("good", 50*time.Millisecond), base()
	p.Device = "watched:0"
	b.Targets[p.Device] = bench.Target{Present: 1, Candidate: bench.Candidate{Info: devices.Info{Backend: "watched", ID: p.Device, Name: "fake device"}}}
	var results []bench.Result
	for r := range runner().Run(t.Context(), []bench.Plan{p}, b) {
		results = append(results, r)
	}
	require.Len(t, results, 1)
	require.Equal(t, bench.OK, results[0].Status, results[0].Reason)
	require.Equal(t, "the tool ended", results[0].Device.Unwatched)
	require.NotEmpty(t, results[0].Readings)
	for _, r := range results[0].Readings {
		require.Equal(t, uint64(1), *r.ExecutionErrors)
	}
	inventories, err := runner().Find(t.Context(), "watched")
	require.NoError(t, err)
	require.Len(t, inventories.Devices, 1)
	for _, c := range inventories.Devices {
		require.Empty(t, c.Info.Unwatched)
	}
}
