package bench

import (
	"fmt"
	"strings"
	"time"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/stat"
)

// The limits beyond which a run says more about how it was loaded than about the device; docs/validity.md has their reasons.
const (
	// A generator is late if the highest percentile of its lateness that there are queries enough for, of p99, p90 and p50, is
	// above so large a part of the median latency, or above leastLate, whichever is larger: then its lateness, and not the system,
	// makes that percentile of the latencies.
	maxLateShare = 0.05
	leastLate    = 100 * time.Microsecond
	// minAchieved is the least rate of issues over the scheduled one.
	minAchieved = 0.99
	// A system is overloaded if its sessions were busy all the time, and it answers the last query later than so large a part of
	// the schedule after it was due, beyond what a few queries take: then latencies grow with the length of the run and mean
	// nothing. A backlog alone is what bursts leave.
	maxDrainShare   = 0.05
	drainAllowances = 5 // of the least latency
	minOverloadBusy = 0.98
	// minSteadySamples is the number of completions in each slice with which a throughput is judged or cut: with fewer the slices
	// tell how completions fall into them.
	minSteadySamples = 10
	minSteadySlices  = 50 // which MSER-5 needs
)

// overloaded begins the reasons that say that the load was more than the system can do.
const overloaded = "overloaded: "

// late begins those that say that the generator was.
const late = "generator late: "

// loadReasons are the reasons for which the way in which the load came makes a run invalid.
func loadReasons(r *Result, o load.Outcome) []string {
	var reasons []string
	if s := o.Schedule; s != nil && o.Queries > 0 && !o.Overrun {
		reasons = append(reasons, scheduleReasons(r, o, s)...)
	}
	if o.Overrun {
		reasons = append(reasons, fmt.Sprintf(overloaded+"%d samples were waiting when the run was given up; lower the rate", o.MostInFlight))
	}
	if slices := r.steadySlices(); r.judgesSteadiness() && slices.units != nil && stat.NeverSteady(slices.units) {
		change, _ := stat.LevelChange(slices.units)
		reasons = append(reasons, fmt.Sprintf("never steady: the throughput of the second half differs from that of the first by %+.1f %%; "+
			"warm up longer, or look for what changes", 100*change))
	}
	return reasons
}

func scheduleReasons(r *Result, o load.Outcome, s *load.Schedule) []string {
	var reasons []string
	p, behind := lateness(s.Lateness)
	limit := leastLate
	if o.Latency != nil {
		median, _ := o.Latency.Quantile(0.5)
		limit = max(limit, time.Duration(maxLateShare*float64(median)))
	}
	if time.Duration(behind) > limit {
		reasons = append(reasons, fmt.Sprintf(late+"p%.0f of the time from schedule to issue is %s (limit %s); "+
			"leave it a core with --threads, or stop what else runs", 100*p, time.Duration(behind).Round(time.Microsecond), limit.Round(time.Microsecond)))
	}
	if s.Issued > 0 && float64(s.Last) < minAchieved*float64(s.Issued) {
		reasons = append(reasons, fmt.Sprintf(late+"it issued at %.1f %% of the offered rate (limit %.0f %%)",
			100*float64(s.Last)/float64(s.Issued), 100*minAchieved))
	}
	if o.Missed || o.Interrupted || o.Overrun || o.Latency == nil || o.Latency.Count() == 0 {
		return reasons // the backlog was dropped
	}
	drain := o.Elapsed - s.Last
	allowed := time.Duration(maxDrainShare*float64(s.Last)) + drainAllowances*time.Duration(o.Latency.Min()) +
		time.Duration(orZero(r.Scenario.MaxWaitNS))
	if drain > allowed && r.busy(o.Elapsed) >= minOverloadBusy {
		reasons = append(reasons, fmt.Sprintf(overloaded+"%.4g queries/s were asked for and %.4g/s answered; the last answer came %s after it was "+
			"due, so that latencies grow with the length of the run; lower the rate",
			orZero(r.Scenario.Arrival).RatePerSecond, float64(o.Samples)/o.Elapsed.Seconds(), drain.Round(time.Millisecond)))
	}
	return reasons
}

// busy is the share of the time in which the sessions computed, mean over them; 1 if that is not known.
func (r *Result) busy(elapsed time.Duration) float64 {
	if len(r.Lanes) == 0 || elapsed <= 0 {
		return 1
	}
	var sum time.Duration
	for _, lane := range r.Lanes {
		sum += time.Duration(lane.BusyNS)
	}
	return sum.Seconds() / elapsed.Seconds() / float64(len(r.Lanes))
}

// Overloaded tells whether a reason says that the load was more than the system can do; in that of several devices, one of them.
func Overloaded(reason string) bool { return strings.Contains(reason, overloaded) }

// lateness is the highest percentile that there are queries enough for, as for latencies.
func lateness(h *stat.Histogram) (p float64, ns int64) {
	for _, p = range []float64{0.99, 0.9, 0.5} {
		if h.Count() >= stat.MinSamples(p, stat.Confidence) {
			break
		}
	}
	ns, _ = h.Quantile(p)
	return p, ns
}

// judgesSteadiness tells whether the throughput follows from the system: a schedule dictates it.
func (r *Result) judgesSteadiness() bool { return r.Scenario.Name != Server }

// steady are slices of a run that hold enough completions each, or nil units if there are too few.
type steady struct {
	width time.Duration
	units []float64
}

// steadySlices joins neighbouring slices until they hold minSteadySamples completions on average. The last slice, which the end
// cuts, is left out.
func (r *Result) steadySlices() steady {
	if r.Buckets == nil || r.Counts.Units <= 0 {
		return steady{}
	}
	return joined(r.Buckets, r.completions())
}

// completions are the moments at which units were completed: those of a batch come together, and a decoder's tokens one after the
// other.
func (r *Result) completions() int64 {
	samples := r.Counts.Samples
	if r.Phases != nil {
		samples = r.Counts.Units
	}
	return samples / int64(max(r.Workload.Batch, 1))
}

// joined are the slices of so many completions, joined.
func joined(b *Buckets, completions int64) steady {
	units, join := full(b.Units), 1
	for ; len(units)/join >= minSteadySlices && float64(completions) < minSteadySamples*float64(len(units)/join); join++ {
	}
	n := len(units) / join
	if n < minSteadySlices {
		return steady{}
	}
	out := steady{width: time.Duration(join) * time.Duration(b.WidthNS), units: make([]float64, n)}
	for i := range n {
		for _, u := range units[i*join : (i+1)*join] {
			out.units[i] += u
		}
	}
	return out
}
