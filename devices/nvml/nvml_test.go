package nvml

import (
	"context"
	"fmt"
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
)

// fakeLibrary starts with err, or plays the driver.
type fakeLibrary struct {
	err    error
	driver *fakeDriver
}

func (l fakeLibrary) Start() (driver, error) {
	if l.err != nil {
		return nil, l.err
	}
	l.driver.starts++
	return l.driver, nil
}

type fakeDriver struct {
	gpus   []*fakeGPU
	count  code
	starts int
}

func (d *fakeDriver) Count() (int, code)             { return len(d.gpus), d.count }
func (d *fakeDriver) GPU(i int) (gpu, code)          { return d.gpus[i], d.gpus[i].handle }
func (d *fakeDriver) Version(version) (string, code) { return "550.54.15", codeOK }
func (d *fakeDriver) Shutdown() code                 { d.starts--; return codeOK }

type fakeGPU struct {
	handle  code
	name    string
	numbers map[number]uint64
	// answer is the code for numbers that are not in the map.
	answer code
	slices map[int]*fakeGPU
	// fields are the replies; others have the answer. call is the code of the call. asked counts by number.
	fields map[field]reply
	call   code
	asked  map[uint32]int
	faults []uint64
	watch  code // of Fault when there is none left
	active *activity
	closed int
}

func (g *fakeGPU) Text(what text) (string, code) {
	if what == textName {
		return g.name, codeOK
	}
	return "", codeNotSupported
}

func (g *fakeGPU) Number(what number) (uint64, code) {
	if n, ok := g.numbers[what]; ok {
		return n, codeOK
	}
	return 0, g.answer
}

func (g *fakeGPU) Slice(i int) (gpu, code) {
	s, ok := g.slices[i]
	if !ok {
		return nil, codeNotFound
	}
	return s, s.handle
}

func find(t *testing.T, l library, files fstest.MapFS) (devices.Inventory, error) {
	t.Helper()
	return (&backend{library: l}).Find(context.Background(), devices.Machine{FS: files})
}

func pci(vendor, class string) fstest.MapFS {
	return fstest.MapFS{
		"sys/bus/pci/devices/0000:00:1e.0/vendor": {Data: []byte(vendor + "\n")},
		"sys/bus/pci/devices/0000:00:1e.0/class":  {Data: []byte(class + "\n")},
	}
}

func TestConformance(t *testing.T) {
	for name, g := range map[string]*fakeGPU{
		"no facts":         {answer: codeNotSupported},
		"internal errors":  {answer: codeUnknown, numbers: map[number]uint64{numTemperature: 41}},
		"memory of zero":   {name: "NVIDIA Thor", numbers: map[number]uint64{numMemoryTotal: 0, numMemoryUsed: 0}, answer: codeNotSupported},
		"name not in text": {name: "NVIDIA \xff", answer: codeNotSupported},
		"slice": {numbers: map[number]uint64{numMIGMode: migEnabled, numMaxSlices: 7},
			slices: map[int]*fakeGPU{2: {numbers: map[number]uint64{numSliceMultiprocessors: 0}, answer: codeNoPermission}}},
	} {
		t.Run(name, func(t *testing.T) {
			devicetest.TestBackend(t, &backend{library: fakeLibrary{driver: &fakeDriver{gpus: []*fakeGPU{g}}}}, devices.Machine{})
		})
	}
	t.Run("this machine", func(t *testing.T) {
		devicetest.TestBackend(t, New(Options{}), devices.Machine{FS: os.DirFS("/")})
	})
}

func TestStartCodes(t *testing.T) {
	gpuOnBus := pci("0x10de", "0x030200")
	node := fstest.MapFS{"dev/nvidiactl": {}, "dev/nvidia0": {}, "dev/nvidia-uvm": {}}
	for _, c := range []struct {
		name         string
		code         code
		files        fstest.MapFS
		absent       string
		text, remedy string
	}{
		{"nothing at all", codeLibraryNotFound, nil, "no NVIDIA GPU on the PCI bus, no /dev/nvidia*", "", ""},
		{"WSL2 without the library", codeLibraryNotFound, fstest.MapFS{"dev/dxg": {}}, "/usr/lib/wsl/lib", "", ""},
		{"GPU, no driver", codeLibraryNotFound, gpuOnBus, "", "NVIDIA GPU on the PCI bus (0000:00:1e.0), no driver loaded", "install the NVIDIA driver"},
		{"container without the library", codeLibraryNotFound, node, "", "NVIDIA driver loaded (/dev/nvidia0, /dev/nvidiactl)", "--gpus all"},
		{"an audio function is no GPU", codeLibraryNotFound, pci("0x10de", "0x040300"), "no NVIDIA GPU", "", ""},
		{"another maker's GPU", codeLibraryNotFound, pci("0x1002", "0x030000"), "no NVIDIA GPU", "", ""},
		{"library but no hardware", codeDriverNotLoaded, nil, "kernel module is not loaded", "", ""},
		{"module not loaded", codeDriverNotLoaded, gpuOnBus, "", "kernel module is not loaded", "modprobe nvidia"},
		{"upgraded, not rebooted", codeVersionMismatch, gpuOnBus, "", "different driver versions", "reboot"},
		{"not supported", codeNotSupported, nil, "", "does not have this (NVML code 3)", "dmesg"},
		{"no permission", codeNoPermission, node, "", "may not read", "/dev/nvidia*"},
		{"lost", codeLost, gpuOnBus, "", "fallen off the bus", "Xid"},
		{"reset", codeResetRequired, gpuOnBus, "", "must be reset", "nvidia-smi --gpu-reset"},
		{"unknown", codeUnknown, nil, "", "NVML code 999", "dmesg"},
		{"unheard of", code(4711), nil, "", "unexpected answer (NVML code 4711)", "dmesg"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inv, err := find(t, fakeLibrary{err: &failure{code: c.code}}, c.files)
			require.Empty(t, inv.Devices)
			if c.absent != "" {
				require.ErrorIs(t, err, devices.ErrAbsent)
				require.ErrorContains(t, err, c.absent)
				require.Empty(t, inv.Problems)
				return
			}
			require.NoError(t, err)
			require.Len(t, inv.Problems, 1)
			require.Contains(t, inv.Problems[0].Text, c.text)
			require.Contains(t, inv.Problems[0].Remedy, c.remedy)
		})
	}
}

func TestNotBuiltIn(t *testing.T) {
	_, err := find(t, fakeLibrary{err: errNotBuilt}, nil)
	require.ErrorIs(t, err, devices.ErrAbsent)
	require.ErrorContains(t, err, "built without cgo")

	inv, err := find(t, fakeLibrary{err: errNotBuilt}, pci("0x10de", "0x030000"))
	require.NoError(t, err)
	require.Contains(t, inv.Problems[0].Text, "built without cgo")
	require.Contains(t, inv.Problems[0].Remedy, "CGO_ENABLED=1")
}

func TestGPUThatCannotBeUsedDoesNotHideTheOthers(t *testing.T) {
	for _, c := range []code{codeLost, codeResetRequired, codeNoPermission, codeUnknown} {
		d := &fakeDriver{gpus: []*fakeGPU{{handle: c}, {name: "NVIDIA L4", answer: codeNotSupported}}}
		inv, err := find(t, fakeLibrary{driver: d}, nil)
		require.NoError(t, err)
		require.Len(t, inv.Devices, 1)
		require.Equal(t, "nvml:1", inv.Devices[0].Info().ID)
		require.Len(t, inv.Problems, 1)
		require.Equal(t, c.remedy(), inv.Problems[0].Remedy)
		require.NoError(t, inv.Devices[0].Close())
		require.Zero(t, d.starts)
	}
}

func TestStartedButNoGPU(t *testing.T) {
	d := &fakeDriver{}
	_, err := find(t, fakeLibrary{driver: d}, nil)
	require.ErrorIs(t, err, devices.ErrAbsent)
	require.Zero(t, d.starts, "the library is stopped when there is nothing to keep it for")

	inv, err := find(t, fakeLibrary{driver: d}, pci("0x10de", "0x030200"))
	require.NoError(t, err)
	require.Contains(t, inv.Problems[0].Text, "the driver reports none")

	d.count = codeUnknown
	inv, err = find(t, fakeLibrary{driver: d}, nil)
	require.NoError(t, err)
	require.Contains(t, inv.Problems[0].Text, "counting NVIDIA GPUs")
	require.Zero(t, d.starts)
}

func TestMIGWithoutSlices(t *testing.T) {
	d := &fakeDriver{gpus: []*fakeGPU{{name: "NVIDIA A100-SXM4-40GB", numbers: map[number]uint64{numMIGMode: 1, numMaxSlices: 7}}}}
	inv, err := find(t, fakeLibrary{driver: d}, nil)
	require.NoError(t, err)
	require.Empty(t, inv.Devices)
	require.Contains(t, inv.Problems[0].Text, "no slices")
	require.Zero(t, d.starts)
}

func TestLibraryStopsWithTheLastDevice(t *testing.T) {
	d := &fakeDriver{gpus: []*fakeGPU{{name: "a"}, {name: "b"}}}
	inv, err := find(t, fakeLibrary{driver: d}, nil)
	require.NoError(t, err)
	require.NoError(t, inv.Devices[0].Close())
	require.NoError(t, inv.Devices[0].Close())
	require.Equal(t, 1, d.starts)
	_, err = inv.Devices[0].Read(context.Background())
	require.ErrorIs(t, err, errClosed)
	_, err = inv.Devices[1].Read(context.Background())
	require.NoError(t, err)
	require.NoError(t, inv.Devices[1].Close())
	require.Zero(t, d.starts)
}

func TestReadErrors(t *testing.T) {
	clocks := map[number]uint64{numSMClock: 1980}
	for _, c := range []struct {
		name    string
		answer  code
		numbers map[number]uint64
		fails   bool
	}{
		{"nothing supported", codeNotSupported, nil, false},
		{"no permission", codeNoPermission, clocks, false},
		{"one answer beside internal errors", codeUnknown, clocks, false},
		{"internal errors only", codeUnknown, nil, true},
		{"lost", codeLost, clocks, true},
		{"reset required", codeResetRequired, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := &fakeGPU{name: "NVIDIA L4", numbers: c.numbers, answer: c.answer}
			inv, err := find(t, fakeLibrary{driver: &fakeDriver{gpus: []*fakeGPU{g}}}, nil)
			require.NoError(t, err)
			for range 2 {
				r, err := inv.Devices[0].Read(context.Background())
				require.Equal(t, c.fails, err != nil, "%v", err)
				if c.fails {
					require.ErrorContains(t, err, "reading nvml:0: "+c.answer.text())
				}
				require.Nil(t, r.PowerWatts)
				require.Nil(t, r.Throttle)
			}
			require.NoError(t, inv.Devices[0].Close())
		})
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	g := &fakeGPU{name: "NVIDIA L4", answer: codeNotSupported}
	inv, err := find(t, fakeLibrary{driver: &fakeDriver{gpus: []*fakeGPU{g}}}, nil)
	require.NoError(t, err)
	cancel()
	_, err = inv.Devices[0].Read(ctx)
	require.ErrorIs(t, err, context.Canceled)
	_, err = (&backend{library: fakeLibrary{}}).Find(ctx, devices.Machine{})
	require.ErrorIs(t, err, context.Canceled)
}

func TestThrottleReasons(t *testing.T) {
	require.Equal(t, []string{}, throttleReasons(0), "known to be none, which is not nil")
	require.Equal(t, []string{}, throttleReasons(0x1))
	require.Equal(t, []string{"application-clocks", "power-cap", "hardware-slowdown", "sync-boost", "thermal",
		"hardware-thermal", "hardware-power-brake", "display-clock"}, throttleReasons(0x1fe))
	require.Equal(t, []string{"power-cap", "unknown-0x1200"}, throttleReasons(0x1205))
	rapid.Check(t, func(t *rapid.T) {
		mask := rapid.Uint64().Draw(t, "mask")
		require.Equal(t, mask&^throttleIdle == 0, len(throttleReasons(mask)) == 0)
	})
}

func TestMultiprocessors(t *testing.T) {
	for _, c := range []struct {
		cores, capability uint64
		want              any
	}{
		{6912, 800, 108}, {16896, 900, 132}, {2560, 705, 40}, {9216, 806, 72}, {7424, 809, 58},
		{6900, 800, nil}, {1000, 9900, nil}, {0, 800, nil},
	} {
		t.Run(fmt.Sprint(c.cores), func(t *testing.T) {
			n := multiprocessors(&fakeGPU{numbers: map[number]uint64{numCUDACores: c.cores, numComputeCapability: c.capability}})
			if c.want == nil {
				require.Nil(t, n)
				return
			}
			require.Equal(t, c.want, *n)
		})
	}
}

func FuzzLook(f *testing.F) {
	f.Add("0x10de\n", "0x030200\n")
	f.Add("", "\x00")
	f.Fuzz(func(t *testing.T, vendor, class string) {
		p := look(pci(vendor, class))
		require.NotEmpty(t, p.String())
	})
}
