package bench

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

func TestContendedByTheRunQueue(t *testing.T) {
	const second = time.Second
	threads := func(waits ...time.Duration) map[int]sysfiles.Scheduling {
		out := map[int]sysfiles.Scheduling{}
		for i, w := range waits {
			out[i+1] = sysfiles.Scheduling{Ran: 3 * second, Waited: w}
		}
		return out
	}
	for name, c := range map[string]struct {
		before, after map[int]sysfiles.Scheduling
		engine        *int
		want          *float64
		reason        string
	}{
		"quiet":                         {threads(second, 0), threads(second, 100*time.Millisecond), ptr(2), ptr(0.005), ""},
		"two threads waited":            {threads(0, second), threads(2*second, 3*second), ptr(2), ptr(0.2), "contended: threads waited for a CPU 20.0 % of the time (limit 5 %); stop what else runs"},
		"an engine off the CPU":         {threads(0), threads(2 * second), nil, ptr(0.2), "contended: threads waited for a CPU 20.0 %"},
		"an engine without threads":     {threads(0), threads(2 * second), ptr(0), ptr(0.2), "contended: threads waited for a CPU 20.0 %"},
		"a thread that began meanwhile": {threads(0), threads(0, 2*second), ptr(1), ptr(0.2), "contended"},
		"a thread that ended meanwhile": {threads(0, 9*second), threads(0), ptr(1), ptr(0.0), ""},
		"an id that was given anew":     {threads(9 * second), threads(2 * second), ptr(1), ptr(0.2), "contended"},
		"another id that was given anew": {map[int]sysfiles.Scheduling{1: {Ran: 9 * second, Waited: second}},
			map[int]sysfiles.Scheduling{1: {Ran: second, Waited: 2 * second}}, ptr(1), ptr(0.2), "contended"},
		"an engine idle by itself":       {threads(0, 0), threads(0, 0), ptr(2), ptr(0.0), ""},
		"not accounted at the beginning": {nil, threads(9 * second), ptr(2), nil, "contended: 2 threads got 1.00 CPUs and were forced off them 250 times"},
		"not accounted at the end":       {threads(0), nil, ptr(2), nil, "contended: 2 threads got 1.00 CPUs and were forced off them 250 times"},
	} {
		t.Run(name, func(t *testing.T) {
			// By CPU time and forced switches each of these would be contended.
			s := surroundings{wall: 10 * second, threads: c.engine, cpus: 2, before: &usage{threads: c.before},
				after: &usage{cpu: 10 * second, forced: 5000, threads: c.after}}
			n := s.noise()
			require.Nil(t, n.OthersFraction)
			if c.want == nil {
				require.Nil(t, n.RunQueueFraction)
			} else {
				require.InDelta(t, *c.want, *n.RunQueueFraction, 1e-9)
			}
			got := s.disturbances(n)
			if c.reason == "" {
				require.Empty(t, got)
				return
			}
			require.Len(t, got, 1)
			require.Contains(t, got[0], c.reason)
		})
	}
}

// Threads that wait while nobody else computes wait for each other, which is how the engine works on this machine.
func TestContentionNeedsOthers(t *testing.T) {
	for name, c := range map[string]struct {
		busy   float64 // seconds of the machine, of which 12 are this process's
		wall   time.Duration
		share  float64 // of two threads
		reason string
	}{
		"alone":                       {12, 10 * time.Second, 0, ""},
		"ticks say less than is true": {11.9, 10 * time.Second, 0, ""},
		"a little beside":             {13, 10 * time.Second, 0.05, ""},
		"others":                      {13.2, 10 * time.Second, 0.06, "contended: threads waited for a CPU 20.0 % of the time (limit 5 %) while other processes computed for 6 % of theirs; stop what else runs"},
		"few ticks of a short run":    {12.04, 100 * time.Millisecond, 0.2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			waited := time.Duration(0.4 * float64(c.wall))
			s := surroundings{wall: c.wall, threads: ptr(2), cpus: 2,
				before: &usage{threads: map[int]sysfiles.Scheduling{1: {}}, machine: &sysfiles.CPUTimes{Busy: 100}},
				after: &usage{cpu: 12 * time.Second, threads: map[int]sysfiles.Scheduling{1: {Ran: 1, Waited: waited}},
					machine: &sysfiles.CPUTimes{Busy: 100 + c.busy}}}
			n := s.noise()
			require.InDelta(t, c.share, *n.OthersFraction, 1e-6)
			if reason := s.contended(n); c.reason == "" {
				require.Empty(t, reason)
			} else {
				require.Equal(t, c.reason, reason)
			}
		})
	}
}

func TestWaitedIsNeverNegative(t *testing.T) {
	account := rapid.MapOf(rapid.IntRange(1, 5), rapid.Custom(func(t *rapid.T) sysfiles.Scheduling {
		d := rapid.Int64Range(0, int64(time.Hour))
		return sysfiles.Scheduling{Ran: time.Duration(d.Draw(t, "ran")), Waited: time.Duration(d.Draw(t, "waited"))}
	}))
	rapid.Check(t, func(t *rapid.T) {
		before, after := account.Draw(t, "before"), account.Draw(t, "after")
		got := waited(&usage{threads: before}, &usage{threads: after})
		require.GreaterOrEqual(t, *got, time.Duration(0))
		require.Equal(t, time.Duration(0), *waited(&usage{threads: after}, &usage{threads: after}))
	})
	require.Nil(t, waited(nil, &usage{threads: map[int]sysfiles.Scheduling{}}))
	require.Nil(t, waited(&usage{threads: map[int]sysfiles.Scheduling{}}, nil))
}

func TestUsageHasThreads(t *testing.T) {
	if _, err := os.Stat("/proc/self/schedstat"); err != nil {
		t.Skip("this kernel does not account run queues")
	}
	require.NotEmpty(t, usageNow(os.DirFS("/")).threads)
	require.Nil(t, usageNow(nil).threads)
}

func TestClockUnderLoad(t *testing.T) {
	reading := func(mhz float64, more ...func(*devices.Reading)) devices.Reading {
		r := devices.Reading{ClockMHz: &mhz}
		for _, m := range more {
			m(&r)
		}
		return r
	}
	busy := func(percent float64) func(*devices.Reading) {
		return func(r *devices.Reading) { r.UtilizationPercent = &percent }
	}
	held := func(reason string) func(*devices.Reading) {
		return func(r *devices.Reading) { r.Throttle = []string{reason} }
	}
	for name, c := range map[string]struct {
		loaded []devices.Reading
		change *float64
		reason string
	}{
		"none":            {nil, nil, ""},
		"one":             {[]devices.Reading{reading(2000)}, nil, ""},
		"steady":          {[]devices.Reading{reading(2000), reading(1950), reading(1901)}, ptr(-0.0495), ""},
		"falls":           {[]devices.Reading{reading(2000), reading(1950), reading(1890)}, ptr(-0.055), "clock changed: from 2000 to 1890 MHz under load, -5.5 % (limit 5 %)"},
		"rises":           {[]devices.Reading{reading(2000), reading(2120)}, ptr(0.06), "from 2000 to 2120 MHz under load, +6.0 %"},
		"falls and rises": {[]devices.Reading{reading(2000), reading(1780), reading(2000)}, ptr(0.0), "clock changed: between 1780 and 2000 MHz under load, by 11.0 % (limit 10 %)"},
		"wavers a little": {[]devices.Reading{reading(2000), reading(1810), reading(2000)}, ptr(0.0), ""},
		"falls when idle": {[]devices.Reading{reading(2000, busy(99)), reading(400, busy(50)), reading(1990, busy(90))}, ptr(-0.005), ""},
		"moves at its power limit": {[]devices.Reading{reading(1980, held("power-cap")), reading(1500, held("power-cap"))},
			nil, ""},
		"held by heat":  {[]devices.Reading{reading(1980), reading(1500, held("thermal"))}, ptr(-480.0 / 1980), "from 1980 to 1500 MHz"},
		"unread":        {[]devices.Reading{{}, {}, {}}, nil, ""},
		"a clock of 0":  {[]devices.Reading{reading(0), reading(2000)}, nil, ""},
		"unread within": {[]devices.Reading{reading(2000), {}, reading(2100)}, ptr(0.05), ""},
	} {
		t.Run(name, func(t *testing.T) {
			// The readings beside the timed part do not count.
			all := append(append([]devices.Reading{reading(200)}, c.loaded...), reading(300))
			s := surroundings{wall: time.Second, cpus: 1, readings: all}
			got := s.noise().ClockChange
			if c.change == nil {
				require.Nil(t, got)
			} else {
				require.InDelta(t, *c.change, *got, 1e-9)
			}
			reason := clockReason(s.clocks())
			if c.reason == "" {
				require.Empty(t, reason)
				return
			}
			require.Contains(t, reason, c.reason)
			require.Contains(t, s.disturbances(s.noise()), reason)
		})
	}
}

type sensors struct {
	devices.Device
	reading devices.Reading
	err     error
}

func (s sensors) Read(context.Context) (devices.Reading, error) { return s.reading, s.err }

func TestForeignProcesses(t *testing.T) {
	require.Equal(t, ptr(2), foreignProcesses(t.Context(), sensors{reading: devices.Reading{Processes: ptr(2)}}))
	require.Nil(t, foreignProcesses(t.Context(), sensors{}))
	require.Nil(t, foreignProcesses(t.Context(), sensors{reading: devices.Reading{Processes: ptr(2)}, err: errors.New("lost")}))
	for n, want := range map[int][]string{0: nil, 1: {"1 other process uses the device; stop them"}, 3: {"3 other processes use the device; stop them"}} {
		s := surroundings{wall: time.Second, foreign: &n}
		require.Equal(t, n, *s.noise().ForeignProcesses)
		require.Equal(t, want, s.disturbances(s.noise()))
	}
	require.Equal(t, ptr(1), surroundings{foreign: ptr(1)}.noise().ForeignProcesses)
}
