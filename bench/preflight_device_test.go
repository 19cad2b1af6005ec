package bench

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host"
)

// gpu is a GPU with nothing wrong, changed by c.
func gpu(change func(*Candidate)) PreflightFacts {
	details := []devices.Detail{{Name: "persistence_mode", Value: "on"}, {Name: "power_limit", Value: 700.0},
		{Name: "power_limit_default", Value: 700.0}, {Name: "ecc", Value: "on"}, {Name: "mig", Value: "off"}}
	c := Candidate{Info: devices.Info{Backend: "nvml", ID: "nvml:0", Details: details},
		Reading: &devices.Reading{Processes: ptr(0), Throttle: []string{}},
		Engines: []Probed{{Name: "onnxruntime", Info: &devices.EngineInfo{Name: "onnxruntime", Version: "1.23", Kind: devices.Deployed}}}}
	change(&c)
	return PreflightFacts{Host: host.Host{CPUsUsable: ptr(2)}, Inventories: []Inventory{{Backend: "nvml", Devices: []Candidate{c}}}}
}

// What shows the processes is another tool for each kind of device.
func TestRemedyForProcesses(t *testing.T) {
	for backend, remedy := range map[string]string{"nvml": "stop them (nvidia-smi shows them)", "neuron": "stop them (neuron-ls shows them)", "amd": "stop them"} {
		c := Candidate{Info: devices.Info{Backend: backend}, Reading: &devices.Reading{Processes: ptr(2)}}
		require.Equal(t, remedy, c.foreign().Remedy)
	}
}

// Each kind of device is told its own way to an engine.
func TestRemedyWithoutEngine(t *testing.T) {
	for backend, remedy := range map[string]string{"cpu": "setup onnxruntime", "nvml": "--pjrt-plugin", "amd": "--pjrt-plugin", "tpu": "--pjrt-plugin",
		"neuron": "--nrt-lib", "other": ""} {
		c := Candidate{Info: devices.Info{Backend: backend}, Engines: []Probed{{Name: "x", Reason: "no library"}}}
		check := c.engines()
		require.Equal(t, PreflightWarn, check.Status)
		require.Contains(t, check.Why, "x: no library")
		require.Contains(t, check.Remedy, remedy)
		require.Equal(t, remedy == "", check.Remedy == "")
		require.Equal(t, backend == "cpu", strings.Contains(check.Remedy, "accelbench setup"))
	}
}

func TestPreflightOfAGPU(t *testing.T) {
	detail := func(name string, value any) func(*Candidate) {
		return func(c *Candidate) {
			for i := range c.Info.Details {
				if c.Info.Details[i].Name == name {
					c.Info.Details[i].Value = value
				}
			}
		}
	}
	reading := func(r devices.Reading) func(*Candidate) { return func(c *Candidate) { c.Reading = &r } }
	more := func(name string, value any) func(*Candidate) {
		return func(c *Candidate) { c.Info.Details = append(c.Info.Details, devices.Detail{Name: name, Value: value}) }
	}
	sound := func(*Candidate) {}
	unread := func(c *Candidate) { c.Reading = nil }
	for _, c := range []struct {
		name, check string
		change      func(*Candidate)
		status      PreflightStatus
		found, why  string
	}{
		{"free", "processes", sound, PreflightOK, "none", ""},
		{"one process", "processes", reading(devices.Reading{Processes: ptr(1)}), PreflightFail, "1 other process uses the device", "invalid"},
		{"processes", "processes", reading(devices.Reading{Processes: ptr(2)}), PreflightFail, "2 other processes use the device", "invalid"},
		{"processes unknown", "processes", reading(devices.Reading{}), PreflightUnknown, "", ""},
		{"no reading", "processes", unread, PreflightUnknown, "", ""},

		{"free clocks", "clocks", sound, PreflightOK, "not held down", ""},
		{"untold", "clocks", reading(devices.Reading{Throttle: []string{devices.UntoldReason}}), PreflightWarn, "held down", "keeps to itself"},
		{"hot", "clocks", reading(devices.Reading{Throttle: []string{"thermal", "power-cap"}}), PreflightFail, "held down: thermal", "throttled"},
		{"a set limit", "clocks", reading(devices.Reading{Throttle: []string{"application-clocks"}}), PreflightWarn, "application-clocks", "somebody"},
		{"clocks unknown", "clocks", unread, PreflightUnknown, "", ""},

		{"persistent", "persistence-mode", sound, PreflightOK, "on", ""},
		{"not persistent", "persistence-mode", detail("persistence_mode", "off"), PreflightWarn, "off", ""},
		{"persistence unknown", "persistence-mode", detail("persistence_mode", nil), PreflightUnknown, "", ""},

		{"full power", "power-limit", sound, PreflightOK, "700 W of 700 W", ""},
		{"more power", "power-limit", detail("power_limit", 750.0), PreflightOK, "750 W of 700 W", ""},
		{"less power", "power-limit", detail("power_limit", 650.0), PreflightWarn, "650 W of 700 W", ""},
		{"limit unknown", "power-limit", detail("power_limit", nil), PreflightUnknown, "", ""},
		{"default unknown", "power-limit", detail("power_limit_default", nil), PreflightUnknown, "", ""},

		{"ecc", "ecc", sound, PreflightOK, "on", ""},
		{"no ecc", "ecc", detail("ecc", "off"), PreflightWarn, "off", ""},
		{"no errors", "ecc", more("ecc_uncorrected", 0), PreflightOK, "on", ""},
		{"memory errors", "ecc", more("ecc_uncorrected", 3.0), PreflightWarn, "since the driver was loaded: 3", "invalid"},
		{"rows to be replaced", "ecc", more("row_remap_pending", "yes"), PreflightWarn, "wait to be replaced", ""},
		{"no rows to be replaced", "ecc", more("row_remap_pending", "no"), PreflightOK, "on", ""},
		{"ecc unknown", "ecc", detail("ecc", nil), PreflightUnknown, "", ""},

		{"whole", "mig", sound, PreflightOK, "off", ""},
		{"sliced", "mig", detail("mig", "on"), PreflightWarn, "on", "share"},
		{"slices unknown", "mig", detail("mig", "perhaps"), PreflightUnknown, "", ""},

		{"engine", "engines", sound, PreflightOK, "onnxruntime 1.23 (deployed)", ""},
		{"own engine only", "engines", func(c *Candidate) {
			c.Engines = []Probed{{Name: "onnxruntime", Reason: "no library"}, {Name: "tensorrt", Reason: "x", Unserved: true},
				{Name: "native", Info: &devices.EngineInfo{Name: "native", Version: "2", Kind: devices.Harness}}}
		}, PreflightWarn, "native 2 (harness)", "nobody deploys, onnxruntime: no library"},
		{"no engine for its kind", "engines", func(c *Candidate) { c.Engines = []Probed{{Name: "native", Reason: "CPUs only", Unserved: true}} },
			PreflightWarn, "none", "detected, no engine yet"},
		{"hidden", "visible", func(c *Candidate) { c.Info.Hidden = "hidden by CUDA_VISIBLE_DEVICES=1" }, PreflightWarn,
			"hidden by CUDA_VISIBLE_DEVICES=1", "not measured"},
		{"no engine", "engines", func(c *Candidate) { c.Engines = nil }, PreflightWarn, "none", "cannot be measured"},

		{"a core to feed it and one to spare", "spare-core", sound, PreflightOK, "engine threads: 1, usable CPUs: 2", ""},
	} {
		t.Run(c.name, func(t *testing.T) { requireCheck(t, gpu(c.change), "nvml:0 "+c.check, c.status, c.found, c.why) })
	}
}

func TestPreflightByBackend(t *testing.T) {
	names := func(f PreflightFacts) map[string]PreflightCheck {
		out := map[string]PreflightCheck{}
		for _, c := range Preflight(f) {
			out[c.Name] = c
		}
		return out
	}
	cpu := names(PreflightFacts{Inventories: onCPU(2)})
	require.Contains(t, cpu, "cpu engines")
	require.NotContains(t, cpu, "cpu processes", "everything is on the CPU")
	neuron := names(PreflightFacts{Inventories: []Inventory{{Backend: "neuron", Devices: []Candidate{{Info: devices.Info{Backend: "neuron", ID: "neuron:0"}}},
		Problems: []devices.Problem{{Text: "neuron-ls failed", Remedy: "reinstall it"}}}}})
	require.Contains(t, neuron, "neuron:0 processes")
	require.NotContains(t, neuron, "neuron:0 ecc")
	require.Equal(t, PreflightCheck{Name: "neuron", Status: PreflightWarn, Found: "neuron-ls failed", Why: "this hardware is not measured", Remedy: "reinstall it"}, neuron["neuron"])
}

func TestPreflightOfAHiddenGPUSaysNoMore(t *testing.T) {
	checks := Preflight(gpu(func(c *Candidate) { c.Info.Hidden = "hidden by CUDA_VISIBLE_DEVICES=1" }))
	n := 0
	for _, c := range checks {
		if strings.HasPrefix(c.Name, "nvml:0 ") {
			n++
		}
	}
	require.Equal(t, 1, n)
}
