package neuron

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSchemas(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     func(*testing.T, []entry)
	}{
		{"A", `[{"neuron_device":0,"bdf":"00:1f.0","connected_to":[1],"nc_count":4,"memory_size":8589934592,"neuron_processes":[{"pid":1,"command":"x"}]}]`,
			func(t *testing.T, e []entry) {
				require.Equal(t, "0000:00:1f.0", e[0].address, "releases that leave out the domain")
				require.Equal(t, 4, *e[0].logicalCores)
				require.Nil(t, e[0].lnc)
				require.Nil(t, e[0].numaNode)
				require.Equal(t, 1, *e[0].processes)
			}},
		{"B", `[{"neuron_device":0,"bdf":"cc:00.0","connected_to":[12,3,4,1],"nc_count":4,"logical_neuroncore_config":2,"memory_size":103079215104,"neuron_processes":null}]`,
			func(t *testing.T, e []entry) {
				require.Equal(t, 2, *e[0].lnc)
				require.Nil(t, e[0].processes)
			}},
		{"C", capture(t, "trn1.2xlarge.json"), func(t *testing.T, e []entry) {
			require.Nil(t, e[0].connectedTo)
			require.Nil(t, e[0].numaNode, `"-1" is none`)
			require.Equal(t, []int{0, 1}, e[0].coreIDs)
			require.Equal(t, uint64(34359738368), *e[0].memoryBytes)
		}},
		{"D", capture(t, "trn2.48xlarge-container.json"), func(t *testing.T, e []entry) {
			require.Equal(t, "trn2.48xlarge", e[0].instanceType)
			require.Equal(t, 1, *e[0].numaNode)
			require.Equal(t, 4, *e[0].logicalCores)
		}},
		{"object", `{"instance_type":"inf2.xlarge","instance_id":"i-0123456789abcdef0","neuron_devices":[{"neuron_device":0,"nc_count":2}]}`,
			func(t *testing.T, e []entry) { require.Equal(t, "inf2.xlarge", e[0].instanceType) }},
		{"fields of other forms", `[{"neuron_device":1,"bdf":7,"nc_count":"2","numa_node":1,"connected_to":"none","memory_size":-1},{"neuron_device":0,"new_field":{}}]`,
			func(t *testing.T, e []entry) {
				require.Equal(t, []int{0, 1}, []int{e[0].number, e[1].number}, "in order")
				require.Equal(t, entry{number: 1, numaNode: e[1].numaNode}, e[1])
				require.Equal(t, 1, *e[1].numaNode)
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := parse([]byte(c.in))
			require.NoError(t, err)
			c.want(t, e)
		})
	}
	for _, bad := range []string{"", "null", "[]", "{}", "[null]", "[{}]", `[{"neuron_device":-1}]`, `[{"neuron_device":1e9}]`,
		`[{"neuron_device":0},{"neuron_device":0}]`, `{"neuron_devices":{}}`, "instance-type: trn1.2xlarge\n"} {
		_, err := parse([]byte(bad))
		require.Error(t, err, bad)
	}
}

func capture(t testing.TB, name string) string {
	t.Helper()
	out, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return string(out)
}

func TestParsePower(t *testing.T) {
	p, ok := parsePower("POWER_STATUS_VALID,1718123460,11.25,63.40,31.07\n")
	require.True(t, ok)
	require.Equal(t, []float64{11.25, 63.4, 31.07}, []float64{*p.MinPercent, *p.MaxPercent, *p.AvgPercent})
	for _, status := range []string{"POWER_STATUS_NO_DATA", "POWER_STATUS_INVALID"} {
		p, ok = parsePower(status + ",0,0.00,0.00,0.00\n")
		require.True(t, ok)
		require.Equal(t, powerUse{Status: status}, p)
	}
	for _, bad := range []string{"", "\n", "31.07", "POWER_STATUS_VALID", "POWER_STATUS_VALID,1,a,b,c", "POWER_STATUS_VALID,1,-1,2,3",
		"POWER_STATUS_VALID,1,1,2,NaN", "POWER_STATUS_VALID,1,1,Inf,2"} {
		_, ok = parsePower(bad)
		require.False(t, ok, bad)
	}
}

func TestParseCores(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfNDistinct(rapid.IntRange(0, 2047), 1, 20, rapid.ID).Draw(t, "ids")
		text, err := json.Marshal(ids)
		require.NoError(t, err)
		got, ok := parseCores(strings.Trim(string(text), "[]"))
		slices.Sort(ids)
		require.True(t, ok)
		require.Equal(t, ids, got)
	})
	for _, bad := range []string{"", "-", "1-", "-1", "a", "1,,2", "0-99999999", "4294967296", "3-1"} {
		_, ok := parseCores(bad)
		require.False(t, ok, bad)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(capture(f, "trn1.2xlarge.json")))
	f.Add([]byte(capture(f, "trn2.48xlarge-container.json")))
	f.Add([]byte(`{"neuron_devices":[{"neuron_device":0,"numa_node":"x"}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		entries, err := parse(in)
		if (err == nil) == (len(entries) == 0) {
			t.Fatalf("%d entries and error %v", len(entries), err)
		}
		for _, e := range entries {
			if e.number < 0 || e.number > maxDevices || e.logicalCores != nil && *e.logicalCores < 1 || e.lnc != nil && *e.lnc < 1 {
				t.Fatalf("believed %+v", e)
			}
		}
	})
}

func FuzzComplaint(f *testing.F) {
	f.Add([]byte(`level=fatal msg="a \"b\"" error="c i-0123456789abcdef0"`))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		if s := complaint(in); s == "" || instanceID.MatchString(s) {
			t.Fatalf("%q", s)
		}
	})
}

func FuzzSysfs(f *testing.F) {
	f.Add("POWER_STATUS_VALID,1718123460,11.25,63.40,31.07\n")
	f.Add("8")
	f.Add("0-3,7")
	f.Fuzz(func(t *testing.T, s string) {
		if p, ok := parsePower(s); ok && (p.AvgPercent != nil) != (p.Status == powerValid) {
			t.Fatalf("%+v", p)
		}
		if n := parseCount(s); n != nil && strings.ContainsAny(s, "-.,") {
			t.Fatalf("%q is %d", s, *n)
		}
		if ids, ok := parseCores(s); ok && (len(ids) == 0 || !slices.IsSorted(ids)) {
			t.Fatalf("%v", ids)
		}
	})
}
