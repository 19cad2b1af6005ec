package reports

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
)

// metering are rows of devices that tell of their energy in different ways, or not, in a machine whose power is known.
func metering() []bench.Summary {
	gpu := func(id string) bench.Result {
		r := deployed("resnet50", "image", bench.Offline)
		r.Device = devices.Info{Backend: "nvml", ID: id, Name: "NVIDIA A100-SXM4-40GB MIG 3g.20gb"}
		r.Peak.Measured, r.Engine.Threads, r.Noise = nil, nil, bench.Noise{}
		return r
	}
	counter := summary(gpu("nvml:0"), estimate(2400, 10, 0.01), nil)
	counter.Energy = &bench.Energy{Joules: 9000, Watts: 300, JoulesPerUnit: 0.125, UnitsPerJoule: 8, UnitsPerSecondPerMW: 8e6,
		Source: "counter", Method: "nvml_energy_counter", Ticked: true, CrossCheck: ptr(-0.142), IdleWatts: ptr(52.0)}
	counter.System = &bench.SystemEnergy{Watts: 800, JoulesPerUnit: 1.0 / 3, UnitsPerSecondPerMW: 3e6}
	counter.UnderLoad = &bench.UnderLoad{ClockMHz: ptr(1095.0), MaxClockMHz: ptr(1410.0), Throttled: []bench.ThrottledShare{},
		ThrottledSource: "counters", PCIeGeneration: ptr(3), PCIeGenerationMax: ptr(4)}
	alone := summary(gpu("nvml:1:0"), estimate(1200, 10, 0.01), nil)
	alone.First.Device.EnergyScope = "the whole GPU, of which this is the only slice seen"
	alone.Energy = &bench.Energy{Joules: 4500, Watts: 150, JoulesPerUnit: 0.125, UnitsPerJoule: 8, UnitsPerSecondPerMW: 8e6,
		Source: "integrated", Method: "nvml_power_integral"}
	alone.UnderLoad = &bench.UnderLoad{Throttled: []bench.ThrottledShare{{Reason: "power-cap", Share: 0.25}}, ThrottledSource: "readings"}
	shared := summary(gpu("nvml:2:0"), estimate(1100, 10, 0.01), nil)
	shared.Unmetered = "energy is measured of the whole GPU only, which 2 slices share: not attributable"
	shared.Unpriced = "no price"
	neuron := summary(gpu("neuron:0"), estimate(1300, 10, 0.01), nil)
	neuron.First.Device = devices.Info{Backend: "neuron", ID: "neuron:0", Name: "Trainium2"}
	neuron.Unmetered = "no watts: vendor publishes none"
	neuron.UnderLoad = &bench.UnderLoad{PowerPercent: ptr(61.0), DeviceLatency: &devices.DeviceLatency{P50Seconds: 0.0011, P99Seconds: 0.0012}}
	short := summary(gpu("nvml:3"), estimate(2300, 10, 0.01), nil)
	short.Unmetered = "needs 5 s, had 2.0 s: use --duration"
	rows := []bench.Summary{counter, alone, shared, neuron, short}
	for i := range rows {
		for j := range rows[i].Results {
			rows[i].Results[j].Device = rows[i].First.Device
		}
	}
	return rows
}

func TestEnergyGoldens(t *testing.T) { goldens(t, "load/energy", New(metering(), options())) }

// Where nothing is known of energy the report says why, and has no table of it.
func TestEnergyUnknown(t *testing.T) {
	rows := metering()[2:]
	blocks := New(rows, options()).Blocks
	at := -1
	for i, b := range blocks {
		if b == Block(Heading("Energy")) {
			at = i
		}
	}
	require.Positive(t, at)
	require.Equal(t, Paragraph{Text: "Energy per unit: n/a, energy is measured of the whole GPU only, which 2 slices share: not attributable; " +
		"no watts: vendor publishes none; needs 5 s, had 2.0 s: use --duration."}, blocks[at+1])
	require.NotContains(t, New(quick(), options()).Blocks, Block(Heading("Energy")))
}

func TestThrottledText(t *testing.T) {
	for want, u := range map[string]bench.UnderLoad{
		"n/a":                            {},
		"no":                             {Throttled: []bench.ThrottledShare{}},
		"power-cap 41 %, thermal 0.20 %": {Throttled: []bench.ThrottledShare{{Reason: "power-cap", Share: 0.412}, {Reason: "thermal", Share: 0.002}}, ThrottledSource: "counters"},
		"thermal 50 % of the readings":   {Throttled: []bench.ThrottledShare{{Reason: "thermal", Share: 0.5}}, ThrottledSource: "readings"},
	} {
		require.Equal(t, want, throttledText(u))
	}
}
