package bench

import (
	"time"

	"github.com/accelbench/accelbench/workloads"
)

// Forecast is what a plan would take, as far as that can be known without running it.
type Forecast struct {
	Plan     Plan
	Workload WorkloadInfo
	// Time is the least time of all repeats: starting, generating parameters, warming up and measuring. Slow devices take
	// longer, because at least one query must end.
	Time time.Duration
	// ReferenceFLOPs is the work of computing reference values first; 0 where golden values are embedded.
	ReferenceFLOPs float64
	// Err is why the plan cannot run on its device.
	Err error
}

// The parts of a run's least time besides its timed part: what was seen on slow machines, to be on the safe side.
const (
	startTime     = 200 * time.Millisecond
	timePerParam  = 10 * time.Nanosecond
	warmUpAndMore = 0.5 // checks before and the warm-up, as a share of the timed part
)

// DryRun tells for every plan what it would take; base needs the targets only.
func DryRun(plans []Plan, base Base) []Forecast {
	var out []Forecast
	for _, p := range plans {
		e := Forecast{Plan: p, Workload: WorkloadInfo{Name: p.Workload}}
		w, err := workloads.Find(p.Workload, p.Options)
		if err != nil {
			e.Err = err
			out = append(out, e)
			continue
		}
		e.Workload = Describe(w)
		e.Err = fits(w, base.Targets[p.Device].Candidate)
		each := startTime + time.Duration(w.Parameters)*timePerParam + p.Duration + time.Duration(warmUpAndMore*float64(p.Duration))
		e.Time = time.Duration(p.Repeats) * each
		if _, embedded := w.Golden(); !embedded {
			if work, err := w.ReferenceFLOPs(); err == nil && work <= workloads.MaxReferenceFLOPs {
				e.ReferenceFLOPs = work
			}
		}
		out = append(out, e)
	}
	return out
}
