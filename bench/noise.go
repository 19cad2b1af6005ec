package bench

import (
	"context"
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
	// maxRunQueue is the greatest share of the engine's time that threads may spend in the run queue. It is NoisySpread,
	// because of what is bound by arithmetic the share is about the throughput that was lost. Measured on two virtual CPUs,
	// runs of 2 s, two threads, on a shared machine: in runs that got all their CPUs, memcopy in both engines and gemm in the
	// native one had 0.3 % to 2.0 % (7 runs), and gemm in ONNX Runtime 5.0 % (1 run), all at full throughput. In runs that
	// did not, gemm had 35 % to 60 % and lost 35 % to 62 % of its throughput; memcopy, bound by memory, had 12 % to 61 % and
	// lost 5 % to 38 %. Beside one or two busy loops no run had less than 21 %. docs/validity.md has the table.
	//
	// The harness's own goroutines run in threads that count as well: a generator that spins while the engine has every CPU
	// takes turns with it, which slows the engine as a stranger would.
	maxRunQueue = NoisySpread
	// minCPUShare and maxForcedSwitches stand in for maxRunQueue where the kernel does not account run queues. The first is
	// the least process CPU time over wall time, per thread of a CPU engine; threads that wait for each other at the end of
	// a short operation stay below it as well, so that they must besides have been forced off their CPUs more often, per
	// thread and second, than on a machine with nothing else to run: timers and kernel threads force some few switches, a
	// competitor for the CPU forces hundreds, one per slice of 3 to 4 ms. An engine that leaves a thread idle by itself can
	// pass for contended.
	minCPUShare       = 0.90
	maxForcedSwitches = 20.0
	// maxOthers is the CPU time of other processes, over that which the engine's threads could have had, up to which waiting is
	// their own: threads that are woken together start on one CPU until the kernel moves one away, and a wake-up takes its time.
	maxOthers = 0.05
	maxSteal  = 0.02
	// leastTaken is the stolen or taken time that is judged at all: the kernel counts it in ticks of 10 ms, and one tick is 2.5 %
	// of a run of 200 ms on two CPUs.
	leastTaken   = 50 * time.Millisecond
	maxThrottled = 0.01
)

// usage is what the kernel has accounted to this process so far.
type usage struct {
	cpu     time.Duration
	forced  int64                       // involuntary context switches
	threads map[int]sysfiles.Scheduling // by thread id; nil where the kernel does not account
	machine *sysfiles.CPUTimes          // of all processes, on the CPUs that this one may use; nil if unknown
}

// others is the CPU time that other processes took between two readings; nil if it is unknown.
func others(before, after *usage) *time.Duration {
	if before == nil || after == nil || before.machine == nil || after.machine == nil {
		return nil
	}
	busy := time.Duration((after.machine.Busy - before.machine.Busy) * float64(time.Second))
	took := max(busy-(after.cpu-before.cpu), 0)
	return &took
}

// waited is how long threads waited for a CPU between two readings; nil unless both were accounted. Threads that ended in
// between took their account with them and are left out.
func waited(before, after *usage) *time.Duration {
	if before == nil || after == nil || before.threads == nil || after.threads == nil {
		return nil
	}
	var sum time.Duration
	for id, now := range after.threads {
		then := before.threads[id]
		if now.Waited < then.Waited || now.Ran < then.Ran {
			then = sysfiles.Scheduling{} // another thread under the id of one that ended
		}
		sum += now.Waited - then.Waited
	}
	return &sum
}

// surroundings is what was seen around the timed part of a run.
type surroundings struct {
	wall          time.Duration
	before, after *usage            // nil where the system does not account
	readings      []devices.Reading // just before the timed part, within it, just after it
	load          *float64
	threads       *int // of a CPU engine
	foreign       *int // processes on the device before the engine was loaded
	cpus          int  // that this process may use
	paced         bool // by a schedule, which leaves the engine idle at times
}

// noise turns what was seen into rates and shares.
func (s surroundings) noise() Noise {
	n := Noise{LoadAverage1: s.load, ForeignProcesses: s.foreign}
	if s.wall <= 0 {
		return n
	}
	if s.before != nil && s.after != nil {
		share := float64(s.after.cpu-s.before.cpu) / float64(s.wall)
		forced := s.after.forced - s.before.forced
		n.CPUOverWall, n.InvoluntarySwitches = &share, &forced
	}
	if waited := waited(s.before, s.after); waited != nil {
		share := waited.Seconds() / s.wall.Seconds() / float64(s.engineThreads())
		n.RunQueueFraction = &share
	}
	if took := others(s.before, s.after); took != nil {
		share := took.Seconds() / s.wall.Seconds() / float64(s.engineThreads())
		n.OthersFraction = &share
	}
	busy := s.cpus // the CPUs that could have been taken away
	if s.threads != nil {
		busy = min(busy, *s.threads)
	}
	wall := s.wall.Seconds() * float64(max(busy, 1))
	n.StealFraction = change(s.readings, wall, func(r devices.Reading) *float64 { return r.CPUStealSeconds })
	n.ThrottledFraction = change(s.readings, wall, func(r devices.Reading) *float64 { return r.CPUThrottledSeconds })
	if mhz := s.clocks(); len(mhz) > 1 {
		change := (mhz[len(mhz)-1] - mhz[0]) / mhz[0]
		n.ClockChange = &change
	}
	return n
}

// engineThreads is what a share of the engine's time is a share of: an engine off the CPU has the one thread that feeds it.
func (s surroundings) engineThreads() int {
	if s.threads == nil {
		return 1
	}
	if s.cpus > 0 {
		return max(1, min(*s.threads, s.cpus)) // more threads than CPUs never all run
	}
	return max(1, *s.threads)
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
	if reason := s.contended(n); reason != "" {
		reasons = append(reasons, reason)
	}
	if n.ForeignProcesses != nil && *n.ForeignProcesses > 0 {
		reasons = append(reasons, foreignText(*n.ForeignProcesses)+"; stop them")
	}
	stolen := change(s.readings, 1, func(r devices.Reading) *float64 { return r.CPUStealSeconds })
	if n.StealFraction != nil && *n.StealFraction > maxSteal && *stolen >= leastTaken.Seconds() {
		reasons = append(reasons, fmt.Sprintf("the hypervisor took %.1f %% of the CPU time (limit %.0f %%)",
			100**n.StealFraction, 100*maxSteal))
	}
	if n.ThrottledFraction != nil && *n.ThrottledFraction > maxThrottled {
		reasons = append(reasons, fmt.Sprintf("a cgroup quota stopped the process for %.1f %% of the CPU time (limit %.0f %%)",
			100**n.ThrottledFraction, 100*maxThrottled))
	}
	if held := throttles(s.readings[min(1, len(s.readings)):]); len(held) > 0 {
		reasons = append(reasons, "the device was throttled: "+strings.Join(held, ", "))
	} else if held := s.heldByCounters(); len(held) > 0 {
		reasons = append(reasons, fmt.Sprintf("the device was throttled: %s (limit %.0f %%)", strings.Join(held, ", "), 100*maxHeld))
	}
	if reason := clockReason(s.clocks()); reason != "" {
		reasons = append(reasons, reason)
	}
	return append(reasons, s.deviceErrors()...)
}

// contended says how others took CPUs from the engine; empty if they did not.
func (s surroundings) contended(n Noise) string {
	switch {
	case n.RunQueueFraction != nil:
		if *n.RunQueueFraction <= maxRunQueue {
			return ""
		}
		const said = "contended: threads waited for a CPU %.1f %% of the time (limit %.0f %%)%s; stop what else runs"
		took := others(s.before, s.after)
		if took == nil {
			return fmt.Sprintf(said, 100**n.RunQueueFraction, 100*maxRunQueue, "")
		}
		if *n.OthersFraction <= maxOthers || *took < leastTaken {
			return "" // they waited for each other
		}
		return fmt.Sprintf(said, 100**n.RunQueueFraction, 100*maxRunQueue, fmt.Sprintf(" while other processes computed for %.0f %% of theirs", 100**n.OthersFraction))
	case !s.paced && s.threads != nil && *s.threads > 0 && n.CPUOverWall != nil && n.InvoluntarySwitches != nil:
		forced := float64(*n.InvoluntarySwitches) / s.wall.Seconds() / float64(*s.threads)
		if *n.CPUOverWall < minCPUShare*float64(*s.threads) && forced > maxForcedSwitches {
			return fmt.Sprintf("contended: %d threads got %.2f CPUs and were forced off them %.0f times a second each; stop what else runs",
				*s.threads, *n.CPUOverWall, forced)
		}
	}
	return ""
}

// foreignProcesses counts the processes on a device on which nothing was loaded yet; nil if the device does not tell.
func foreignProcesses(ctx context.Context, dev devices.Device) *int {
	reading, err := dev.Read(ctx)
	if err != nil {
		return nil
	}
	return reading.Processes
}

func foreignText(n int) string {
	if n == 1 {
		return "1 other process uses the device"
	}
	return fmt.Sprintf("%d other processes use the device", n)
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
// device that runs into its power limit under full load is measured as it is. A reason that is not told may be one of them.
var lasting = []string{"power-cap", "application-clocks", "sync-boost", "display-clock", devices.UntoldReason}

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
