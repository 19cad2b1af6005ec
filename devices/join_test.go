package devices_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
)

func ptr[T any](x T) *T { return &x }

func gpu(id, name, uuid string) devices.Info {
	return devices.Info{Backend: "nvml", ID: id, Name: name, UUID: uuid, Driver: "550", MemoryBytes: ptr(uint64(80)), Cores: ptr(132),
		Peak:    &devices.SpecPeak{Flops: map[string]float64{"bf16": 1000, "f32": 60}, BytesPerSecond: ptr(3.0), TDPWatts: ptr(700.0), Source: "sheet"},
		Details: []devices.Detail{{Name: "mig", Value: "off"}, {Name: "pci_address", Value: id}}}
}

func TestJoinedInfo(t *testing.T) {
	a, b, c := gpu("nvml:0", "H100", "GPU-a"), gpu("nvml:1", "H100", "GPU-b"), gpu("nvml:2", "A100", "")
	require.Equal(t, a, devices.JoinedInfo([]devices.Info{a}), "one is itself")

	two := devices.JoinedInfo([]devices.Info{a, b})
	require.Equal(t, devices.Info{Backend: "nvml", ID: "nvml:0+nvml:1", Members: []string{"nvml:0", "nvml:1"}, Name: "2 x H100", UUID: "GPU-a,GPU-b",
		Driver: "550", MemoryBytes: ptr(uint64(160)), Cores: ptr(264),
		Peak:    &devices.SpecPeak{Flops: map[string]float64{"bf16": 2000, "f32": 120}, BytesPerSecond: ptr(6.0), TDPWatts: ptr(1400.0), Source: "sheet"},
		Details: []devices.Detail{{Name: "mig", Value: "off"}}}, two)
	require.InDelta(t, 1000, a.Peak.Flops["bf16"], 0, "what goes in stays as it is")

	c.Cores, c.Driver, c.Peak.Unverified = nil, "570", true
	delete(c.Peak.Flops, "bf16")
	mixed := devices.JoinedInfo([]devices.Info{a, b, c})
	require.Equal(t, "H100 + H100 + A100", mixed.Name)
	require.Equal(t, "550, 570", mixed.Driver)
	require.Empty(t, mixed.UUID, "one is not known")
	require.Nil(t, mixed.Cores)
	require.Equal(t, map[string]float64{"f32": 180}, mixed.Peak.Flops, "a precision that one lacks has no peak")
	require.True(t, mixed.Peak.Unverified)
	b.Hidden = "hidden by X=0"
	require.Equal(t, "nvml:1 is hidden by X=0", devices.JoinedInfo([]devices.Info{a, b}).Hidden)
	c.Peak = nil
	require.Nil(t, devices.JoinedInfo([]devices.Info{a, c}).Peak)
}

// TestMemberInfos: what is known of each is found again.
func TestMemberInfos(t *testing.T) {
	a, b, c := gpu("nvml:0", "H100", "GPU-a"), gpu("nvml:1", "H100", "GPU-b"), gpu("nvml:2", "A100", "GPU-c")
	require.Equal(t, []devices.Info{a}, devices.MemberInfos(a))
	for _, members := range [][]devices.Info{{a, b}, {a, b, c}, {c, a}} {
		joined := devices.JoinedInfo(members)
		for i, m := range devices.MemberInfos(joined) {
			want := members[i]
			require.Equal(t, devices.Info{Backend: want.Backend, ID: want.ID, Name: want.Name, UUID: want.UUID, Details: []devices.Detail{{Name: "mig", Value: "off"}}}, m)
		}
	}
	c.UUID = ""
	for _, m := range devices.MemberInfos(devices.JoinedInfo([]devices.Info{a, c})) {
		require.Empty(t, m.UUID, "of which one is not known")
	}
}

func TestJoinedReading(t *testing.T) {
	first := devices.Reading{Time: time.Unix(1, 0), PowerWatts: ptr(300.0), PowerSource: "instant", EnergyJoules: ptr(1000.0), EnergySource: "counter",
		TemperatureC: ptr(60.0), ClockMHz: ptr(1700.0), UtilizationPercent: ptr(99.0), MemoryUsedBytes: ptr(uint64(7)), ECCUncorrected: ptr(uint64(0)),
		PCIeGeneration: ptr(5), Throttle: []string{}, Faults: []string{"Xid 13"}, RemapPending: ptr(true),
		ThrottledSeconds: map[string]float64{"power": 2, "thermal": 1}, Processes: ptr(1)}
	second := devices.Reading{Time: time.Unix(2, 0), PowerWatts: ptr(200.0), PowerSource: "instant", EnergyJoules: ptr(500.0), EnergySource: "integral",
		TemperatureC: ptr(70.0), ClockMHz: ptr(1500.0), UtilizationPercent: ptr(40.0), MemoryUsedBytes: ptr(uint64(5)), ECCUncorrected: ptr(uint64(3)),
		PCIeGeneration: ptr(4), Throttle: []string{"power"}, Faults: []string{"Xid 13", "Xid 79"}, RemapPending: ptr(false),
		ThrottledSeconds: map[string]float64{"power": 4}, Processes: ptr(2)}
	dev := devices.Join([]devices.Device{
		&devicetest.Device{DeviceInfo: gpu("nvml:0", "H100", ""), Reading: first},
		&devicetest.Device{DeviceInfo: gpu("nvml:1", "H100", ""), Reading: second}})
	require.Equal(t, "nvml:0+nvml:1", dev.Info().ID)
	r, err := dev.Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, devices.Reading{Time: r.Time, PowerWatts: ptr(500.0), PowerSource: "instant", // energies of unlike counters are no sum
		TemperatureC: ptr(70.0), ClockMHz: ptr(1500.0), UtilizationPercent: ptr(40.0), MemoryUsedBytes: ptr(uint64(12)), ECCUncorrected: ptr(uint64(3)),
		PCIeGeneration: ptr(4), Throttle: []string{"power"}, Faults: []string{"Xid 13", "Xid 79"}, RemapPending: ptr(true),
		ThrottledSeconds: map[string]float64{"power": 0}, Processes: ptr(2)}, r)
	require.NoError(t, dev.Close())
}

// All wait for the one that is held down.
func TestJoinedThrottling(t *testing.T) {
	var members []devices.Device
	var all []*devicetest.Device
	for i := range 8 {
		d := &devicetest.Device{DeviceInfo: gpu(fmt.Sprintf("nvml:%d", i), "H100", "")}
		all, members = append(all, d), append(members, d)
	}
	dev := devices.Join(members)
	at := func(i int, thermal float64) map[string]float64 {
		for j, d := range all {
			d.Reading = devices.Reading{Time: time.Unix(1, 0), ThrottledSeconds: map[string]float64{"thermal": float64(1000 * j), "power": 1}}
			if j == i {
				d.Reading.ThrottledSeconds["thermal"] += thermal
			}
		}
		r, err := dev.Read(t.Context())
		require.NoError(t, err)
		return r.ThrottledSeconds
	}
	power, err := dev.(devices.Meter).ReadPower(t.Context())
	require.NoError(t, err)
	require.Nil(t, power.ThrottledSeconds)
	require.Equal(t, map[string]float64{"thermal": 0, "power": 0}, at(0, 0))
	require.Equal(t, map[string]float64{"thermal": 3, "power": 0}, at(5, 3))
	delete(all[2].Reading.ThrottledSeconds, "thermal")
	r, err := dev.Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]float64{"power": 0}, r.ThrottledSeconds, "one does not count it")
}

func TestJoinedFaults(t *testing.T) {
	fine := &devicetest.Device{DeviceInfo: gpu("nvml:0", "H100", "")}
	dev := devices.Join([]devices.Device{fine, &devicetest.Device{DeviceInfo: gpu("nvml:1", "H100", ""),
		ReadError: fmt.Errorf("reading nvml:1: %w", devices.ErrLost), CloseError: errors.New("cannot be closed")}})
	_, err := dev.Read(t.Context())
	require.ErrorIs(t, err, devices.ErrLost)
	require.ErrorContains(t, dev.Close(), "cannot be closed")
}
