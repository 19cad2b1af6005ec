package capture_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/amd"
	"github.com/accelbench/accelbench/devices/capture"
	"github.com/accelbench/accelbench/devices/cpu"
	"github.com/accelbench/accelbench/devices/gaudi"
	"github.com/accelbench/accelbench/devices/host"
	"github.com/accelbench/accelbench/devices/host/sysfiles"
	"github.com/accelbench/accelbench/devices/neuron"
	"github.com/accelbench/accelbench/devices/nvml"
	"github.com/accelbench/accelbench/devices/tpu"
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// denied refuses some files, as the kernel does to other users than root, and fails on others.
type denied struct {
	fstest.MapFS
	refused, broken string
}

func (d denied) ReadFile(name string) ([]byte, error) {
	switch {
	case d.refused != "" && strings.HasSuffix(name, d.refused):
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	case d.broken != "" && strings.HasSuffix(name, d.broken):
		return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New("input/output error")}
	}
	return d.MapFS.ReadFile(name)
}

// cloud is a metadata service of Amazon's, or one that does not answer.
type cloud struct{ silent bool }

func (c cloud) Do(r *http.Request) (*http.Response, error) {
	if c.silent {
		return nil, fmt.Errorf("asking: %w", context.DeadlineExceeded)
	}
	body := map[string]string{"/latest/api/token": "AQAEAsecret", "/latest/meta-data/instance-life-cycle": "spot",
		"/latest/dynamic/instance-identity/document": `{"instanceType":"trn1.2xlarge","region":"us-west-2","availabilityZone":"us-west-2d","accountId":"123456789012","instanceId":"i-0dcf246b9a7d5f066","privateIp":"172.31.5.6"}`}[r.URL.Path]
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
}

const neuronLS = `[{"neuron_device":0,"bdf":"0000:00:1e.0","cpu_affinity":"0-7","numa_node":"-1","connected_to":null,"nc_count":2,"memory_size":34359738368,
 "neuroncore_ids":[0,1],"neuron_processes":[{"pid":1966680,"command":"python train.py --token hunter2","neuron_runtime_version":"2.34.10"}],"instance_id":"i-0dcf246b9a7d5f066"}]`

// trn1 is a machine with a chip; identities are in every place where there are any.
func trn1() devices.Machine {
	const sys = "sys/devices/virtual/neuron_device/neuron0/"
	root := fstest.MapFS{
		"sys/bus/pci/devices/0000:00:1e.0/vendor": file("0x1d0f\n"), "sys/bus/pci/devices/0000:00:1e.0/device": file("0x7164\n"),
		"dev/neuron0": file(""), "dev/vg-customer": file(""), "sys/module/neuron/version": file("2.24.7.0\n"),
		sys + "core_count": file("2"), sys + "info/architecture/device_name": file("Trainium1\n"), sys + "info/serial_number": file("9ff5434815c8bd80\n"),
		sys + "neuron_core0/stats/memory_usage/device_mem/total": file("4096\n"), sys + "neuron_core1/stats/memory_usage/device_mem/total": file("0\n"),
		sys + "stats/hardware/health_status/unhealthy": file("0\n"), sys + "stats/hardware/mem_ecc_uncorrected": file("3\n"),
		"sys/class/dmi/id/sys_vendor": file("Amazon EC2\n"), "sys/class/dmi/id/product_name": file("trn1.2xlarge\n"), "sys/class/dmi/id/board_asset_tag": file("i-0dcf246b9a7d5f066\n"),
		"proc/cpuinfo": file("processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R)\nflags\t\t: fpu avx2\n"), "proc/sys/kernel/arch": file("x86_64\n"),
		"proc/sys/kernel/osrelease": file("5.15.153.1-wsl\n"), "etc/os-release": file("PRETTY_NAME=\"Debian GNU/Linux 12\"\n"),
		"proc/self/cgroup":                           file("0::/docker/4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e\n"),
		"sys/fs/cgroup/cpu.stat":                     file("nr_throttled 0\n"),
		"sys/class/powercap/intel-rapl:0/name":       file("package-0\n"),
		"sys/class/powercap/intel-rapl:0/energy_uj":  file("123\n"),
		"sys/class/powercap/intel-rapl:0/max_energy": file("1\n"), "sys/class/powercap/intel-rapl:0/max_energy_range_uj": file("262143328850\n"),
	}
	root["sys/fs/cgroup/docker/4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e/cpu.stat"] = file("nr_throttled 0\n")
	root["sys/fs/cgroup/docker/4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e/cpu.max"] = file("150000 100000\n")
	return devices.Machine{FS: denied{MapFS: root, refused: "energy_uj", broken: "core_count"}, HTTP: cloud{}, Run: func(_ context.Context, name string, _ ...string) ([]byte, []byte, error) {
		if name != "/opt/aws/neuron/bin/neuron-ls" {
			return nil, nil, &exec.Error{Name: name, Err: exec.ErrNotFound}
		}
		return []byte(neuronLS), nil, nil
	}, LookupEnv: func(n string) (string, bool) {
		v, set := map[string]string{"NEURON_RT_NUM_CORES": "1"}[n]
		return v, set
	}}
}

// mi325x has the identity that will be the first.
func mi325x() devices.Machine {
	const node = "sys/class/kfd/kfd/topology/nodes/"
	root := fstest.MapFS{"dev/kfd": file(""), "dev/dri/renderD128": file(""), "dev/dri/renderD129": file(""), node + "0/properties": file("simd_count 0\n"), node + "0/gpu_id": file("0\n")}
	for i := range 2 {
		root[fmt.Sprintf("%s%d/properties", node, i+1)] = file(fmt.Sprintf("simd_count 304\nsimd_per_cu 4\ngfx_target_version 90402\nlocation_id %d\ndrm_render_minor %d\nunique_id %d\n", 29952+256*i, 128+i, i+1))
		root[fmt.Sprintf("%s%d/mem_banks/0/properties", node, i+1)] = file("heap_type 1\nsize_in_bytes 274861129728\n")
	}
	calls := 0
	return devices.Machine{FS: root, HTTP: cloud{silent: true}, Run: func(_ context.Context, name string, args ...string) ([]byte, []byte, error) {
		calls++
		switch {
		case name != "amd-smi":
			return nil, nil, &exec.Error{Name: name, Err: exec.ErrNotFound}
		case args[0] == "static":
			return []byte(`[{"gpu":0,"asic":{"market_name":"AMD Instinct MI325X"},"bus":{"bdf":"0000:75:00.0"}},{"gpu":1,"asic":{"market_name":"AMD Instinct MI325X"},"bus":{"bdf":"0000:76:00.0"}}]`), nil, nil
		}
		return nil, []byte("boom\n"), errors.New("exit status 2")
	}, LookupEnv: func(n string) (string, bool) {
		v, set := map[string]string{"ROCR_VISIBLE_DEVICES": "GPU-0000000000000002"}[n]
		return v, set
	}}
}

// report is all that detection says of a machine; of the readings everything but the time.
func report(t *testing.T, m devices.Machine, tape *nvml.Tape) string {
	t.Helper()
	var all []any
	for _, b := range []devices.Backend{nvml.New(nvml.Options{Replay: tape}), neuron.New(), amd.New(), tpu.New(), gaudi.New(), cpu.Backend{}} {
		inv, err := b.Find(t.Context(), m)
		all = append(all, b.Name(), inv.Problems)
		if err != nil {
			all = append(all, err.Error())
		}
		for _, d := range inv.Devices {
			r, err := d.Read(t.Context())
			r.Time = r.Time.Truncate(1 << 62)
			all = append(all, d.Info(), r, fmt.Sprint(err))
			require.NoError(t, d.Close())
		}
	}
	h, c, problems := host.Read(t.Context(), m, host.Flags{})
	text, err := json.MarshalIndent(append(all, h, c, problems), "", " ")
	require.NoError(t, err)
	return string(text)
}

// captured makes an archive of what the report of a machine reads.
func captured(t *testing.T, m devices.Machine, tape *nvml.Tape, names ...string) (live string, archive []byte) {
	t.Helper()
	r := capture.NewRecorder(m)
	live = report(t, r.Machine(), tape)
	require.NoError(t, r.AddTape("nvml", tape))
	folder := t.TempDir()
	require.NoError(t, r.Save(folder))
	all, err := capture.Collect(folder)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, capture.Write(&out, all, "test", names))
	return live, out.Bytes()
}

func replayed(t *testing.T, archive []byte) string {
	t.Helper()
	c, err := capture.Read(bytes.NewReader(archive))
	require.NoError(t, err)
	tape := &nvml.Tape{}
	require.NoError(t, json.Unmarshal(c.Tapes["nvml"], tape))
	return report(t, c.Machine, tape)
}

func TestRoundTrip(t *testing.T) {
	for name, m := range map[string]func() devices.Machine{"trn1": trn1, "mi325x": mi325x,
		"nothing": func() devices.Machine { return devices.Machine{FS: fstest.MapFS{}} }} {
		t.Run(name, func(t *testing.T) {
			want := report(t, m(), &nvml.Tape{Failed: 12})
			live, archive := captured(t, m(), &nvml.Tape{Failed: 12})
			require.Equal(t, want, live, "recording changes nothing")
			require.Equal(t, want, replayed(t, archive))
			_, again := captured(t, m(), &nvml.Tape{Failed: 12})
			require.Equal(t, archive, again, "one machine gives one archive")
		})
	}
}

func TestNothingThatIdentifiesIsInTheArchive(t *testing.T) {
	_, archive := captured(t, trn1(), &nvml.Tape{Failed: 12, Why: "gpubox17.acme.example: no library"}, "gpubox17.acme.example", "gpubox17")
	text := unpacked(t, archive)
	for _, secret := range []string{"0dcf246b9a7d5f066", "123456789012", "172.31.5.6", "AQAEA", "hunter2", "1966680", "9ff5434815c8bd80", "4f2a6c8e", "vg-customer", "gpubox17"} {
		require.NotContains(t, text, secret)
	}
	for _, kept := range []string{"2.24.7.0", "2.34.10", "5.15.153.1", "169.254.169.254", "0000:00:1e.0", "us-west-2d", "NEURON_RT_NUM_CORES"} {
		require.Contains(t, text, kept)
	}
}

// unpacked is every name and content of an archive.
func unpacked(t *testing.T, archive []byte) string {
	t.Helper()
	var out strings.Builder
	for _, p := range partsOf(t, archive) {
		out.WriteString(p.name + "\n" + p.data + "\n")
	}
	return out.String()
}

func TestUUIDsStayJoined(t *testing.T) {
	const first, second = "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6", "GPU-1111f937-d72c-4106-c12f-20bd9faed9f6"
	tape := &nvml.Tape{}
	require.NoError(t, json.Unmarshal([]byte(`{"count":{"value":2},"gpus":{"0":{"texts":{"name":{"value":"NVIDIA L4"},"uuid":{"value":"`+first+
		`"}}},"1":{"texts":{"name":{"value":"NVIDIA T4"},"uuid":{"value":"`+second+`"}}}}}`), tape))
	for value, hidden := range map[string][2]bool{"GPU-1111": {true, false}, first: {false, true}, "GPU-zzzz": {true, true}, second + "," + first: {false, false}, "GPU-": {true, true}, "": {true, true}} {
		m := devices.Machine{FS: fstest.MapFS{}, LookupEnv: func(n string) (string, bool) { return value, n == "CUDA_VISIBLE_DEVICES" }}
		_, archive := captured(t, m, tape)
		require.NotContains(t, unpacked(t, archive), "f937")
		c, err := capture.Read(bytes.NewReader(archive))
		require.NoError(t, err)
		back := &nvml.Tape{}
		require.NoError(t, json.Unmarshal(c.Tapes["nvml"], back))
		inv, err := nvml.New(nvml.Options{Replay: back}).Find(t.Context(), c.Machine)
		require.NoError(t, err)
		for i, d := range inv.Devices {
			require.Equal(t, hidden[i], d.Info().Hidden != "", "%q, GPU %d: %s", value, i, d.Info().Hidden)
		}
	}
}

func TestWhatIsKnownOfPathsComesBack(t *testing.T) {
	tree := fstest.MapFS{"dev/neuron0": {Sys: sysfiles.Number("240:13")}, "a/read": file("1"), "a/broken": file(""), "a/refused": file(""),
		"a/seen": file(""), "a/deep/unseen": file(""), "b/empty": {Mode: fs.ModeDir}}
	r := capture.NewRecorder(devices.Machine{FS: denied{MapFS: tree, refused: "refused", broken: "broken"}})
	look := func(root fs.FS) (out []string) {
		for _, name := range []string{"a/read", "a/broken", "a/refused", "a/absent", "a"} {
			data, err := fs.ReadFile(root, name)
			out = append(out, fmt.Sprint(name, string(data), err != nil, errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrNotExist)))
		}
		for _, name := range []string{"a", "b/empty", "c"} {
			entries, err := fs.ReadDir(root, name)
			for _, e := range entries {
				out = append(out, fmt.Sprint(name, e.Name(), e.IsDir()))
			}
			out = append(out, fmt.Sprint(name, err != nil))
		}
		names, err := fs.Glob(root, "dev/neuron*")
		require.NoError(t, err)
		info, err := fs.Stat(root, "dev/neuron0")
		require.NoError(t, err)
		return append(out, fmt.Sprint(names), sysfiles.DeviceNumber(info))
	}
	want := look(r.Machine().FS)
	var archive bytes.Buffer
	require.NoError(t, capture.Write(&archive, r.Recording(), "", nil))
	c, err := capture.Read(&archive)
	require.NoError(t, err)
	require.Equal(t, want, look(c.Machine.FS))
	_, err = fs.ReadFile(c.Machine.FS, "a/seen")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "not captured")
	_, err = fs.ReadFile(c.Machine.FS, "a/deep/unseen")
	require.ErrorIs(t, err, fs.ErrNotExist, "what nobody looked at is not kept")
}
