package nvml

import (
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
)

// seen is all that a backend says, with the times taken out.
func seen(t *testing.T, l library) string {
	t.Helper()
	inv, err := find(t, l, pci("0x10de", "0x030200"))
	var all []any
	all = append(all, inv.Problems)
	if err != nil {
		all = append(all, err.Error(), errors.Is(err, devices.ErrAbsent))
	}
	for _, d := range inv.Devices {
		r, err := d.Read(context.Background())
		r.Time = r.Time.Truncate(1 << 62)
		all = append(all, d.Info(), r)
		if err != nil {
			all = append(all, err.Error())
		}
	}
	for _, d := range inv.Devices {
		require.NoError(t, d.Close())
	}
	text, err := json.MarshalIndent(all, "", " ")
	require.NoError(t, err)
	return string(text)
}

// busy is a GPU with an answer of every kind.
func busy() *fakeGPU {
	share := 12.5
	return &fakeGPU{name: "NVIDIA H100 80GB HBM3", answer: codeNotSupported, watch: codeTimeout, active: &activity{cores: &share},
		numbers: map[number]uint64{numMemoryTotal: 80e9, numMemoryUsed: 0, numCUDACores: 16896, numComputeCapability: 900, numArchitecture: 9,
			numPower: 321500, numSMClock: 1980, numThrottle: 0x24, numTemperature: 41, numPCIeGen: 5, numECCUncorrected: 0},
		fields: map[field]reply{{id: fieldEnergy}: {123456, codeOK}, {id: fieldPowerInstant}: {111000, codeOK}, {fieldNVLinkSent, allLinks}: {77, codeOK}}}
}

func TestReplayIsWhatWasRecorded(t *testing.T) {
	sliced := &fakeGPU{name: "NVIDIA A100-SXM4-40GB", answer: codeNotSupported, numbers: map[number]uint64{numMIGMode: migEnabled, numMaxSlices: 7},
		slices: map[int]*fakeGPU{2: {name: "NVIDIA A100-SXM4-40GB MIG 1g.5gb", answer: codeNotSupported, numbers: map[number]uint64{numSliceMultiprocessors: 14}},
			5: {handle: codeNoPermission}}}
	for name, l := range map[string]fakeLibrary{
		"GPUs":             {driver: &fakeDriver{gpus: []*fakeGPU{busy(), {name: "NVIDIA L4", answer: codeNotSupported, call: codeNotSupported}}}},
		"slices":           {driver: &fakeDriver{gpus: []*fakeGPU{sliced}}},
		"one is lost":      {driver: &fakeDriver{gpus: []*fakeGPU{{handle: codeLost}, busy()}}},
		"lost later":       {driver: &fakeDriver{gpus: []*fakeGPU{{name: "NVIDIA L4", answer: codeLost}}}},
		"count fails":      {driver: &fakeDriver{count: codeUnknown}},
		"no GPU":           {driver: &fakeDriver{}},
		"not started":      {err: &failure{code: codeVersionMismatch, why: "two versions"}},
		"no library":       {err: &failure{code: codeLibraryNotFound, why: "no such file"}},
		"another failure":  {err: errors.New("odd")},
		"not in this file": {err: errNotBuilt},
	} {
		t.Run(name, func(t *testing.T) {
			tape := &Tape{}
			require.True(t, tape.Empty())
			want := seen(t, taped{l, tape})
			require.False(t, tape.Empty())
			text, err := json.Marshal(tape)
			require.NoError(t, err)
			back := &Tape{}
			require.NoError(t, json.Unmarshal(text, back))
			if name == "another failure" { // which only the code survives
				require.Contains(t, seen(t, replay{back}), "odd")
				return
			}
			require.Equal(t, want, seen(t, replay{back}))
			require.Equal(t, want, seen(t, l), "recording changes nothing")
		})
	}
}

func TestReplayConforms(t *testing.T) {
	tape := &Tape{}
	seen(t, taped{fakeLibrary{driver: &fakeDriver{gpus: []*fakeGPU{busy()}}}, tape})
	devicetest.TestBackend(t, New(Options{Replay: tape}), devices.Machine{})
}

func TestRecordByOption(t *testing.T) {
	from, to := &Tape{}, &Tape{}
	seen(t, taped{fakeLibrary{driver: &fakeDriver{gpus: []*fakeGPU{busy()}}}, from})
	b := New(Options{Replay: from, Record: to}).(*backend)
	require.Equal(t, seen(t, replay{from}), seen(t, b.library))
	a, err := json.Marshal(from)
	require.NoError(t, err)
	c, err := json.Marshal(to)
	require.NoError(t, err)
	require.JSONEq(t, string(a), string(c))
}

// TestEveryAnswerHasAName reads the constants: one without a name would get lost on the tape.
func TestEveryAnswerHasAName(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "library.go", nil, 0)
	require.NoError(t, err)
	numbers := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "num") {
			numbers++
		}
		return true
	})
	require.Len(t, numberNames, numbers, "give the new constants of library.go names in tape.go")
	distinct := map[string]bool{}
	for _, name := range numberNames {
		require.False(t, distinct[name], name)
		distinct[name] = true
	}
}

func FuzzReplay(f *testing.F) {
	tape := &Tape{}
	inv, err := (&backend{library: taped{fakeLibrary{driver: &fakeDriver{gpus: []*fakeGPU{busy()}}}, tape}}).Find(context.Background(), devices.Machine{})
	if err == nil {
		_, err = inv.Devices[0].Read(context.Background())
	}
	if err != nil {
		f.Fatal(err)
	}
	text, err := json.Marshal(tape)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"count":{"value":3},"gpus":{"0":{"numbers":{"mig_mode":{"value":1},"max_slices":{"value":18446744073709551615}}},"1":null}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		tape := &Tape{}
		if json.Unmarshal(text, tape) != nil {
			return
		}
		inv, err := New(Options{Replay: tape}).Find(context.Background(), devices.Machine{})
		if err != nil {
			return
		}
		for _, d := range inv.Devices {
			_, _ = d.Read(context.Background())
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
