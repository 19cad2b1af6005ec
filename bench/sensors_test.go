package bench

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/workloads"
)

func TestSamplerThinsOut(t *testing.T) {
	for _, c := range []struct {
		name string
		run  time.Duration
		want int
		gap  time.Duration // between the readings in the middle
	}{
		{"shorter than an interval", 100 * time.Millisecond, 2, 0},
		{"short", 10*time.Second + time.Millisecond, 22, 500 * time.Millisecond},
		{"long", 10 * time.Minute, 0, 4 * time.Second},
		{"a day", 24 * time.Hour, 0, 512 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dev := &devicetest.Device{}
				ctx, cancel := context.WithCancel(t.Context())
				start := time.Now()
				s := startSampler(ctx, dev, nil)
				time.Sleep(c.run)
				cancel() // an interrupted run has its last reading, too
				got := s.end(ctx)
				if c.want > 0 {
					require.Len(t, got, c.want)
				}
				require.LessOrEqual(t, len(got), maxReadings+1)
				require.Equal(t, start, got[0].Time)
				require.Equal(t, start.Add(c.run), got[len(got)-1].Time)
				if c.gap > 0 {
					require.Greater(t, len(got), 20)
					mid := len(got) / 2
					require.Equal(t, c.gap, got[mid].Time.Sub(got[mid-1].Time))
				}
			})
		})
	}
}

// A device whose work has phases is read more often, and each reading says what the device was at.
func TestSamplerNotesPhases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at atomic.Value
		at.Store("prefill")
		s := startSampler(t.Context(), &devicetest.Device{}, func() string { return at.Load().(string) })
		time.Sleep(950 * time.Millisecond)
		at.Store("decode")
		time.Sleep(2 * time.Second)
		got := s.end(t.Context())
		counts := map[string]int{}
		for _, r := range got[:len(got)-1] {
			counts[r.Phase]++
		}
		require.Equal(t, map[string]int{"prefill": 10, "decode": 20}, counts)
		require.Equal(t, 100*time.Millisecond, got[2].Time.Sub(got[1].Time))
	})
}

func TestSamplerWithoutSensors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := startSampler(t.Context(), &devicetest.Device{ReadError: errors.New("no sensor")}, nil)
		time.Sleep(time.Minute)
		require.Empty(t, s.end(t.Context()))
	})
}

func TestFreeBytes(t *testing.T) {
	available := func(v any) []devices.Detail { return []devices.Detail{{Name: "memory_available", Value: v}} }
	for _, c := range []struct {
		name string
		info devices.Info
		used *uint64
		want *uint64
	}{
		{"unknown size", devices.Info{}, ptr(uint64(5)), nil},
		{"nothing but the size", devices.Info{MemoryBytes: ptr(uint64(80))}, nil, ptr(uint64(80))},
		{"less what is used", devices.Info{MemoryBytes: ptr(uint64(80))}, ptr(uint64(30)), ptr(uint64(50))},
		{"more used than there is", devices.Info{MemoryBytes: ptr(uint64(80))}, ptr(uint64(90)), ptr(uint64(0))},
		{"what the device says", devices.Info{MemoryBytes: ptr(uint64(80)), Details: available(uint64(60))}, ptr(uint64(30)), ptr(uint64(60))},
		{"a container's limit", devices.Info{MemoryBytes: ptr(uint64(20)), Details: available(uint64(60))}, ptr(uint64(30)), ptr(uint64(20))},
		{"unknown availability", devices.Info{MemoryBytes: ptr(uint64(80)), Details: available(nil)}, ptr(uint64(30)), ptr(uint64(50))},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, freeBytes(c.info, devices.Reading{MemoryUsedBytes: c.used}))
		})
	}
}

// TestFits: what is too large for a device says how many would do, and, where an engine spans devices, how to name them.
func TestFits(t *testing.T) {
	w, err := workloads.Find("llama3.2-1b", workloads.Options{ISL: 2, OSL: 2})
	require.NoError(t, err)
	free := uint64(2 << 30)
	c := Candidate{Info: devices.Info{Backend: "nvml", ID: "nvml:0"}, FreeBytes: &free, Engines: []Probed{{Name: "a"}, {Name: "b", Info: &devices.EngineInfo{}}}}
	err = fits(w, 1, c)
	require.ErrorIs(t, err, devices.ErrUnsupported)
	require.Regexp(t, `needs 4\.6 GiB, 2\.0 GiB available on nvml:0: needs 3 devices of this size$`, err.Error())
	c.Engines[1].Info.Spans = true
	require.ErrorContains(t, fits(w, 1, c), "needs 3 devices of this size, named together as in --device nvml:0+nvml:1")
	free *= 3
	c.Info.ID, c.Info.Members = "nvml:0+nvml:1+nvml:2", []string{"nvml:0", "nvml:1", "nvml:2"}
	require.NoError(t, fits(w, 1, c))
}
