package nvml

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/devices"
)

func (g *fakeGPU) Sensors() sensors       { return g }
func (g *fakeGPU) Record() recorder       { return g }
func (g *fakeGPU) Close()                 { g.closed++ }
func (g *fakeGPU) Processes() (int, code) { return 0, g.answer }

func (g *fakeGPU) Fields(fields []field) ([]reply, code) {
	var out []reply
	for _, f := range fields {
		if g.asked == nil {
			g.asked = map[uint32]int{}
		}
		g.asked[f.id]++
		r, ok := g.fields[f]
		if !ok {
			r = reply{code: g.answer}
		}
		out = append(out, r)
	}
	return out, g.call
}

func (g *fakeGPU) Fault() (uint64, code) {
	if len(g.faults) == 0 {
		if g.watch == codeOK {
			return 0, codeTimeout
		}
		return 0, g.watch
	}
	next := g.faults[0]
	g.faults = g.faults[1:]
	return next, codeOK
}

func (g *fakeGPU) Activity() (activity, code) {
	if g.active == nil {
		return activity{}, codeNotSupported
	}
	return *g.active, codeOK
}

func alone(t *testing.T, g *fakeGPU) devices.Device {
	t.Helper()
	inv, err := find(t, fakeLibrary{driver: &fakeDriver{gpus: []*fakeGPU{g}}}, nil)
	require.NoError(t, err)
	require.Len(t, inv.Devices, 1)
	return inv.Devices[0]
}

// A field that the GPU lacks is asked for once, one that has no value yet again and again.
func TestFieldsAreAskedOnce(t *testing.T) {
	g := &fakeGPU{name: "NVIDIA L4", answer: codeNotSupported, fields: map[field]reply{
		{id: fieldPowerInstant}: {value: 72000}, {id: fieldMemoryTemperature}: {code: codeNoData}, {id: fieldPowerAverage}: {code: codeUnknown},
	}}
	d := alone(t, g)
	for range 3 {
		r, err := d.Read(context.Background())
		require.NoError(t, err)
		require.Equal(t, 72.0, *r.PowerWatts)
		require.Nil(t, r.MemoryTemperatureC)
	}
	require.Equal(t, 3, g.asked[fieldPowerInstant])
	require.Equal(t, 3, g.asked[fieldMemoryTemperature])
	require.Equal(t, 3, g.asked[fieldPowerAverage])
	require.Equal(t, 1, g.asked[fieldEnergy])
	require.Equal(t, 1, g.asked[fieldPCIeSent])
	_, err := d.(devices.Meter).ReadPower(context.Background())
	require.NoError(t, err)
	require.Equal(t, 4, g.asked[fieldPowerInstant])
	require.Equal(t, 3, g.asked[fieldPowerAverage], "power alone")
	require.NoError(t, d.Close())
	require.Equal(t, 1, g.closed)
}

// Without the function for fields the older functions serve, and the one that is missing is not called again.
func TestFieldsMissing(t *testing.T) {
	g := &fakeGPU{name: "Tesla P100", answer: codeNotSupported, call: codeFunctionNotFound, numbers: map[number]uint64{numPower: 150000, numEnergy: 9000}}
	d := alone(t, g)
	for range 2 {
		r, err := d.Read(context.Background())
		require.NoError(t, err)
		require.Equal(t, 150.0, *r.PowerWatts)
		require.Equal(t, "nvml_power_usage", r.PowerSource)
		require.Equal(t, 9.0, *r.EnergyJoules)
		require.Equal(t, "nvml_energy_counter", r.EnergySource)
	}
	require.Equal(t, 1, g.asked[fieldPowerInstant])
}

func TestLostGPUSaysSo(t *testing.T) {
	for name, g := range map[string]*fakeGPU{
		"a field":     {fields: map[field]reply{{id: fieldEnergy}: {code: codeLost}}},
		"the call":    {call: codeResetRequired},
		"the watcher": {watch: codeLost},
	} {
		t.Run(name, func(t *testing.T) {
			g.name, g.answer = "NVIDIA L4", codeNotSupported
			g.numbers = map[number]uint64{numTemperature: 40}
			_, err := alone(t, g).Read(context.Background())
			require.ErrorIs(t, err, devices.ErrLost)
			require.NotErrorIs(t, err, devices.ErrAbsent)
		})
	}
	_, err := alone(t, &fakeGPU{name: "NVIDIA L4", answer: codeUnknown}).Read(context.Background())
	require.Error(t, err)
	require.NotErrorIs(t, err, devices.ErrLost)
}

func TestFaultsAddUp(t *testing.T) {
	g := &fakeGPU{name: "NVIDIA L4", answer: codeNotSupported}
	d := alone(t, g)
	for _, c := range []struct {
		reported []uint64
		want     []string
	}{
		{nil, []string{}}, {[]uint64{79, 79}, []string{"Xid 79"}}, {[]uint64{48, 79}, []string{"Xid 79", "Xid 48"}},
	} {
		g.faults = c.reported
		r, err := d.Read(context.Background())
		require.NoError(t, err)
		require.Equal(t, c.want, r.Faults)
	}
	for range 1000 {
		g.faults = append(g.faults, 13)
	}
	r, err := d.Read(context.Background())
	require.NoError(t, err)
	require.Len(t, r.Faults, 3)
	require.Len(t, g.faults, 1000-maxFaults, "a GPU that reports without end holds nobody up")
}

// Energy of a GPU is a slice's if no other slice is there, of whatever use.
func TestEnergyOfSlices(t *testing.T) {
	slice := func() *fakeGPU { return &fakeGPU{name: "A100 MIG 1g.5gb", answer: codeNotSupported} }
	active := 30.0
	for name, c := range map[string]struct {
		slices map[int]*fakeGPU
		own    bool
	}{
		"alone":              {map[int]*fakeGPU{2: slice()}, true},
		"one of two":         {map[int]*fakeGPU{2: slice(), 3: slice()}, false},
		"beside one unknown": {map[int]*fakeGPU{2: slice(), 3: {handle: codeNoPermission}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := &fakeGPU{name: "A100", answer: codeNotSupported, slices: c.slices, active: &activity{cores: &active},
				numbers: map[number]uint64{numMIGMode: migEnabled, numMaxSlices: 7},
				fields:  map[field]reply{{id: fieldEnergy}: {value: 5000}, {id: fieldPowerInstant}: {value: 90000}, {id: fieldPowerAverage}: {value: 80000}}}
			inv, err := find(t, fakeLibrary{driver: &fakeDriver{gpus: []*fakeGPU{g}}}, nil)
			require.NoError(t, err)
			r, err := inv.Devices[0].Read(context.Background())
			require.NoError(t, err)
			power, err := inv.Devices[0].(devices.Meter).ReadPower(context.Background())
			require.NoError(t, err)
			info := inv.Devices[0].Info()
			if c.own {
				require.Equal(t, 5.0, *r.EnergyJoules)
				require.Equal(t, 90.0, *power.PowerWatts)
				require.Equal(t, 30.0, *r.CoresActivePercent)
				require.Contains(t, info.EnergyScope, "only slice seen")
				require.Empty(t, info.Unmetered)
				require.Equal(t, info.EnergyScope, info.Details[len(info.Details)-1].Value)
				return
			}
			require.Nil(t, r.EnergyJoules)
			require.Nil(t, r.PowerWatts)
			require.Nil(t, r.PowerAverageWatts)
			require.Nil(t, power.PowerWatts)
			require.Nil(t, power.EnergyJoules)
			require.Nil(t, r.CoresActivePercent)
			require.Contains(t, info.Unmetered, "2 slices share: not attributable")
			require.Empty(t, info.EnergyScope)
		})
	}
}

func TestNVLink(t *testing.T) {
	links, speed := nvlink(nil)
	require.Nil(t, links)
	require.Nil(t, speed)
	links, speed = nvlink(map[field]uint64{{fieldNVLinkSpeed, 0}: 0})
	require.Equal(t, 0, links)
	require.Nil(t, speed)
	rapid.Check(t, func(t *rapid.T) {
		speeds := rapid.SliceOfN(rapid.Uint64Range(0, 1e6), 1, maxLinks).Draw(t, "speeds")
		values, active := map[field]uint64{}, 0
		for i, s := range speeds {
			values[field{fieldNVLinkSpeed, uint32(i)}] = s
			if s > 0 {
				active++
			}
		}
		links, speed := nvlink(values)
		require.Equal(t, active, links)
		if active > 0 {
			require.Contains(t, speeds, uint64(speed.(int)))
		}
	})
}
