package bench_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/devices"
)

// state is a reading of a busy device at so many seconds.
func state(second float64, change func(*devices.Reading)) devices.Reading {
	r := devices.Reading{Time: time.Unix(0, int64(second*1e9)), UtilizationPercent: ptr(99.0)}
	if change != nil {
		change(&r)
	}
	return r
}

func onGPU(t *testing.T, readings ...devices.Reading) bench.Result {
	r := drawing(t, 0, readings...)
	r.Device.Members = nil
	r.Device.Details = []devices.Detail{{Name: "max_sm_clock", Value: 1980.0}, {Name: "pcie_generation_max", Value: 5.0},
		{Name: "pcie_width_max", Value: 16}, {Name: "power_limit_default", Value: 700.0}}
	return r
}

func TestUnderLoad(t *testing.T) {
	clock := func(mhz, celsius float64, gen int) func(*devices.Reading) {
		return func(r *devices.Reading) {
			r.ClockMHz, r.TemperatureC, r.PCIeGeneration, r.PCIeWidth = &mhz, &celsius, &gen, ptr(16)
			r.PowerLimitWatts, r.TensorActivePercent = ptr(700.0), ptr(mhz/100)
		}
	}
	idle := func(r *devices.Reading) {
		clock(300, 30, 1)(r)
		r.PowerPercent = ptr(40.0)
		r.UtilizationPercent = ptr(5.0)
	}
	r := onGPU(t, state(0, idle), state(1, clock(1500, 50, 4)), state(2, idle), state(3, clock(1700, 61, 5)),
		state(4, idle), state(4.1, func(r *devices.Reading) { r.Ticked = true }))
	s := single(t, []bench.Result{r}, bench.SummarizeOptions{})
	u := s.UnderLoad
	require.InDelta(t, 1600, *u.ClockMHz, 1e-9, "of the busy readings within the run")
	require.Equal(t, 1980.0, *u.MaxClockMHz)
	require.Equal(t, 61.0, *u.TemperatureC)
	require.Equal(t, 5, *u.PCIeGeneration)
	require.Equal(t, 5, *u.PCIeGenerationMax)
	require.Equal(t, 16, *u.PCIeWidthMax)
	require.InDelta(t, 16, *u.TensorActivePercent, 1e-9)
	require.Nil(t, u.CoresActivePercent)
	require.InDelta(t, 40, *u.PowerPercent, 1e-9, "of a device that is not busy, too")
	require.Nil(t, u.Throttled, "not known")
	require.Empty(t, warnings(s, "PCIe", "power limit"))

	require.Nil(t, single(t, []bench.Result{onGPU(t)}, bench.SummarizeOptions{}).UnderLoad)
	require.Nil(t, single(t, []bench.Result{drawing(t, 0, reading(0, 1, 1, ""), reading(1, 1, 1, ""), reading(2, 1, 1, ""))}, bench.SummarizeOptions{}).UnderLoad)
}

func warnings(s bench.Summary, words ...string) []string {
	var out []string
	for _, w := range s.Warnings {
		for _, word := range words {
			if strings.Contains(w, word) {
				out = append(out, w)
			}
		}
	}
	return out
}

func TestDeviceIsLessThanItIsSoldAs(t *testing.T) {
	slow := func(r *devices.Reading) {
		r.PCIeGeneration, r.PCIeWidth, r.PowerLimitWatts, r.RemapPending = ptr(3), ptr(8), ptr(500.0), ptr(true)
	}
	s := single(t, []bench.Result{onGPU(t, state(0, slow), state(1, slow), state(2, slow))}, bench.SummarizeOptions{})
	require.Equal(t, 1, s.Valid)
	require.Len(t, warnings(s, "generation 3 of 5", "8 of 16 lanes", "500 W, below the default of 700 W", "rows of the device's memory"), 4, "%v", s.Warnings)
	// A link that woke up within the run is a fast one.
	s = single(t, []bench.Result{onGPU(t, state(0, slow), state(1, slow), state(2, func(r *devices.Reading) {
		r.PCIeGeneration, r.PCIeWidth = ptr(5), ptr(16)
	}), state(3, slow))}, bench.SummarizeOptions{})
	require.Empty(t, warnings(s, "PCIe"))
	// The limit of the description serves where readings have none.
	r := onGPU(t, state(0, nil), state(1, nil), state(2, nil))
	r.Device.Details = append(r.Device.Details, devices.Detail{Name: "power_limit", Value: 600.0})
	require.Len(t, warnings(single(t, []bench.Result{r}, bench.SummarizeOptions{}), "600 W"), 1)
	// Devices that compute as one have a limit together, and details of each.
	r.Device.Members = []string{"nvml:0", "nvml:1"}
	require.Len(t, warnings(single(t, []bench.Result{r}, bench.SummarizeOptions{}), "1200 W, below the default of 1400 W"), 1)
}

func TestThrottledShare(t *testing.T) {
	counted := func(seconds float64) func(*devices.Reading) {
		return func(r *devices.Reading) {
			r.ThrottledSeconds = map[string]float64{"power-cap": 100 + seconds, "thermal": 7, "low-utilization": seconds}
			r.Throttle = []string{"thermal"}
		}
	}
	held := func(reasons ...string) func(*devices.Reading) {
		return func(r *devices.Reading) { r.Throttle = append([]string{}, reasons...) }
	}
	for name, c := range map[string]struct {
		readings []devices.Reading
		want     []bench.ThrottledShare
		source   string
	}{
		"counters": {[]devices.Reading{state(0, counted(0)), state(5, counted(1)), state(10, counted(4))},
			[]bench.ThrottledShare{{Reason: "power-cap", Share: 0.4}}, "counters"},
		"a counter that was not told at first": {[]devices.Reading{state(0, func(r *devices.Reading) { r.ThrottledSeconds = map[string]float64{"thermal": 7} }),
			state(5, counted(1)), state(10, counted(4))}, []bench.ThrottledShare{}, "counters"},
		"none": {[]devices.Reading{state(0, counted(0)), state(5, counted(0)), state(10, counted(0))}, []bench.ThrottledShare{}, "counters"},
		"readings": {[]devices.Reading{state(0, held("thermal")), state(1, held("power-cap")), state(2, held("power-cap", "thermal")), state(3, held()),
			state(4, held())}, []bench.ThrottledShare{{Reason: "power-cap", Share: 0.5}, {Reason: "thermal", Share: 0.25}}, "readings"},
		"not known at times": {[]devices.Reading{state(0, held()), state(1, nil), state(2, held())}, nil, ""},
		"a last tick does not count": {[]devices.Reading{state(0, counted(0)), state(1, counted(1)), state(2, counted(2)),
			state(2.2, func(r *devices.Reading) { r.Ticked = true })}, []bench.ThrottledShare{{Reason: "power-cap", Share: 1}}, "counters"},
	} {
		t.Run(name, func(t *testing.T) {
			u := single(t, []bench.Result{onGPU(t, c.readings...)}, bench.SummarizeOptions{}).UnderLoad
			require.NotNil(t, u)
			require.Equal(t, c.want, u.Throttled)
			require.Equal(t, c.source, u.ThrottledSource)
		})
	}
}

// A counter that began anew in one run takes nothing from another.
func TestThrottledShareOverRuns(t *testing.T) {
	counted := func(seconds float64) func(*devices.Reading) {
		return func(r *devices.Reading) { r.ThrottledSeconds = map[string]float64{"thermal": seconds} }
	}
	a := onGPU(t, state(0, counted(5)), state(5, counted(6)), state(10, counted(8)))
	b := onGPU(t, state(0, counted(5)), state(5, counted(0)), state(10, counted(1)))
	b.ID = "another"
	u := single(t, []bench.Result{a, b}, bench.SummarizeOptions{}).UnderLoad
	require.Equal(t, []bench.ThrottledShare{{Reason: "thermal", Share: 0.15}}, u.Throttled)
}

// Whatever counters do, a share of the time is one.
func TestThrottledShareProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var readings []devices.Reading
		for i := range rapid.IntRange(3, 10).Draw(rt, "readings") {
			x := rapid.Float64Range(0, 1e6).Draw(rt, "seconds")
			readings = append(readings, state(float64(i), func(r *devices.Reading) { r.ThrottledSeconds = map[string]float64{"thermal": x} }))
		}
		for _, s := range single(t, []bench.Result{onGPU(t, readings...)}, bench.SummarizeOptions{}).UnderLoad.Throttled {
			require.True(rt, s.Share > 0 && s.Share <= 1, "%v", s.Share)
		}
	})
}

// Slices are of unlike sizes: neither all of the price nor a share by their number is a slice's.
func TestSlicesHaveNoShareOfThePrice(t *testing.T) {
	for _, detail := range []string{"parent_gpu", "partitions_of_the_gpu"} {
		r := full(t, 0)
		r.Device.Details = append(r.Device.Details, devices.Detail{Name: detail, Value: nil})
		require.NotNil(t, single(t, []bench.Result{r}, bench.SummarizeOptions{}).Performance, "a whole GPU")
		r.Device.Details = append(r.Device.Details, devices.Detail{Name: detail, Value: "2"})
		s := single(t, []bench.Result{r}, bench.SummarizeOptions{Charge: price.ChargeUsed})
		require.Nil(t, s.Performance)
		require.Contains(t, s.Unpriced, "use --charge instance")
		require.NotNil(t, single(t, []bench.Result{r}, bench.SummarizeOptions{Charge: price.ChargeInstance}).Performance)
	}
}
