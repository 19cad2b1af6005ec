package bench_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
)

// reading is one of sensors at so many seconds; a negative watts or joules is not read.
func reading(second, watts, joules float64, phase string) devices.Reading {
	r := devices.Reading{Time: time.Unix(0, int64(second*1e9)), Phase: phase}
	if watts >= 0 {
		r.PowerWatts = &watts
	}
	if joules >= 0 {
		r.EnergyJoules = &joules
	}
	return r
}

func drawing(t *testing.T, n int, readings ...devices.Reading) bench.Result {
	r := plain(t, n, 100, 100)
	r.ElapsedNS, r.Readings = ptr(int64(10e9)), readings
	return r
}

func TestEnergy(t *testing.T) {
	for name, c := range map[string]struct {
		readings []devices.Reading
		source   string // empty where it is unknown
		watts    float64
	}{
		// 1100 J in 11 s are 100 W, in the 10 s of the run 1000 J for 200 units.
		"counter": {[]devices.Reading{reading(0, 5, 50, ""), reading(11, 5, 1150, "")}, "counter", 100},
		// 0 to 1 s at 100 W on average, 1 to 5 s at 200 W: 900 J in 5 s.
		"integrated":             {[]devices.Reading{reading(0, 0, -1, ""), reading(1, 200, -1, ""), reading(5, 200, -1, "")}, "integrated", 180},
		"counter beats power":    {[]devices.Reading{reading(0, 0, 0, ""), reading(1, 900, 7, ""), reading(2, 0, 20, "")}, "counter", 10},
		"a counter that wrapped": {[]devices.Reading{reading(0, 50, 4e9, ""), reading(2, 50, 10, "")}, "integrated", 50},
		"a counter read once":    {[]devices.Reading{reading(0, 50, 10, ""), reading(2, 50, -1, "")}, "integrated", 50},
		"power read at times":    {[]devices.Reading{reading(0, 50, -1, ""), reading(1, -1, -1, ""), reading(2, 50, -1, "")}, "", 0},
		"neither":                {[]devices.Reading{reading(0, -1, -1, ""), reading(2, -1, -1, "")}, "", 0},
		"one reading":            {[]devices.Reading{reading(0, 50, 10, "")}, "", 0},
		"no reading":             {nil, "", 0},
		"no time between":        {[]devices.Reading{reading(1, 50, 10, ""), reading(1, 50, 20, "")}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			e := single(t, []bench.Result{drawing(t, 0, c.readings...)}, bench.SummarizeOptions{}).Energy
			if c.source == "" {
				require.Nil(t, e)
				return
			}
			require.Equal(t, c.source, e.Source)
			require.InDelta(t, c.watts, e.Watts, 1e-9)
			require.InDelta(t, 10*c.watts, e.Joules, 1e-9)
			require.InDelta(t, 10*c.watts/200, e.JoulesPerUnit, 1e-9)
			require.Empty(t, e.Phases)
		})
	}
}

// By hand: 100 W for 10 s and 400 W for 5 s are 3000 J in 15 s, 200 W, for 400 units.
func TestEnergyOverRuns(t *testing.T) {
	a := drawing(t, 0, reading(0, -1, 0, ""), reading(10, -1, 1000, ""))
	b := drawing(t, 1, reading(0, -1, 0, ""), reading(5, -1, 2000, ""))
	b.ElapsedNS = ptr(int64(5e9))
	e := single(t, []bench.Result{a, b}, bench.SummarizeOptions{}).Energy
	require.InDelta(t, 3000, e.Joules, 1e-9)
	require.InDelta(t, 200, e.Watts, 1e-9)
	require.InDelta(t, 7.5, e.JoulesPerUnit, 1e-9)

	other := drawing(t, 2, reading(0, 100, -1, ""), reading(10, 100, -1, ""))
	require.Nil(t, single(t, []bench.Result{a, other}, bench.SummarizeOptions{}).Energy, "two ways to tell do not add up")
	unknown := drawing(t, 3)
	require.Nil(t, single(t, []bench.Result{a, unknown}, bench.SummarizeOptions{}).Energy)
	unknown.Validity.Valid = false
	require.NotNil(t, single(t, []bench.Result{a, unknown}, bench.SummarizeOptions{}).Energy, "a run that does not count need not tell")
}

// By hand: ten readings of 300 W in prefill, which took 2 s, and ten of 100 W in decoding, which took 6 s: 600 J and 600 J.
func TestEnergyOfPhases(t *testing.T) {
	phased := func(prefill, decode int) bench.Result {
		readings := []devices.Reading{reading(0, 100, -1, "")}
		for i := range prefill {
			readings = append(readings, reading(float64(1+i), 300, -1, "prefill"))
		}
		for i := range decode {
			readings = append(readings, reading(float64(100+i), 100, -1, "decode"))
		}
		readings = append(readings, reading(200, 100, -1, ""))
		r := drawing(t, 0, readings...)
		r.Phases = &bench.Phases{PrefillNS: ptr(int64(2e9)), DecodeNS: ptr(int64(6e9))}
		return r
	}
	e := single(t, []bench.Result{phased(10, 10)}, bench.SummarizeOptions{}).Energy
	require.Equal(t, []bench.PhaseEnergy{{Name: "prefill", Joules: 600, Watts: 300, Readings: 10},
		{Name: "decode", Joules: 600, Watts: 100, Readings: 10}}, e.Phases)
	require.Empty(t, single(t, []bench.Result{phased(9, 10)}, bench.SummarizeOptions{}).Energy.Phases)
	require.Empty(t, single(t, []bench.Result{phased(10, 9)}, bench.SummarizeOptions{}).Energy.Phases)
	untimed := phased(10, 10)
	untimed.Phases.DecodeNS = nil
	require.Empty(t, single(t, []bench.Result{untimed}, bench.SummarizeOptions{}).Energy.Phases)
	require.NotNil(t, single(t, []bench.Result{untimed}, bench.SummarizeOptions{}).Energy)
}
