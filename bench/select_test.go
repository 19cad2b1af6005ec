package bench_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
)

func candidate(backend, id, name string, engines ...bench.Probed) bench.Candidate {
	return bench.Candidate{Info: devices.Info{Backend: backend, ID: id, Name: name}, Engines: engines}
}

func usable(name string) bench.Probed {
	return bench.Probed{Name: name, Info: &devices.EngineInfo{Name: name, Version: "1"}}
}

func missing(name, reason string) bench.Probed { return bench.Probed{Name: name, Reason: reason} }

func unserved(name string) bench.Probed {
	return bench.Probed{Name: name, Reason: "runs on CPUs only", Unserved: true}
}

// rack has two GPUs whose only engine is missing, a chip without an engine, and a CPU with two engines.
func rack() []bench.Inventory {
	return []bench.Inventory{
		{Backend: "nvml", Devices: []bench.Candidate{
			candidate("nvml", "nvml:0", "H100", missing("onnxruntime", "no library"), unserved("native")),
			candidate("nvml", "nvml:1", "H100", missing("onnxruntime", "no library"), unserved("native")),
		}},
		{Backend: "neuron", Devices: []bench.Candidate{candidate("neuron", "neuron:0", "trn1", unserved("onnxruntime"), unserved("native"))}},
		{Backend: "cpu", Devices: []bench.Candidate{candidate("cpu", "cpu", "Xeon", missing("onnxruntime", "no library"), usable("native"))}},
	}
}

// hidden has a GPU that this process may not use, one that it may, and a CPU.
func hidden() []bench.Inventory {
	list := ready()
	list[1].Devices[0].Info.Hidden = "hidden by CUDA_VISIBLE_DEVICES=1"
	return list
}

// ready has two usable GPUs, a driver that is not loaded, and a CPU.
func ready() []bench.Inventory {
	return []bench.Inventory{
		{Backend: "neuron", Problems: []devices.Problem{{Text: "chips on the bus, no driver loaded", Remedy: "load the driver"}}},
		{Backend: "nvml", Devices: []bench.Candidate{
			candidate("nvml", "nvml:0", "H100", usable("onnxruntime"), unserved("native")),
			candidate("nvml", "nvml:1", "H100", usable("onnxruntime"), unserved("native")),
		}},
		{Backend: "rocm", Absent: "absent: no library"},
		{Backend: "cpu", Devices: []bench.Candidate{candidate("cpu", "cpu", "Xeon", usable("onnxruntime"), usable("native"))}},
	}
}

func TestChoose(t *testing.T) {
	const oneOnly = "one device is measured unless --device all is given"
	noDriver := bench.PassedOver{Device: "neuron", Reason: "chips on the bus, no driver loaded (load the driver)"}
	gpu := func(id, reason string) bench.PassedOver {
		return bench.PassedOver{Device: id, Name: "H100", Reason: reason}
	}
	for _, c := range []struct {
		name           string
		found          []bench.Inventory
		device, engine string
		want           []string // device and engine
		wantPassed     []bench.PassedOver
	}{
		{"the first usable device", ready(), "", "", []string{"nvml:0 onnxruntime"},
			[]bench.PassedOver{noDriver, gpu("nvml:1", oneOnly)}},
		{"the fallback says what it passes over", rack(), "", "", []string{"cpu native"}, []bench.PassedOver{
			gpu("nvml:0", "absent: engine onnxruntime: no library"), gpu("nvml:1", "absent: engine onnxruntime: no library"),
			{Device: "neuron:0", Name: "trn1", Reason: "unsupported: detected, no engine yet"}}},
		{"by id", ready(), "nvml:1", "", []string{"nvml:1 onnxruntime"},
			[]bench.PassedOver{noDriver, gpu("nvml:0", "not asked for: --device nvml:1")}},
		{"by kind", ready(), "nvml", "", []string{"nvml:0 onnxruntime"}, []bench.PassedOver{noDriver, gpu("nvml:1", oneOnly)}},
		{"a GPU beside the CPU asked for", ready(), "cpu", "", []string{"cpu onnxruntime"}, []bench.PassedOver{noDriver,
			gpu("nvml:0", "not asked for: --device cpu"), gpu("nvml:1", "not asked for: --device cpu")}},
		{"all", ready(), "all", "", []string{"nvml:0 onnxruntime", "nvml:1 onnxruntime", "cpu onnxruntime"},
			[]bench.PassedOver{noDriver}},
		{"a hidden GPU is passed over", hidden(), "", "", []string{"nvml:1 onnxruntime"},
			[]bench.PassedOver{noDriver, gpu("nvml:0", "absent: hidden by CUDA_VISIBLE_DEVICES=1")}},
		{"a hidden GPU of the kind asked for", hidden(), "nvml", "", []string{"nvml:1 onnxruntime"},
			[]bench.PassedOver{noDriver, gpu("nvml:0", "absent: hidden by CUDA_VISIBLE_DEVICES=1")}},
		{"an engine chooses the device", ready(), "", "native", []string{"cpu native"}, []bench.PassedOver{noDriver,
			gpu("nvml:0", "engine native: unsupported: runs on CPUs only"), gpu("nvml:1", "engine native: unsupported: runs on CPUs only")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := bench.Choose(c.found, c.device, c.engine)
			require.NoError(t, err)
			var chosen []string
			for _, x := range got.Chosen {
				chosen = append(chosen, x.Info.ID+" "+x.Engine.Name)
				if x.Info.Backend == "nvml" {
					require.Equal(t, 2, x.Present)
				}
			}
			require.Equal(t, c.want, chosen)
			require.Equal(t, c.wantPassed, got.PassedOver)
		})
	}
}

func TestChooseRefuses(t *testing.T) {
	for _, c := range []struct {
		name           string
		found          []bench.Inventory
		device, engine string
		is             error
		text           string
	}{
		{"unknown device", ready(), "nvlm", "", bench.ErrUnknownName, `unknown device "nvlm": known are, nearest first, nvml, nvml:0, nvml:1,`},
		{"unknown engine", ready(), "", "onnx", bench.ErrUnknownName, `unknown engine "onnx": known are, nearest first, onnxruntime, native`},
		{"a device number that is not there", ready(), "nvml:7", "", devices.ErrAbsent, "nvml: found are nvml:0, nvml:1"},
		{"a kind that is not there", ready(), "rocm", "", devices.ErrAbsent, "rocm: absent: no library"},
		{"a kind with a problem", ready(), "neuron", "", devices.ErrAbsent, "no driver loaded (load the driver)"},
		{"a device without its engine", rack(), "nvml", "", devices.ErrAbsent, "device nvml:0: absent: engine onnxruntime: no library"},
		{"a hidden device", hidden(), "nvml:0", "", devices.ErrAbsent, "device nvml:0: absent: hidden by CUDA_VISIBLE_DEVICES=1"},
		{"a device without any engine", rack(), "neuron:0", "", devices.ErrUnsupported, "no engine yet"},
		{"an engine that does not serve the device", ready(), "nvml:0", "native", devices.ErrUnsupported, "runs on CPUs only"},
		{"an engine that is not installed", rack(), "cpu", "onnxruntime", devices.ErrAbsent, "no library"},
		{"nothing at all", nil, "", "", devices.ErrAbsent, "device any"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := bench.Choose(c.found, c.device, c.engine)
			require.ErrorIs(t, err, c.is)
			require.ErrorContains(t, err, c.text)
			require.Empty(t, got.Chosen)
		})
	}
}
