package example

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/workloads"
)

// machine has an abacus that can be used and one that cannot; a test of a backend needs no hardware.
func machine() devices.Machine {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	return devices.Machine{FS: fstest.MapFS{
		"sys/class/abacus/abacus0/model": file("Soroban\n"), "sys/class/abacus/abacus0/beads": file("1073741824\n"),
		"sys/class/abacus/abacus0/beads_moved": file("0\n"), "dev/abacus0": file(""),
		"sys/class/abacus/abacus1/model": file("Suanpan\n"),
	}}
}

func TestBackend(t *testing.T) {
	devicetest.TestBackend(t, New(), machine())
	inv, err := New().Find(t.Context(), machine())
	require.NoError(t, err)
	require.Len(t, inv.Devices, 1)
	require.Equal(t, "Soroban", inv.Devices[0].Info().Name)
	require.Equal(t, uint64(1<<30), *inv.Devices[0].Info().MemoryBytes)
	require.Contains(t, inv.Problems[0].Text, "abacus1")
	_, err = New().Find(t.Context(), devices.Machine{FS: fstest.MapFS{}})
	require.ErrorIs(t, err, devices.ErrAbsent)
}

// small takes milliseconds.
func small() *workloads.Workload {
	g := devicetest.NewGraph("forward", 2)
	x := g.Input("x", 2, 8)
	g.Outputs = []*workloads.Value{g.Node(workloads.OpLinear, workloads.Attr{}, x, g.Param("w", 8, 4))}
	return &workloads.Workload{Name: "small", Options: workloads.Options{Precision: workloads.Full, Batch: 2}, Seed: 1, Pool: 7,
		Phases: []workloads.Phase{{Name: "forward", Graph: &g.Graph}}}
}

func TestEngine(t *testing.T) {
	inv, err := New().Find(t.Context(), machine())
	require.NoError(t, err)
	dev := inv.Devices[0]
	devicetest.TestEngine(t, NewEngine(), dev, small())

	_, err = NewEngine().Probe(devices.Info{Backend: "cpu", ID: "cpu"})
	require.ErrorIs(t, err, devices.ErrUnsupported)
	half := small()
	half.Options.Precision = workloads.Half
	require.ErrorIs(t, NewEngine().Supports(dev.Info(), half), devices.ErrUnsupported)
	tiny := dev.Info()
	beads := uint64(16)
	tiny.MemoryBytes = &beads
	require.ErrorContains(t, NewEngine().Supports(tiny, small()), "needs")
}

// TestThePageIsTheCode compares the blocks of the page with the files.
func TestThePageIsTheCode(t *testing.T) {
	page, err := os.ReadFile("../adding-a-device.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)`docs/example/([a-z_]+\\.go)`[^`]*```go\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	require.Len(t, blocks, 2)
	for _, b := range blocks {
		code, err := os.ReadFile(b[1])
		require.NoError(t, err)
		require.Equal(t, string(code), b[2], "%s: copy the file into the page", b[1])
	}
	require.Equal(t, len(blocks), strings.Count(string(page), "```go"), "every block names its file")
}
