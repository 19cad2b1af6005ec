package bench

import (
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
)

func ptr[T any](v T) *T { return &v }

func TestDisturbances(t *testing.T) {
	reading := func(steal, throttled float64, reasons ...string) devices.Reading {
		return devices.Reading{CPUStealSeconds: &steal, CPUThrottledSeconds: &throttled, Throttle: reasons}
	}
	quiet := []devices.Reading{reading(5, 1), reading(5, 1), reading(5, 1)}
	for _, c := range []struct {
		name     string
		cpu      time.Duration // of 10 s
		forced   int64
		threads  *int
		readings []devices.Reading
		want     []string // beginnings
	}{
		{"quiet", 19500 * time.Millisecond, 50, ptr(2), quiet, nil},
		{"contended", 15 * time.Second, 3000, ptr(2), quiet, []string{"contended: 2 threads got 1.50 CPUs and were forced off them 150 times"}},
		{"idle threads are no contention", 12 * time.Second, 50, ptr(2), quiet, nil},
		{"a competitor that takes little", 19 * time.Second, 3000, ptr(2), quiet, nil},
		{"no CPU engine", time.Second, 3000, nil, quiet, nil},
		{"steal", 20 * time.Second, 0, ptr(2), []devices.Reading{reading(5, 1), reading(5.5, 1)}, []string{"the hypervisor took 2.5 %"}},
		{"little steal", 20 * time.Second, 0, ptr(2), []devices.Reading{reading(5, 1), reading(5.3, 1)}, nil},
		{"steal from one thread of two CPUs", 10 * time.Second, 0, ptr(1), []devices.Reading{reading(5, 1), reading(5.3, 1)},
			[]string{"the hypervisor took 3.0 %"}},
		{"quota", 20 * time.Second, 0, ptr(2), []devices.Reading{reading(5, 1), reading(5, 1.3)}, []string{"a cgroup quota stopped the process for 1.5 %"}},
		{"hot device", 0, 0, nil, []devices.Reading{reading(0, 0), reading(0, 0, "power-cap", "thermal"), reading(0, 0, "thermal")},
			[]string{"the device was throttled: thermal"}},
		{"a power limit lasts", 0, 0, nil, []devices.Reading{reading(0, 0), reading(0, 0, "power-cap")}, nil},
		{"a reason that is not told may last", 0, 0, nil, []devices.Reading{reading(0, 0), reading(0, 0, devices.UntoldReason)}, nil},
		{"hot only before", 0, 0, nil, []devices.Reading{reading(0, 0, "thermal"), reading(0, 0)}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := surroundings{wall: 10 * time.Second, before: &usage{cpu: time.Second, forced: 7},
				after: &usage{cpu: time.Second + c.cpu, forced: 7 + c.forced}, readings: c.readings, threads: c.threads, cpus: 2}
			n := s.noise()
			require.InDelta(t, c.cpu.Seconds()/10, *n.CPUOverWall, 1e-9)
			require.Equal(t, c.forced, *n.InvoluntarySwitches)
			got := s.disturbances(n)
			require.Len(t, got, len(c.want), "%v", got)
			for i := range got {
				require.Contains(t, got[i], c.want[i])
			}
		})
	}
}

func TestNoiseUnknownIsNil(t *testing.T) {
	require.Equal(t, Noise{}, surroundings{wall: time.Second, cpus: 2, readings: []devices.Reading{{}, {}}}.noise())
	require.Equal(t, Noise{}, surroundings{}.noise())
	require.Empty(t, surroundings{wall: time.Second, threads: ptr(2)}.disturbances(Noise{}))
}

func TestLoadAverage(t *testing.T) {
	for text, want := range map[string]*float64{
		"0.52 0.58 0.59 1/467 12345\n": ptr(0.52), "0.00": ptr(0.0), "": nil, "many": nil, "-1 0": nil, "NaN": nil,
	} {
		require.Equal(t, want, loadAverage(fstest.MapFS{"proc/loadavg": {Data: []byte(text)}}), "%q", text)
	}
	require.Nil(t, loadAverage(fstest.MapFS{}))
	require.Nil(t, loadAverage(nil))
}

func TestUsageGrows(t *testing.T) {
	before := usageNow(os.DirFS("/"))
	require.NotNil(t, before)
	x := 1.0
	for after := usageNow(os.DirFS("/")); after.cpu <= before.cpu; after = usageNow(os.DirFS("/")) {
		x += 1 / x
	}
	require.Positive(t, x)
}
