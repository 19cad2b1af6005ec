package nvml

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
)

// identified is a GPU with a UUID.
type identified struct {
	*fakeGPU
	uuid  string
	parts []identified
}

func (g identified) Text(what text) (string, code) {
	if what == textUUID {
		return g.uuid, codeOK
	}
	return g.fakeGPU.Text(what)
}

func (g identified) Slice(i int) (gpu, code) {
	if i >= len(g.parts) {
		return nil, codeNotFound
	}
	return g.parts[i], codeOK
}

type identifiedDriver struct {
	*fakeDriver
	gpus []identified
}

func (d identifiedDriver) Count() (int, code)    { return len(d.gpus), codeOK }
func (d identifiedDriver) GPU(i int) (gpu, code) { return d.gpus[i], d.gpus[i].handle }

type identifiedLibrary struct{ driver identifiedDriver }

func (l identifiedLibrary) Start() (driver, error) { return l.driver, nil }

func a100(uuid string, parts ...identified) identified {
	g := identified{&fakeGPU{name: "NVIDIA A100-SXM4-40GB", answer: codeNotSupported}, uuid, parts}
	if parts != nil {
		g.numbers = map[number]uint64{numMIGMode: migEnabled, numMaxSlices: 7}
	}
	return g
}

func TestHidden(t *testing.T) {
	part := func(uuid string) identified {
		return identified{&fakeGPU{name: "NVIDIA A100-SXM4-40GB MIG 1g.5gb", answer: codeNotSupported}, uuid, nil}
	}
	t4 := identified{&fakeGPU{name: "Tesla T4", answer: codeNotSupported}, "GPU-tttt", nil}
	lost := identified{&fakeGPU{handle: codeLost}, "", nil}
	pair := []identified{a100("GPU-aaaa"), a100("GPU-aabb")}
	unlike := []identified{t4, a100("GPU-aaaa")}
	cut := []identified{a100("GPU-aaaa", part("MIG-1111"), part("MIG-2222")), a100("GPU-bbbb")}
	for _, c := range []struct {
		name    string
		gpus    []identified
		env     map[string]string
		hidden  map[string]string // a part of the reason by id
		problem string
	}{
		{"not set", pair, nil, nil, ""},
		{"one by index", pair, map[string]string{envVisible: "1"}, map[string]string{"nvml:0": "hidden by CUDA_VISIBLE_DEVICES=1"}, ""},
		{"both, in another order", pair, map[string]string{envVisible: "1,0"}, nil, ""},
		{"empty hides all", pair, map[string]string{envVisible: ""}, map[string]string{"nvml:0": "set and empty", "nvml:1": "set and empty"}, ""},
		{"-1 hides all", pair, map[string]string{envVisible: "-1"}, map[string]string{"nvml:0": "=-1", "nvml:1": "=-1"}, ""},
		{"what follows an unknown index is hidden", pair, map[string]string{envVisible: "1,7,0"}, map[string]string{"nvml:0": "=1,7,0"}, `"7" names no GPU here`},
		{"by UUID", pair, map[string]string{envVisible: "GPU-aabb"}, map[string]string{"nvml:0": "=GPU-aabb"}, ""},
		{"by the beginning of a UUID", pair, map[string]string{envVisible: "GPU-aaa"}, map[string]string{"nvml:1": "=GPU-aaa"}, ""},
		{"by a beginning of two", pair, map[string]string{envVisible: "GPU-aa"}, map[string]string{"nvml:0": "", "nvml:1": ""}, "or more than one"},
		{"an index among unlike GPUs", unlike, map[string]string{envVisible: "0"},
			map[string]string{"nvml:0": "fastest GPU first", "nvml:1": "CUDA_DEVICE_ORDER=PCI_BUS_ID"}, ""},
		{"all of unlike GPUs", unlike, map[string]string{envVisible: "1,0"}, nil, ""},
		{"unlike GPUs in PCI order", unlike, map[string]string{envVisible: "0", envOrder: orderPCI}, map[string]string{"nvml:1": "=0"}, ""},
		{"unlike GPUs by UUID", unlike, map[string]string{envVisible: "GPU-t"}, map[string]string{"nvml:1": "=GPU-t"}, ""},
		{"a lost GPU makes indices doubtful", []identified{lost, a100("GPU-aaaa"), a100("GPU-bbbb")}, map[string]string{envVisible: "0"},
			map[string]string{"nvml:1": "cannot be told", "nvml:2": "cannot be told"}, ""},
		{"a slice", cut, map[string]string{envVisible: "MIG-2222"}, map[string]string{"nvml:0:0": "=MIG-2222", "nvml:1": "=MIG-2222"}, ""},
		{"a GPU with slices", cut, map[string]string{envVisible: "0"}, map[string]string{"nvml:1": "=0"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &backend{library: identifiedLibrary{identifiedDriver{&fakeDriver{}, c.gpus}}}
			m := devices.Machine{LookupEnv: func(name string) (string, bool) { v, set := c.env[name]; return v, set }}
			inv, err := b.Find(context.Background(), m)
			require.NoError(t, err)
			for _, d := range inv.Devices {
				why, hidden := c.hidden[d.Info().ID]
				require.Equal(t, hidden, d.Info().Hidden != "", "%s: %s", d.Info().ID, d.Info().Hidden)
				require.Contains(t, d.Info().Hidden, why)
				if _, set := c.env[envVisible]; set {
					require.Equal(t, "env", d.Info().Details[len(d.Info().Details)-1].Source)
				}
			}
			var text string
			for _, p := range inv.Problems {
				text += p.Text
			}
			require.Contains(t, text, c.problem)
		})
	}
}
