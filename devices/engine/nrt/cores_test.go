package nrt

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/devices"
)

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func chip(id string, cores int, details ...devices.Detail) devices.Info {
	return devices.Info{Backend: backend, ID: id, Name: "Trainium2", Cores: &cores, Details: details}
}

func TestCores(t *testing.T) {
	ids := func(text string) devices.Detail { return devices.Detail{Name: "neuroncore_ids", Value: text} }
	for name, test := range map[string]struct {
		dev    devices.Info
		env    []string
		want   string
		hidden int
		err    string
		is     error
	}{
		"as neuron-ls tells":          {dev: chip("neuron:3", 4, ids("0,1,2,3")), want: "0-3"},
		"counted":                     {dev: chip("neuron:3", 4), want: "12-15"},
		"without ids":                 {dev: chip("neuron:1", 2, devices.Detail{Name: "neuroncore_ids"}), want: "2-3"},
		"the user leaves some":        {dev: chip("neuron:1", 4), env: []string{visibleCores, "0-5"}, want: "4-5", hidden: 2},
		"the user leaves all":         {dev: chip("neuron:0", 4), env: []string{visibleCores, " 0 - 3"}, err: "write core numbers"},
		"the user leaves more":        {dev: chip("neuron:0", 4), env: []string{visibleCores, "0-9"}, want: "0-3"},
		"single ones":                 {dev: chip("neuron:0", 4), env: []string{visibleCores, "3, 1"}, want: "1,3", hidden: 2},
		"a number":                    {dev: chip("neuron:1", 4), env: []string{numberCores, "3"}, want: "4-6", hidden: 1},
		"a number is passed over":     {dev: chip("neuron:1", 4), env: []string{numberCores, "1", visibleCores, "4-7"}, want: "4-7"},
		"zero is all":                 {dev: chip("neuron:0", 4), env: []string{numberCores, "0"}, want: "0-3"},
		"the user leaves none":        {dev: chip("neuron:0", 2), env: []string{visibleCores, "4-7"}, err: "NEURON_RT_VISIBLE_CORES=4-7 leaves none of its cores 0-1", is: devices.ErrAbsent},
		"no cores":                    {dev: chip("neuron:0", 2), env: []string{visibleCores, "4-x"}, err: `NEURON_RT_VISIBLE_CORES="4-x"`, is: devices.ErrAbsent},
		"no number":                   {dev: chip("neuron:0", 2), env: []string{numberCores, "-2"}, err: "no number of cores", is: devices.ErrAbsent},
		"which are its is not known":  {dev: devices.Info{Backend: backend, ID: "neuron:0"}, err: "neuron-ls tells", is: devices.ErrUnsupported},
		"which are its, without a no": {dev: chip("neuron:x", 2), err: "neuron-ls tells", is: devices.ErrUnsupported},
	} {
		e := New(Options{Getenv: env(test.env...)}).(*engine)
		c, err := e.cores(test.dev)
		if test.err != "" {
			require.ErrorContains(t, err, test.err, name)
			if test.is != nil {
				require.ErrorIs(t, err, test.is, name)
			}
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, test.want, writeCores(c.ids), name)
		require.Equal(t, test.hidden, c.hidden, name)
		require.Equal(t, test.hidden > 0, len(c.details()) == 2, name)
	}
}

func TestCoresAreWrittenAsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfNDistinct(rapid.IntRange(0, 60), 1, 40, rapid.ID[int]).Draw(t, "ids")
		slices.Sort(ids)
		got, err := parseCores(writeCores(ids))
		require.NoError(t, err)
		require.Equal(t, ids, got)
	})
}

func FuzzParseCores(f *testing.F) {
	f.Add("0-3,7")
	f.Add("18446744073709551615-")
	f.Fuzz(func(t *testing.T, text string) {
		if ids, err := parseCores(text); err == nil {
			require.NotEmpty(t, ids)
			require.LessOrEqual(t, len(ids), maxCores)
		}
	})
}

func TestSameCoreSize(t *testing.T) {
	of := func(size any) devices.Info {
		return chip("neuron:0", 4, devices.Detail{Name: "logical_nc_config", Value: size})
	}
	require.NoError(t, sameCoreSize(of(2), 2))
	require.NoError(t, sameCoreSize(of(float64(2)), 2), "after JSON")
	require.NoError(t, sameCoreSize(of(nil), 1), "not known here")
	require.NoError(t, sameCoreSize(of(2), 0), "not said there")
	err := sameCoreSize(of(2), 1)
	require.ErrorIs(t, err, devices.ErrUnsupported)
	require.ErrorContains(t, err, "NEURON_LOGICAL_NC_CONFIG=1")
	require.ErrorContains(t, err, "--logical-nc-config=2")
}

func TestFind(t *testing.T) {
	lib := func(names ...string) fstest.MapFS {
		m := fstest.MapFS{}
		for _, n := range names {
			m[n] = &fstest.MapFile{}
		}
		return m
	}
	for name, test := range map[string]struct {
		places Places
		want   Found
		err    string
	}{
		"named":        {Places{lib("home/me/libnrt.so", "opt/aws/neuron/lib/libnrt.so.1"), env(LibraryVariable, "/home/me/libnrt.so")}, Found{"/home/me/libnrt.so", SourceNamed}, ""},
		"named, gone":  {Places{lib("opt/aws/neuron/lib/libnrt.so.1"), env(LibraryVariable, "/home/me/libnrt.so")}, Found{}, "is not there: no file libnrt.so"},
		"named, a dir": {Places{lib("home/me/libnrt.so/x"), env(LibraryVariable, "/home/me/libnrt.so")}, Found{}, "is not there"},
		"relative":     {Places{lib(), env(LibraryVariable, "libnrt.so")}, Found{}, "absolute path"},
		"vendor":       {Places{lib("opt/aws/neuron/lib/libnrt.so.1", "opt/aws/neuron/lib/libnrt.so"), env()}, Found{"/opt/aws/neuron/lib/libnrt.so.1", SourceVendor}, ""},
		"vendor, dev":  {Places{lib("opt/aws/neuron/lib/libnrt.so"), env()}, Found{"/opt/aws/neuron/lib/libnrt.so", SourceVendor}, ""},
		"loader":       {Places{lib(), env()}, Found{"libnrt.so.1", SourceLoader}, ""},
	} {
		got, err := Find(test.places)
		require.Equal(t, test.want, got, name)
		if test.err != "" {
			require.ErrorContains(t, err, test.err, name)
			require.NotContains(t, err.Error(), "/home", name)
			continue
		}
		require.NoError(t, err, name)
	}
}

func TestTargets(t *testing.T) {
	two := devices.Detail{Name: "logical_nc_config", Value: 2}
	for name, want := range map[string]string{
		"Trainium1":   "compile in.hlo --framework XLA --target trn1 --model-type m --auto-cast none --enable-saturate-infinity --enable-fast-loading-neuron-binaries --output out.neff",
		"Inferentia2": "compile in.hlo --framework XLA --target inf2 --model-type m --auto-cast none --enable-saturate-infinity --enable-fast-loading-neuron-binaries --output out.neff",
		"Trainium2":   "compile in.hlo --framework XLA --target trn2 --model-type m --auto-cast none --logical-nc-config 2 --enable-fast-loading-neuron-binaries --output out.neff",
		"Trainium3":   "compile in.hlo --framework XLA --target trn3 --model-type m --auto-cast none --logical-nc-config 2 --enable-fast-loading-neuron-binaries --output out.neff",
	} {
		dev := chip("neuron:0", 4, two)
		dev.Name = name
		target, err := targetOf(dev)
		require.NoError(t, err)
		target.model = "m"
		require.Equal(t, want, strings.Join(target.args("in.hlo", "out.neff"), " "))
	}
	for _, name := range []string{"Inferentia1", "Neuron device"} {
		_, err := targetOf(devices.Info{Name: name})
		require.ErrorIs(t, err, devices.ErrUnsupported)
	}
}
