package bench

import (
	"fmt"
	"io/fs"
	"slices"

	"github.com/accelbench/accelbench/devices/host"
	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

// PreflightStatus is what a check of the machine came to.
type PreflightStatus string

// A check fails where runs would be invalid or their figures mislead; it warns where they would be worse or less certain
// than need be; it is unknown where the machine does not say.
const (
	PreflightFail    PreflightStatus = "fail"
	PreflightWarn    PreflightStatus = "warn"
	PreflightUnknown PreflightStatus = "unknown"
	PreflightOK      PreflightStatus = "ok"
)

// PreflightCheck is one finding about the machine before anything is measured.
type PreflightCheck struct {
	Name   string          `json:"name"`
	Status PreflightStatus `json:"status"`
	// Found is what is there, Why what that means for a run, Remedy what to do about it; empty if there is nothing to do.
	Found  string `json:"found"`
	Why    string `json:"why"`
	Remedy string `json:"remedy,omitempty"`
}

// PreflightFacts are all that [Preflight] judges.
type PreflightFacts struct {
	Host        host.Host
	Inventories []Inventory
	// Files is the machine's file system from its root; nil stands for one without files.
	Files fs.FS
	// Before and After are the counters at two moments in which this program did nothing.
	Before, After Counters
}

// Counters are what a machine counts since boot and what tells, as a difference, what goes on right now; nil is unknown.
type Counters struct {
	// CPU are the times of the CPUs that this process may use.
	CPU *sysfiles.CPUTimes
	// ThermalThrottles counts how often one of these CPUs was slowed down for heat.
	ThermalThrottles *uint64
}

// ReadCounters reads the counters of this moment from the machine's files.
func ReadCounters(fsys fs.FS) Counters {
	cpus := sysfiles.UsableCPUs(fsys)
	if cpus == nil {
		cpus = sysfiles.OnlineCPUs(fsys, sysfiles.ReadCPUInfo(fsys))
	}
	return Counters{CPU: sysfiles.ReadCPUTimes(fsys, cpus), ThermalThrottles: sysfiles.ThermalThrottles(fsys, cpus)}
}

// Preflight judges whether a machine is fit to measure on: the worst findings first, else in the order of the checks.
func Preflight(f PreflightFacts) []PreflightCheck {
	checks := []PreflightCheck{
		f.governor(), f.turbo(), f.busy(), f.loadAverage(), f.steal(), f.heat(), f.quota(), f.memory(), f.swap(),
		f.clockSource(), f.timerSlack(), f.smt(), f.numa(),
	}
	for _, i := range f.Inventories {
		for _, p := range i.Problems {
			checks = append(checks, PreflightCheck{Name: i.Backend, Status: PreflightWarn, Found: p.Text,
				Why: "this hardware is not measured", Remedy: p.Remedy})
		}
		for _, c := range i.Devices {
			checks = append(checks, c.preflight(i.Backend)...)
			checks = append(checks, f.spareCore(c)...)
		}
	}
	worst := []PreflightStatus{PreflightFail, PreflightWarn, PreflightUnknown, PreflightOK}
	slices.SortStableFunc(checks, func(a, b PreflightCheck) int {
		return slices.Index(worst, a.Status) - slices.Index(worst, b.Status)
	})
	return checks
}

// FailedChecks are the checks for which a machine is not fit to measure on.
func FailedChecks(checks []PreflightCheck) []PreflightCheck {
	var failed []PreflightCheck
	for _, c := range checks {
		if c.Status == PreflightFail {
			failed = append(failed, c)
		}
	}
	return failed
}

// unknown is a check of what the machine does not say; why tells what remains open.
func unknown(name, why string) PreflightCheck {
	return PreflightCheck{Name: name, Status: PreflightUnknown, Found: "not known", Why: why}
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }
