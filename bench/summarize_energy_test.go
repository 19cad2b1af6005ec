package bench_test

import (
	"strings"
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
	r.Device.Unmetered, r.SystemWatts, r.IdleWatts = "", nil, nil
	return r
}

// ticked is a reading at a tick of the counter, with the integral of the power up to it; a negative one is not known.
func ticked(second, joules, integral float64) devices.Reading {
	r := reading(second, 100, joules, "")
	r.Ticked, r.EnergySource = true, "nvml_energy_counter"
	if integral >= 0 {
		r.PowerIntegralJoules = &integral
	}
	return r
}

func powered(r devices.Reading, source string) devices.Reading {
	r.PowerSource = source
	return r
}

func TestEnergy(t *testing.T) {
	for name, c := range map[string]struct {
		elapsed  float64 // seconds; 0 stands for 10
		readings []devices.Reading
		source   string // empty where it is unknown
		method   string
		watts    float64
		joules   float64 // of the 10 s of the run, for 200 units
		cross    *float64
		why      string // where it is unknown and something can be said
	}{
		// 1100 J in 11 s are 100 W, in the 10 s of the run 1000 J.
		"counter": {readings: []devices.Reading{reading(0, 5, 50, ""), reading(11, 5, 1150, "")}, source: "counter", watts: 100, joules: 1000,
			cross: ptr(-0.95)}, // 55 J under the power
		// From tick to tick all counts: 1100 J in 11 s.
		"ticks": {readings: []devices.Reading{ticked(0, 50, 0), reading(5, 100, -1, ""), ticked(11, 1150, 1210)}, source: "counter",
			method: "nvml_energy_counter", watts: 100, joules: 1100, cross: ptr(0.1)},
		"one tick": {readings: []devices.Reading{ticked(0, 50, -1), reading(11, -1, 1150, "")}, source: "counter", method: "nvml_energy_counter",
			watts: 100, joules: 1000},
		// 0 to 1 s at 100 W on average, 1 to 11 s at 200 W: 2100 J in 11 s.
		"integrated": {readings: []devices.Reading{powered(reading(0, 0, -1, ""), "nvml_power"), reading(1, 200, -1, ""), reading(11, 200, -1, "")},
			source: "integrated", method: "nvml_power_integral", watts: 2100.0 / 11, joules: 21000.0 / 11},
		"integrated by the sampler": {readings: []devices.Reading{ticked(0, -1, 10), reading(1, 900, -1, ""), ticked(10, -1, 510)},
			source: "integrated", watts: 50, joules: 500},
		"counter beats power": {readings: []devices.Reading{reading(0, 0, 0, ""), reading(5, 20, 7, ""), reading(10, 0, 100, "")}, source: "counter",
			watts: 10, joules: 100, cross: ptr(0.0)},
		"a counter that wrapped": {readings: []devices.Reading{reading(0, 50, 4e9, ""), reading(10, 50, 10, "")}, source: "integrated", watts: 50, joules: 500},
		// The driver was loaded anew at 5 s: 900 J more than at first are 1000 J since then, and nobody knows of how much before.
		"a counter that began anew": {readings: []devices.Reading{reading(0, 50, 100, ""), reading(5, 50, 0, ""), reading(10, 50, 1000, "")},
			source: "integrated", watts: 50, joules: 500},
		"a counter that began anew, without power": {readings: []devices.Reading{reading(0, -1, 100, ""), reading(5, -1, 0, ""), reading(10, -1, 1000, "")}},
		"sensors that failed early":                {readings: []devices.Reading{reading(0, 50, 0, ""), reading(8.9, 50, 1000, "")}, why: "the sensors told of 8.9 s of 10.0 s only"},
		"an integral that was given up":            {readings: []devices.Reading{ticked(0, -1, 0), ticked(10, -1, -1)}},
		"a counter read once":                      {readings: []devices.Reading{reading(0, 50, 10, ""), reading(10, 50, -1, "")}, source: "integrated", watts: 50, joules: 500},
		"a counter without power":                  {readings: []devices.Reading{reading(0, -1, 10, ""), reading(10, -1, 110, "")}, source: "counter", watts: 10, joules: 100},
		"too short":                                {readings: []devices.Reading{reading(0, 5, 50, ""), reading(4.9, 5, 1150, "")}, why: "needs 5 s, had 4.9 s"},
		"too short, integrated":                    {readings: []devices.Reading{reading(0, 5, -1, ""), reading(4.9, 5, -1, "")}, why: "needs 5 s"},
		"just long enough":                         {elapsed: 5, readings: []devices.Reading{reading(0, 5, -1, ""), reading(5, 5, -1, "")}, source: "integrated", watts: 5, joules: 25},
		"power read at times":                      {readings: []devices.Reading{reading(0, 50, -1, ""), reading(1, -1, -1, ""), reading(6, 50, -1, "")}},
		"neither":                                  {readings: []devices.Reading{reading(0, -1, -1, ""), reading(6, -1, -1, "")}},
		"one reading":                              {readings: []devices.Reading{reading(0, 50, 10, "")}},
		"no reading":                               {},
		"no time between":                          {readings: []devices.Reading{reading(1, 50, 10, ""), reading(1, 50, 20, "")}},
		"power in per cent":                        {readings: []devices.Reading{{Time: time.Unix(0, 0), PowerPercent: ptr(60.0)}, reading(6, -1, -1, "")}, why: "no watts: vendor publishes none"},
	} {
		t.Run(name, func(t *testing.T) {
			r := drawing(t, 0, c.readings...)
			if c.elapsed > 0 {
				r.ElapsedNS = ptr(int64(c.elapsed * 1e9))
			}
			s := single(t, []bench.Result{r}, bench.SummarizeOptions{})
			e := s.Energy
			if c.source == "" {
				require.Nil(t, e)
				require.Contains(t, s.Unmetered, c.why)
				require.Equal(t, c.why == "", s.Unmetered == "")
				return
			}
			require.Equal(t, c.source, e.Source)
			require.Equal(t, c.method, e.Method)
			require.InDelta(t, c.watts, e.Watts, 1e-9)
			require.InDelta(t, c.joules, e.Joules, 1e-9)
			require.InDelta(t, c.joules/200, e.JoulesPerUnit, 1e-9)
			require.InDelta(t, 200/c.joules, e.UnitsPerJoule, 1e-9)
			require.InDelta(t, 200e6/c.joules, e.UnitsPerSecondPerMW, 1e-3)
			require.Equal(t, name == "ticks", e.Ticked)
			require.Empty(t, e.Phases)
			if c.cross == nil {
				require.Nil(t, e.CrossCheck)
				return
			}
			require.InDelta(t, *c.cross, *e.CrossCheck, 1e-9)
		})
	}
}

// A difference of more than a tenth is a finding and no invalidity.
func TestCrossCheckWarns(t *testing.T) {
	for integral, warned := range map[float64]bool{1000: false, 1099: false, 1101: true, 901: false, 899: true} {
		s := single(t, []bench.Result{drawing(t, 0, ticked(0, 0, 0), ticked(10, 1000, integral))}, bench.SummarizeOptions{})
		require.Equal(t, 1, s.Valid)
		found := ""
		for _, w := range s.Warnings {
			if strings.Contains(w, "the energy is doubtful") {
				found = w
			}
		}
		require.Equal(t, warned, found != "", "%v: %v", integral, s.Warnings)
	}
}

func TestUnmeteredDevice(t *testing.T) {
	r := drawing(t, 0, reading(0, -1, -1, ""), reading(6, -1, -1, ""))
	r.Device.Unmetered = "2 slices share the GPU"
	s := single(t, []bench.Result{r}, bench.SummarizeOptions{})
	require.Nil(t, s.Energy)
	require.Equal(t, "2 slices share the GPU", s.Unmetered)
}

func TestIdleIsTheLowest(t *testing.T) {
	var runs []bench.Result
	for i, idle := range []*float64{ptr(80.0), ptr(60.0), nil} {
		r := drawing(t, i, reading(0, 100, -1, ""), reading(10, 100, -1, ""))
		r.IdleWatts = idle
		runs = append(runs, r)
	}
	e := single(t, runs, bench.SummarizeOptions{}).Energy
	require.Equal(t, 60.0, *e.IdleWatts)
	require.InDelta(t, 100, e.Watts, 1e-9, "not subtracted")
}

// By hand: 200 units in 10 s are 20 a second, at 400 W 20 J each, and 50 000 a second for a megawatt.
func TestSystemEnergy(t *testing.T) {
	r := drawing(t, 0)
	require.Nil(t, single(t, []bench.Result{r}, bench.SummarizeOptions{}).System)
	r.SystemWatts = ptr(400.0)
	s := single(t, []bench.Result{r}, bench.SummarizeOptions{})
	require.InDelta(t, 20, s.Throughput.Value, 1e-9)
	require.Equal(t, bench.SystemEnergy{Watts: 400, JoulesPerUnit: 20, UnitsPerSecondPerMW: 50000}, *s.System)
	require.Equal(t, 40.0, single(t, []bench.Result{r}, bench.SummarizeOptions{SystemWatts: ptr(800.0)}).System.JoulesPerUnit, "that of the report wins")
	r.Validity.Valid = false
	require.Nil(t, single(t, []bench.Result{r}, bench.SummarizeOptions{}).System)
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
	mixed := single(t, []bench.Result{a, other}, bench.SummarizeOptions{})
	require.Nil(t, mixed.Energy, "two ways to tell do not add up")
	require.Contains(t, mixed.Unmetered, "different ways")
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
