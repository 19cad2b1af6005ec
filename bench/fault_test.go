package bench_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
)

func on(t *testing.T, device, engine string) bench.Result {
	t.Helper()
	b := base()
	target := b.Targets["fake:0"]
	target.Info = devices.Info{Backend: "fake", ID: device}
	b.Targets[device] = target
	p := plan(engine, short)
	p.Device = device
	results := slices.Collect(runner().Run(t.Context(), []bench.Plan{p}, b))
	require.Len(t, results, 1)
	return results[0]
}

// A run whose device is lost has failed and says so, whether or not the engine has noticed.
func TestLostDevice(t *testing.T) {
	clean(t)
	r := on(t, "fake:lost", "good")
	require.Equal(t, bench.Failed, r.Status)
	require.True(t, strings.HasPrefix(r.Reason, "the device was lost within the run: "), r.Reason)
	require.Contains(t, r.Reason, "fallen off the bus")
	require.Positive(t, r.Counts.Queries, "what was measured is there")

	r = on(t, "fake:lost", "runerror")
	require.Equal(t, bench.Failed, r.Status)
	require.Contains(t, r.Reason, "; the device was lost: ")
	require.False(t, strings.HasPrefix(r.Reason, "the device"), "the engine's own words come first: %s", r.Reason)

	// An engine that fails on a device that is there blames nobody else.
	r = on(t, "fake:0", "runerror")
	require.NotContains(t, r.Reason, "lost")
	r = on(t, "fake:0", "loaderror")
	require.NotContains(t, r.Reason, "lost")
}

func TestDeviceErrorsInvalidate(t *testing.T) {
	clean(t)
	r := on(t, "fake:faulty", "good")
	require.Equal(t, bench.OK, r.Status, r.Reason)
	require.False(t, r.Validity.Valid)
	all := strings.Join(r.Validity.Reasons, "\n")
	require.Contains(t, all, "the device's memory had errors within the run that could not be corrected")
	require.Contains(t, all, "the driver reported errors of the device: Xid 79")
}

func TestPowerOfDeviceAndMachine(t *testing.T) {
	clean(t)
	r := on(t, "fake:metered", "good")
	requireValid(t, r)
	require.InDelta(t, 200, *r.IdleWatts, 1e-6)
	require.Nil(t, r.SystemWatts)
	b := base()
	b.SystemWatts = ptr(350.0)
	r = slices.Collect(runner().Run(t.Context(), []bench.Plan{plan("good", short)}, b))[0]
	require.Nil(t, r.IdleWatts)
	require.Equal(t, 350.0, *r.SystemWatts)
}

// Results are published: they name the kind of a GPU, and not the one.
func TestResultsNameNoSingleGPU(t *testing.T) {
	b := base()
	target := b.Targets["fake:0"]
	target.Info.UUID = "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6"
	b.Targets["fake:0"] = target
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := slices.Collect(runner().Run(ctx, []bench.Plan{plan("good", short)}, b))[0]
	require.Equal(t, "fake:0", r.Device.ID)
	require.Empty(t, r.Device.UUID)
}
