package bench

import (
	"time"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// Forecast is what a plan would take, as far as that can be known without running it.
type Forecast struct {
	Plan     Plan
	Workload WorkloadInfo
	// Time is about how long all repeats take with everything around them, reference values included, at the speed that
	// assumedRate tells.
	Time time.Duration
	// ReferenceFLOPs is the work of computing reference values first; 0 where golden values are embedded. Unchecked says
	// that there are none to compare with and computing them would be too much, so that the runs will be invalid.
	ReferenceFLOPs float64
	Unchecked      bool
	// Err is why the plan cannot run on its device.
	Err error
}

// What the estimate assumes: what was seen on slow machines, to be on the safe side. A query takes as long as its work
// does, which is wrong for what waits for memory: small figures are dominated by the duration anyway.
const (
	startSeconds    = 0.2
	secondsPerParam = 10e-9
	checkAndWarmUp  = checkShare + load.WarmupFraction
	cpuRate         = 25e9  // FLOP/s per CPU thread of an engine with vector kernels
	deviceRate      = 10e12 // FLOP/s of an accelerator
	referenceRate   = 2e9   // FLOP/s of the float64 reference
	usualProbes     = 8     // of a search before it confirms
)

func assumedRate(c Candidate) float64 {
	if c.Info.Backend != "cpu" || c.Info.Cores == nil {
		return deviceRate
	}
	return cpuRate * float64(*c.Info.Cores)
}

// DryRun tells for every plan what it would take; base needs the targets only. The engines are asked whether they would run the
// workload, which loads nothing.
func DryRun(plans []Plan, base Base, engines []devices.Engine) []Forecast {
	var out []Forecast
	for _, p := range plans {
		f := Forecast{Plan: p, Workload: WorkloadInfo{Name: p.Workload}}
		if w, err := FindWorkload(p); err != nil {
			f.Err = err
		} else {
			f.of(w, base.Targets[p.Device].Candidate)
			for _, e := range engines {
				if e.Name() == p.Engine && f.Err == nil {
					f.Err = e.Supports(base.Targets[p.Device].Info, w)
				}
			}
		}
		out = append(out, f)
	}
	return out
}

func (f *Forecast) of(w *workloads.Workload, c Candidate) {
	f.Workload, f.Err = Describe(w), fits(w, f.Plan.Replicas, c)
	if w.File == nil { // a file is not compared with a reference, and its work, taken as 0 below, is not known
		f.references(w, EngineOn(f.Plan.Engine, c.Info.Backend))
	}
	duration, batch := f.Plan.Duration.Seconds(), float64(max(w.Options.Batch, 1))
	once := w.FLOPsPerUnit() * float64(w.UnitsPerSample) * batch / assumedRate(c)
	timed := max(duration, float64(f.Plan.MinQueries)/batch*once, once)
	if f.Plan.Rate > 0 {
		timed = max(timed, float64(f.Plan.MinQueries)/f.Plan.lastRate())
	}
	if f.Plan.Scenario == MultiStream {
		timed = max(timed, float64(f.Plan.MinQueries)*MultiStreamSamples/batch*once)
	}
	if f.Plan.Scenario == Server {
		timed = max(timed, min(f.Plan.Rate*duration*once, 2*max(duration, 10))) // a queue is served to its end, or given up
	}
	for _, l := range f.Plan.Limits {
		if n, ok := stat.EarlyStoppingNeeds(l.Percentile, 1); ok && f.Plan.FindPeak {
			timed = max(timed, float64(n)*once/rateStart)
		}
	}
	each := startSeconds + secondsPerParam*float64(w.Parameters) + max(checkAndWarmUp*duration, 2*once) + timed + once
	runs := float64(f.Plan.Repeats)
	if f.Plan.FindPeak {
		runs += usualProbes
	}
	f.Time = seconds(runs*each + f.ReferenceFLOPs/referenceRate)
}

// references tells what checking will need.
func (f *Forecast) references(w *workloads.Workload, maker string) {
	if g, embedded := w.Golden(); embedded {
		g, independent := g.Independent(maker)
		f.Unchecked = !independent || len(w.Unchecked(g.Calls(w))) > 0
		return
	}
	if work, err := w.ReferenceFLOPs(); err == nil {
		if f.Unchecked = work > workloads.MaxReferenceFLOPs || len(w.UncheckedPhases()) > 0; !f.Unchecked {
			f.ReferenceFLOPs = work
		}
	}
}
