package bench_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
)

func spans(name string) bench.Probed {
	return bench.Probed{Name: name, Info: &devices.EngineInfo{Name: name, Version: "1", Spans: true}}
}

func TestChooseJoined(t *testing.T) {
	sized := func(c bench.Candidate, free uint64) bench.Candidate {
		c.FreeBytes = &free
		return c
	}
	inventories := []bench.Inventory{
		{Backend: "nvml", Devices: []bench.Candidate{
			sized(candidate("nvml", "nvml:0", "H100", usable("onnxruntime"), spans("pjrt"), unserved("native")), 80),
			sized(candidate("nvml", "nvml:1", "H100", usable("onnxruntime"), spans("pjrt"), unserved("native")), 70),
			candidate("nvml", "nvml:2", "H100", usable("onnxruntime"), missing("pjrt", "no plugin"), unserved("native")),
		}},
		{Backend: "cpu", Devices: []bench.Candidate{candidate("cpu", "cpu", "Xeon", usable("onnxruntime"), unserved("pjrt"), usable("native"))}},
	}
	hidden := inventories[0].Devices[0]
	hidden.Info.ID, hidden.Info.Hidden = "nvml:3", "hidden by CUDA_VISIBLE_DEVICES=0,1,2"
	one := []bench.Inventory{{Backend: "nvml", Devices: []bench.Candidate{inventories[0].Devices[0], hidden}}}
	_, err := bench.Choose(one, "nvml:0+nvml:3", "")
	require.ErrorIs(t, err, devices.ErrAbsent)
	require.ErrorContains(t, err, "nvml:3 is hidden by CUDA_VISIBLE_DEVICES=0,1,2")

	c, err := bench.Choose(inventories, "nvml:0+nvml:1", "")
	require.NoError(t, err)
	require.Len(t, c.Chosen, 1)
	require.Equal(t, "nvml:0+nvml:1", c.Chosen[0].Info.ID)
	require.Equal(t, []string{"nvml:0", "nvml:1"}, c.Chosen[0].Info.Members)
	require.Equal(t, "pjrt", c.Chosen[0].Engine.Name, "the first engine that spans devices")
	require.Equal(t, 3, c.Chosen[0].Present)
	require.EqualValues(t, 140, *c.Chosen[0].FreeBytes, "twice what the fullest has")
	require.Len(t, c.PassedOver, 1, "members are not passed over")
	require.Equal(t, "nvml:2", c.PassedOver[0].Device)
	require.Equal(t, "not asked for: --device nvml:0+nvml:1", c.PassedOver[0].Reason)

	for wish, want := range map[string]struct {
		engine, text string
		is           error
	}{
		"nvml:0+nvml:2":        {"pjrt", "device nvml:0+nvml:2: absent: engine pjrt: no plugin", devices.ErrAbsent},
		"nvml:1+nvml:0":        {"onnxruntime", "onnxruntime computes on one device at a time; with --devices each computes for itself", devices.ErrUnsupported},
		"nvml:0+nvml:0":        {"", "nvml:0 is named twice", bench.ErrBadPlan},
		"nvml:0+cpu":           {"", "devices of different kinds cannot compute together", devices.ErrUnsupported},
		"nvml:0+nvml:7":        {"", "device nvml:7: absent (nvml: found are nvml:0, nvml:1, nvml:2)", devices.ErrAbsent},
		"nvml:0+nvml":          {"", "name each device by its id, as in nvml:0+nvml:1", bench.ErrUnknownName},
		"all+nvml:0":           {"", "name each device by its id, as in nvml:0+nvml:1", bench.ErrUnknownName},
		"nvml:0+gpu":           {"", `unknown device "gpu"`, bench.ErrUnknownName},
		"nvml:0+":              {"", "name each device by its id", bench.ErrUnknownName},
		"nvml:0+nvml:1+nvml:2": {"native", "native", devices.ErrUnsupported},
	} {
		t.Run(wish, func(t *testing.T) {
			_, err := bench.Choose(inventories, wish, want.engine)
			require.ErrorIs(t, err, want.is)
			require.ErrorContains(t, err, want.text)
		})
	}
}
