package devicetest_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/workloads"
)

func small(batch int) *workloads.Workload {
	x := &workloads.Value{Name: "x", Kind: workloads.Input, DType: workloads.F32, Shape: []int{batch, 4}, Fill: &workloads.InputSpec{Kind: workloads.FillUniform}}
	y := &workloads.Value{ID: 1, Name: "y", Kind: workloads.Computed, DType: workloads.F32, Shape: []int{batch, 3}}
	g := &workloads.Graph{Name: "small", Batch: batch, Values: []*workloads.Value{x, y}, Outputs: []*workloads.Value{y}}
	return &workloads.Workload{Name: "small", Seed: 1, Pool: 8, Phases: []workloads.Phase{{Name: "forward", Graph: g}}}
}

func run(ctx context.Context, s devices.Session, w *workloads.Workload, samples ...int) ([]float32, error) {
	in, out := w.NewInputs(0), w.NewOutputs(0)
	w.Fill(0, samples, in)
	err := s.Run(ctx, 0, in, out)
	return out[0].F32, err
}

func load(t *testing.T, e *devicetest.Engine, w *workloads.Workload) devices.Session {
	t.Helper()
	loaded, err := e.Load(t.Context(), &devicetest.Device{}, w)
	require.NoError(t, err)
	return loaded.Session
}

func TestLatencyIsExactInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &devicetest.Engine{Compile: time.Hour, Latency: 7 * time.Millisecond}
		w, start := small(1), time.Now()
		s := load(t, e, w)
		require.Equal(t, time.Hour, time.Since(start))
		start = time.Now()
		for range 10 {
			_, err := run(t.Context(), s, w, 0)
			require.NoError(t, err)
		}
		require.Equal(t, 70*time.Millisecond, time.Since(start))

		e.LatencyOf = func(n int) time.Duration { return time.Duration(n) * time.Second }
		start = time.Now()
		_, err := run(t.Context(), s, w, 0)
		require.NoError(t, err)
		require.Equal(t, 10*time.Second, time.Since(start))
	})
}

func TestOutputs(t *testing.T) {
	w := small(2)
	s := load(t, &devicetest.Engine{}, w)
	ab, err := run(t.Context(), s, w, 0, 1)
	require.NoError(t, err)
	ba, err := run(t.Context(), s, w, 1, 0)
	require.NoError(t, err)
	require.Equal(t, ab[:3], ba[3:], "a row does not depend on its place or its neighbours")
	require.NotEqual(t, ab[:3], ab[3:])

	off, err := run(t.Context(), load(t, &devicetest.Engine{Offset: 0.5}, w), w, 0, 1)
	require.NoError(t, err)
	require.InDelta(t, ab[0]+0.5, off[0], 1e-6)

	own, err := run(t.Context(), load(t, &devicetest.Engine{Output: func(_ int, _, out []workloads.Tensor) { out[0].F32[0] = 42 }}, w), w, 0, 1)
	require.NoError(t, err)
	require.Equal(t, float32(42), own[0])
}

func TestFaults(t *testing.T) {
	w := small(1)
	s := load(t, &devicetest.Engine{Fault: devicetest.ReturnError, FaultAt: 1}, w)
	_, err := run(t.Context(), s, w, 0)
	require.NoError(t, err)
	_, err = run(t.Context(), s, w, 0)
	require.ErrorIs(t, err, devicetest.ErrFault)

	s = load(t, &devicetest.Engine{Fault: devicetest.Panic}, w)
	require.Panics(t, func() { _, _ = run(t.Context(), s, w, 0) })

	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s := load(t, &devicetest.Engine{Fault: devicetest.HangUntilDone}, w)
		start := time.Now()
		_, err := run(ctx, s, w, 0)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Minute, time.Since(start))
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		release := make(chan struct{})
		time.AfterFunc(time.Hour, func() { close(release) })
		s := load(t, &devicetest.Engine{Fault: devicetest.HangForever, Release: release}, w)
		start := time.Now()
		_, err := run(ctx, s, w, 0)
		require.NoError(t, err)
		require.Equal(t, time.Hour, time.Since(start), "the context is ignored")
	})
}

func TestExitFault(t *testing.T) {
	if os.Getenv("ACCELBENCH_TEST_EXIT") != "" {
		w := small(1)
		_, _ = run(t.Context(), load(t, &devicetest.Engine{Fault: devicetest.ExitProcess, ExitCode: 127}, w), w, 0)
		t.Fatal("still here")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestExitFault$")
	cmd.Env = append(os.Environ(), "ACCELBENCH_TEST_EXIT=1")
	var exit *exec.ExitError
	require.ErrorAs(t, cmd.Run(), &exit)
	require.Equal(t, 127, exit.ExitCode())
}

func TestDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		watts := 250.0
		d := &devicetest.Device{Watts: &watts, Reading: devices.Reading{Throttle: []string{"thermal"}}}
		r, err := d.Read(t.Context())
		require.NoError(t, err)
		require.Zero(t, *r.EnergyJoules)
		time.Sleep(10 * time.Second)
		r, err = d.Read(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2500.0, *r.EnergyJoules)
		require.Equal(t, 250.0, *r.PowerWatts)
		require.Equal(t, []string{"thermal"}, r.Throttle)
		require.NoError(t, d.Close())
		_, err = d.Read(t.Context())
		require.Error(t, err)
		require.Equal(t, 3, d.Reads)
	})
	boom := errors.New("boom")
	d := &devicetest.Device{ReadError: boom, CloseError: boom}
	_, err := d.Read(t.Context())
	require.ErrorIs(t, err, boom)
	require.ErrorIs(t, d.Close(), boom)
}
