package tpu

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// host is a machine with n chips of an id on the bus and as many nodes of the pattern.
func host(id string, n int, node string) fstest.MapFS {
	root := fstest.MapFS{
		pciBus + "/0000:00:03.0/vendor": file("0x1ae0\n"), pciBus + "/0000:00:03.0/device": file("0x0042\n"), // the network
		"sys/class/dmi/id/sys_vendor": file("Google\n"),
	}
	for i := range n {
		at := fmt.Sprintf("%s/0000:00:%02x.0", pciBus, 4+i)
		root[at+"/vendor"], root[at+"/device"] = file("0x1ae0\n"), file(id+"\n")
		if node != "" {
			root[fmt.Sprintf(node, i)] = file("")
		}
	}
	return root
}

// metadata answers every request.
type metadata struct {
	status int
	body   string
	flavor string
	err    error
	asked  *http.Request
}

func (m *metadata) Do(r *http.Request) (*http.Response, error) {
	m.asked = r
	if m.err != nil {
		return nil, m.err
	}
	return &http.Response{StatusCode: m.status, Header: http.Header{"Metadata-Flavor": {m.flavor}}, Body: io.NopCloser(strings.NewReader(m.body))}, nil
}

func machine(root fstest.MapFS, env map[string]string) devices.Machine {
	return devices.Machine{FS: root, LookupEnv: func(n string) (string, bool) { v, set := env[n]; return v, set }}
}

func value(t *testing.T, info devices.Info, name string) any {
	t.Helper()
	for _, d := range info.Details {
		if d.Name == name {
			return d.Value
		}
	}
	t.Fatalf("%s has no detail %s", info.ID, name)
	return nil
}

func TestConformance(t *testing.T) {
	for id := range generations {
		t.Run(id, func(t *testing.T) {
			devicetest.TestBackend(t, New(), machine(host(id, 4, "dev/accel%d"), nil))
			devicetest.TestBackend(t, New(), machine(host(id, 2, "dev/vfio/%d"), map[string]string{envVisible: "1", envType: "v3-8", envWorker: "0"}))
		})
	}
	t.Run("this machine", func(t *testing.T) {
		devicetest.TestBackend(t, New(), devices.Machine{FS: os.DirFS("/"), Getenv: os.Getenv})
	})
}

func TestKinds(t *testing.T) {
	for _, c := range []struct {
		id, typ   string
		name      string
		peak      float64
		chips     any
		unmatched bool
	}{
		{"0x0063", "v5litepod-8", "TPU v5e", 197e12, 8, false},
		{"0x0063", "", "TPU v5e", 197e12, nil, false},
		{"0x0027", "v3-8", "TPU v3", 0, 4, false},
		{"0x0027", "v2-8", "TPU v2", 0, 4, false},
		{"0x0027", "", "TPU v2 or v3", 0, nil, false},
		{"0x005e", "v4-16", "TPU v4", 275e12, 8, false},
		{"0x0062", "v5p-8", "TPU v5p", 459e12, 4, false},
		{"0x006f", "v6e-4", "TPU v6e", 918e12, 4, false},
		{"0x0076", "", "TPU7x", 2307e12, nil, false},
		{"0x0056", "", "TPU plc", 0, nil, false},
		{"0x0063", "tpu", "TPU v5e", 197e12, nil, true},
	} {
		t.Run(c.id+" "+c.typ, func(t *testing.T) {
			inv, err := New().Find(t.Context(), machine(host(c.id, 4, "dev/accel%d"), map[string]string{envType: c.typ, envWorker: "1"}))
			require.NoError(t, err)
			require.Len(t, inv.Devices, 4)
			require.Equal(t, c.unmatched, len(inv.Problems) > 0)
			info := inv.Devices[3].Info()
			require.Equal(t, "tpu:3", info.ID)
			require.Equal(t, c.name, info.Name)
			require.Equal(t, c.chips, value(t, info, "chips_of_the_slice"))
			require.Equal(t, 1, value(t, info, "worker"))
			require.Equal(t, "/dev/accel3", value(t, info, "node"))
			if c.peak == 0 {
				require.Nil(t, info.Peak)
				require.Nil(t, info.MemoryBytes)
			} else {
				require.Equal(t, c.peak, info.Peak.Flops["bf16"])
				require.NotNil(t, info.MemoryBytes)
			}
		})
	}
}

func TestTypeFromMetadata(t *testing.T) {
	for name, c := range map[string]struct {
		metadata metadata
		want     any
	}{
		"told":         {metadata{status: 200, flavor: "Google", body: "v5litepod-16\n"}, "v5litepod-16"},
		"not a TPU":    {metadata{status: 404, flavor: "Google"}, nil},
		"someone else": {metadata{status: 200, body: "v5litepod-16"}, nil},
		"unreachable":  {metadata{err: errors.New("no route")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			m := machine(host("0x0063", 8, "dev/vfio/%d"), nil)
			m.HTTP = &c.metadata
			inv, err := New().Find(t.Context(), m)
			require.NoError(t, err)
			require.Equal(t, c.want, value(t, inv.Devices[0].Info(), "accelerator_type"))
			require.Equal(t, "Google", c.metadata.asked.Header.Get("Metadata-Flavor"))
		})
	}
	m := machine(host("0x0063", 1, "dev/vfio/%d"), nil)
	delete(m.FS.(fstest.MapFS), "sys/class/dmi/id/sys_vendor")
	asked := &metadata{status: 200, flavor: "Google", body: "v5litepod-1"}
	m.HTTP = asked
	_, err := New().Find(t.Context(), m)
	require.NoError(t, err)
	require.Nil(t, asked.asked, "elsewhere than on Google's cloud nobody is asked")
}

func TestNodesOfOthers(t *testing.T) {
	root := host("0x0063", 2, "dev/accel%d")
	root["sys/class/accel/accel0/device/vendor"] = file("0x8086\n") // an Intel NPU
	root["sys/class/accel/accel1/device/vendor"] = file("0x1ae0\n")
	inv, err := New().Find(t.Context(), machine(root, nil))
	require.NoError(t, err)
	require.Len(t, inv.Devices, 1)
	require.Equal(t, "/dev/accel1", value(t, inv.Devices[0].Info(), "node"))
	require.Equal(t, 2, value(t, inv.Devices[0].Info(), "chips_on_the_bus"))
}

func TestAbsence(t *testing.T) {
	onlyNPU := fstest.MapFS{"dev/accel0": file(""), pciBus + "/0000:00:0b.0/vendor": file("0x8086\n"), pciBus + "/0000:00:0b.0/device": file("0x7d1d\n")}
	for name, c := range map[string]struct {
		root         fstest.MapFS
		absent, text string
	}{
		"nothing":                     {nil, "no TPU on the PCI bus", ""},
		"the accelerator of another":  {onlyNPU, "no TPU on the PCI bus", ""},
		"network of Google":           {host("", 0, ""), "(the 1 Google devices there", ""},
		"a container without devices": {host("0x0063", 8, ""), "", "8 x TPU on the PCI bus"},
	} {
		t.Run(name, func(t *testing.T) {
			inv, err := New().Find(t.Context(), machine(c.root, map[string]string{envType: "v5litepod-8"}))
			require.Empty(t, inv.Devices)
			if c.absent != "" {
				require.ErrorIs(t, err, devices.ErrAbsent)
				require.ErrorContains(t, err, c.absent)
				return
			}
			require.NoError(t, err)
			require.Contains(t, inv.Problems[0].Text, c.text)
		})
	}
}

func TestHidden(t *testing.T) {
	inv, err := New().Find(t.Context(), machine(host("0x0063", 4, "dev/accel%d"), map[string]string{envVisible: "0,2"}))
	require.NoError(t, err)
	for i, want := range []bool{false, true, false, true} {
		require.Equal(t, want, inv.Devices[i].Info().Hidden != "", "chip %d", i)
	}
	require.Equal(t, "hidden by TPU_VISIBLE_CHIPS=0,2", inv.Devices[1].Info().Hidden)
}

func FuzzFind(f *testing.F) {
	f.Add("0x0063", "accel0", "v5litepod-8", "0")
	f.Add("0x0027", "vfio/12", "v99999999999-1", "-1")
	f.Fuzz(func(t *testing.T, id, node, typ, chips string) {
		root := host(id, 1, "")
		if valid := "dev/" + node; fsValid(valid) {
			maps.Copy(root, fstest.MapFS{valid: file("")})
		}
		inv, err := New().Find(t.Context(), machine(root, map[string]string{envType: typ, envVisible: chips}))
		if err != nil && !errors.Is(err, devices.ErrAbsent) {
			t.Fatal(err)
		}
		for _, d := range inv.Devices {
			if d.Info().Name == "" {
				t.Fatal("no name")
			}
		}
	})
}

func fsValid(name string) bool {
	return !strings.Contains(name, "..") && !strings.Contains(name, "//") && !strings.HasSuffix(name, "/") && !strings.Contains(name, "/./")
}
