package bench

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

// The limits beyond which a run says more about its surroundings than about the device.
const (
	// minCPUShare is the least process CPU time over wall time, per thread of a CPU engine. Below it threads did not
	// compute all the time; that is contention only if they were also forced off their CPUs, since threads that wait
	// for memory stay busy but threads that wait for each other at the end of a short operation do not.
	minCPUShare = 0.90
	// maxForcedSwitches is the number of forced context switches per thread and second that a machine with nothing else
	// to run stays below: timers and kernel threads make some few, a competitor for the CPU makes hundreds, one per slice
	// of 3 to 4 ms.
	maxForcedSwitches = 20.0
	maxSteal          = 0.02
	// leastSteal is the stolen time that is judged at all: the kernel counts it in ticks of 10 ms, and one tick is 2.5 % of a
	// run of 200 ms on two CPUs.
	leastSteal   = 50 * time.Millisecond
	maxThrottled = 0.01
)

// usage is what the kernel has accounted to this process so far.
type usage struct {
	cpu    time.Duration
	forced int64 // involuntary context switches
}

// surroundings is what was seen around the timed part of a run.
type surroundings struct {
	wall          time.Duration
	before, after *usage            // nil where the system does not account
	readings      []devices.Reading // just before the timed part, within it, just after it
	load          *float64
	threads       *int // of a CPU engine
	cpus          int  // that this process may use
}

// noise turns what was seen into rates and shares.
func (s surroundings) noise() Noise {
	n := Noise{LoadAverage1: s.load}
	if s.wall <= 0 {
		return n
	}
	if s.before != nil && s.after != nil {
		share := float64(s.after.cpu-s.before.cpu) / float64(s.wall)
		forced := s.after.forced - s.before.forced
		n.CPUOverWall, n.InvoluntarySwitches = &share, &forced
	}
	busy := s.cpus // the CPUs that could have been taken away
	if s.threads != nil {
		busy = min(busy, *s.threads)
	}
	wall := s.wall.Seconds() * float64(max(busy, 1))
	n.StealFraction = change(s.readings, wall, func(r devices.Reading) *float64 { return r.CPUStealSeconds })
	n.ThrottledFraction = change(s.readings, wall, func(r devices.Reading) *float64 { return r.CPUThrottledSeconds })
	// An idle clock is no measure: only readings under load compare.
	if len(s.readings) > 3 {
		loaded := s.readings[1 : len(s.readings)-1]
		if first := loaded[0].ClockMHz; first != nil && *first > 0 {
			n.ClockChange = change(loaded, *first, func(r devices.Reading) *float64 { return r.ClockMHz })
		}
	}
	return n
}

// change is the difference between the last and the first reading of a sensor over a base; nil unless both were read.
func change(readings []devices.Reading, base float64, sensor func(devices.Reading) *float64) *float64 {
	if len(readings) < 2 {
		return nil
	}
	first, last := sensor(readings[0]), sensor(readings[len(readings)-1])
	if first == nil || last == nil {
		return nil
	}
	d := (*last - *first) / base
	return &d
}

// disturbances are the reasons for which the noise makes a run invalid.
func (s surroundings) disturbances(n Noise) []string {
	var reasons []string
	if threads := s.threads; threads != nil && *threads > 0 && n.CPUOverWall != nil && n.InvoluntarySwitches != nil {
		forced := float64(*n.InvoluntarySwitches) / s.wall.Seconds() / float64(*threads)
		if *n.CPUOverWall < minCPUShare*float64(*threads) && forced > maxForcedSwitches {
			reasons = append(reasons, fmt.Sprintf(
				"contended: %d threads got %.2f CPUs and were forced off them %.0f times a second each; stop what else runs",
				*threads, *n.CPUOverWall, forced))
		}
	}
	stolen := change(s.readings, 1, func(r devices.Reading) *float64 { return r.CPUStealSeconds })
	if n.StealFraction != nil && *n.StealFraction > maxSteal && *stolen >= leastSteal.Seconds() {
		reasons = append(reasons, fmt.Sprintf("the hypervisor took %.1f %% of the CPU time (limit %.0f %%)",
			100**n.StealFraction, 100*maxSteal))
	}
	if n.ThrottledFraction != nil && *n.ThrottledFraction > maxThrottled {
		reasons = append(reasons, fmt.Sprintf("a cgroup quota stopped the process for %.1f %% of the CPU time (limit %.0f %%)",
			100**n.ThrottledFraction, 100*maxThrottled))
	}
	if held := throttles(s.readings[min(1, len(s.readings)):]); len(held) > 0 {
		reasons = append(reasons, "the device was throttled: "+strings.Join(held, ", "))
	}
	return reasons
}

// loadAverage is the number of runnable tasks, averaged over a minute; nil if unknown.
func loadAverage(fsys fs.FS) *float64 {
	if fsys == nil {
		return nil
	}
	text, _ := sysfiles.Text(fsys, "proc/loadavg")
	first, _, _ := strings.Cut(text, " ")
	value, err := strconv.ParseFloat(first, 64)
	if err != nil || !(value >= 0 && value < 1e9) {
		return nil
	}
	return &value
}

// lasting are limits of clocks that somebody set or that the maker specifies, and that hold in production as well: a
// device that runs into its power limit under full load is measured as it is.
var lasting = []string{"power-cap", "application-clocks", "sync-boost", "display-clock"}

// throttles are the reasons for held-down clocks that were seen and do not last.
func throttles(readings []devices.Reading) []string {
	var held []string
	for _, r := range readings {
		for _, reason := range r.Throttle {
			if !slices.Contains(lasting, reason) && !slices.Contains(held, reason) {
				held = append(held, reason)
			}
		}
	}
	return held
}
