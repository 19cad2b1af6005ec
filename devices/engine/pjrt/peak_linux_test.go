//go:build linux && cgo && (amd64 || arm64)

package pjrt

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gomlx/go-xla/pjrt"
	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/devices/engine/pjrt/client"
	"github.com/accelbench/accelbench/devices/engine/pjrt/pjrttest"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo/probe"
)

// little is an effort for an interpreter.
var little = effort{execution: time.Millisecond, all: time.Minute, largest: 256, arrays: 1 << 22, copies: 1 << 20}

func TestPeaks(t *testing.T) {
	report, before := reportTo(t), pjrt.BuffersAlive()
	p, err := withPlugin(t).peaks(t.Context(), cpuDevice(), little)
	require.NoError(t, err)
	require.Len(t, p.FLOPs, 5)
	for _, precision := range []string{"f32", "f16", "bf16", "int8", "fp8"} {
		require.Positive(t, p.FLOPs[precision], precision)
	}
	require.Positive(t, *p.BytesPerSecond)
	require.Positive(t, *p.HostToDevice)
	require.Positive(t, *p.DeviceToHost)
	require.Positive(t, *p.Launch)
	require.Contains(t, p.Method, "random matrices of up to 256 rows")
	require.NotContains(t, p.Method, "not measured")
	left := report()
	require.Zero(t, left.Buffers)
	require.Zero(t, left.Programs)
	require.Equal(t, before, pjrt.BuffersAlive())
	require.LessOrEqual(t, left.MostBuffers, 1+2*productsAtOnce+1, "the matrices of one program and their products")
}

// TestCopiesAreTimedUntilTheyAreThere: a program reads what was copied, each time, and its failure is one of the figure.
func TestCopiesAreTimedUntilTheyAreThere(t *testing.T) {
	report, e := reportTo(t), withPlugin(t)
	c, err := e.acquire(cpuDevice().Info())
	require.NoError(t, err)
	m := meter{ctx: t.Context(), client: c, effort: little}
	_, err = m.arrival(make([]byte, 100))
	require.NoError(t, err)
	pjrttest.Set(t, "FAULT", "execute-fails")
	_, err = m.arrival(make([]byte, 100))
	require.ErrorContains(t, err, "did not expect")
	require.NoError(t, e.release(c))
	left := report()
	require.Equal(t, 1+timedExecutions, left.Executions)
	require.Zero(t, left.Buffers)
	require.Zero(t, left.Programs)
}

// TestPeaksThatAreNotMeasured: what a compiler refuses is said, and the others are measured.
func TestPeaksThatAreNotMeasured(t *testing.T) {
	pjrttest.Set(t, "FAULT", "compile-fails", "WHERE", "bf16")
	p, err := withPlugin(t).peaks(t.Context(), cpuDevice(), little)
	require.NoError(t, err)
	require.NotContains(t, p.FLOPs, "bf16")
	require.Len(t, p.FLOPs, 4)
	require.Contains(t, p.Method, "not measured: bf16 (")
	require.Contains(t, p.Method, "did not expect")

	pjrttest.Set(t, "FAULT", "")
	none := little
	none.all = -1
	p, err = withPlugin(t).peaks(t.Context(), cpuDevice(), none)
	require.NoError(t, err)
	require.Empty(t, p.FLOPs)
	require.Nil(t, p.Launch)
	require.Contains(t, p.Method, "int8 (no time was left)")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = withPlugin(t).peaks(ctx, cpuDevice(), little)
	require.ErrorIs(t, err, context.Canceled)

	_, err = MeasurePeak(t.Context(), Options{Places: nowhere()}, &devicetest.Device{DeviceInfo: devices.Info{Backend: "tpu", ID: "tpu:0"}})
	require.ErrorIs(t, err, devices.ErrAbsent)
	require.ErrorContains(t, err, "measuring the peaks of tpu:0 with engine pjrt")
}

// TestRandomIsNoZero looks at what the programs make: elements differ, cover the range, and follow the seed.
func TestRandomIsNoZero(t *testing.T) {
	e := withPlugin(t)
	c, err := e.acquire(cpuDevice().Info())
	require.NoError(t, err)
	defer func() { require.NoError(t, e.release(c)) }()
	m := meter{ctx: t.Context(), client: c}
	for dtype, distinct := range map[workloads.DType]int{workloads.F32: 4000, workloads.F16: 1500, workloads.BF16: 400, workloads.I8: 250, workloads.F8E4M3: 100} {
		made, err := m.random(dtype, 64, 64, 2)
		require.NoError(t, err)
		size := 64 * 64 * int(dtype.Bytes())
		first, second := make([]byte, size), make([]byte, size)
		require.NoError(t, errors.Join(made[0].Download(first), made[1].Download(second), closeAll(made)))
		require.NotEqual(t, first, second)
		seen := map[string]bool{}
		for i := 0; i < size; i += int(dtype.Bytes()) {
			seen[string(first[i:i+int(dtype.Bytes())])] = true
		}
		require.GreaterOrEqual(t, len(seen), distinct, dtype)
	}
}

// TestProductsMultiply holds a product of the peak's program against one computed here.
func TestProductsMultiply(t *testing.T) {
	e := withPlugin(t)
	c, err := e.acquire(cpuDevice().Info())
	require.NoError(t, err)
	defer func() { require.NoError(t, e.release(c)) }()
	p, err := probe.Products(workloads.F32, 2, 2, 1)
	require.NoError(t, err)
	require.Contains(t, string(p.Text), "HIGHEST", "no TF32")
	program, err := c.Compile(p.Text)
	require.NoError(t, err)
	var args []*client.Buffer
	for _, rows := range [][]float32{{1, 2, 3, 4}, {5, 6, 7, 8}, {1, 0, 0, 1}} {
		b, err := c.Upload((&workloads.Tensor{DType: workloads.F32, F32: rows}).Bytes(), workloads.F32, []int{2, 2})
		require.NoError(t, err)
		args = append(args, b)
	}
	results, err := program.Run(args, make([]bool, 3))
	require.NoError(t, err)
	for i, want := range [][]float32{{17, 23, 39, 53}, {1, 2, 3, 4}} {
		got := workloads.NewTensor(workloads.F32, []int{2, 2})
		require.NoError(t, results[i].Download(got.Bytes()))
		require.Equal(t, want, got.F32, "A times the transpose of B")
	}
	require.NoError(t, errors.Join(closeAll(args), closeAll(results), program.Close()))
}
