package peak

import (
	"context"
	"math"
	"runtime"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func TestLoopsComputeWhatTheyClaim(t *testing.T) {
	for _, loop := range fmaLoops() {
		t.Run(loop.name, func(t *testing.T) {
			require.Equal(t, float32(loop.lanes), loop.run(1000, scale, shift), "every lane stays 1")
			// One round takes x = 1 through perRound steps x*2 + 3: 5, 13, 29, 61.
			x := float64(1)
			for range loop.perRound {
				x = 2*x + 3
			}
			require.Equal(t, float32(x)*float32(loop.lanes), loop.run(1, 2, 3))
			require.NoError(t, loop.check(float32(loop.lanes)))
			require.ErrorIs(t, loop.check(float32(loop.lanes)*0.9), ErrWrongResult)
			require.ErrorIs(t, loop.check(float32(math.NaN())), ErrWrongResult)
		})
	}
	require.True(t, fmaGo().lowerBound)
}

func TestReadLoopsReadEveryValueOfEveryStream(t *testing.T) {
	const streams, distance, n = 4, 2048, 512
	buffer := make([]float32, streams*distance/4)
	for s := range streams {
		for i := range n / 4 {
			buffer[s*distance/4+i] = float32(s + 1)
		}
	}
	want := float64(n/4) * (1 + 2 + 3 + 4)
	require.Equal(t, want, readStreams(unsafe.Pointer(&buffer[0]), distance, streams, n))
	require.Equal(t, want, readGo(unsafe.Pointer(&buffer[0]), distance, streams, n))
}

// quick is the least effort that Measure accepts.
func quick() Options { return Options{Repeats: 1, Duration: MinDuration, BufferBytes: 8 << 20} }

func TestMeasure(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, err := allowedCPUs()
	require.NoError(t, err)
	p, err := Measure(t.Context(), nil, quick())
	require.NoError(t, err)
	require.Positive(t, p.FlopsF32)
	require.Positive(t, p.ReadBytesPerSecond)
	require.Equal(t, len(before), p.Threads)
	require.Equal(t, fmaLoops()[0].name, p.Method)
	require.Contains(t, []int{1, 2, 4, 8}, p.Streams)
	if runtime.GOOS == "linux" {
		require.Equal(t, p.Threads, p.Pinned)
		require.NotNil(t, p.CPUOverWall)
		require.Positive(t, *p.CPUOverWall)
	}
	after, err := allowedCPUs()
	require.NoError(t, err)
	require.Equal(t, before, after)
	t.Logf("%+v", p)
}

func TestMeasureEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Measure(ctx, nil, quick())
	require.ErrorIs(t, err, context.Canceled)
}

func TestMeasureRefuses(t *testing.T) {
	_, err := Measure(t.Context(), nil, Options{Duration: time.Millisecond})
	require.ErrorContains(t, err, "250ms")
	if runtime.GOOS == "linux" {
		_, err = Measure(t.Context(), []int{1000}, quick())
		require.ErrorContains(t, err, "cpu 1000")
	}
}

// A worker that fails must end the run with its error, not hang the others at the barrier.
func TestTogetherAddsRatesAndJoinsErrors(t *testing.T) {
	cpus, err := allowedCPUs()
	require.NoError(t, err)
	threads := []int{cpus[0], cpus[0], cpus[0]}
	sum, err := together(t.Context(), threads, func(int) worker {
		return func(context.Context) (float64, time.Duration, error) { return 6, 2 * time.Second, nil }
	})
	require.NoError(t, err)
	require.InDelta(t, 9, sum.rate, 1e-9)
	_, err = together(t.Context(), threads, func(i int) worker {
		return func(context.Context) (float64, time.Duration, error) {
			if i == 1 {
				return 0, 0, ErrWrongResult
			}
			return 1, time.Second, nil
		}
	})
	require.ErrorIs(t, err, ErrWrongResult)
}

func TestBufferBytes(t *testing.T) {
	const mib = 1 << 20
	for name, v := range map[string]struct{ asked, cache, available, want int64 }{
		"four caches":       {0, 32 * mib, 16384 * mib, 128 * mib},
		"small cache":       {0, 2 * mib, 16384 * mib, 64 * mib},
		"huge caches":       {0, 2048 * mib, 1 << 40, 4096 * mib},
		"unknown cache":     {0, 0, 16384 * mib, 256 * mib},
		"little memory":     {0, 32 * mib, 100 * mib, 25 * mib},
		"asked":             {10 * mib, 32 * mib, 0, 10 * mib},
		"asked too much":    {1000 * mib, 32 * mib, 400 * mib, 100 * mib},
		"next to no memory": {0, 0, 1, mib},
	} {
		require.Equal(t, v.want, bufferBytes(v.asked, v.cache, v.available), name)
	}
}
