package compare

import (
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/internal/english"
)

// Subjects are those of the results of one side, in the order in which each first occurs: runs that are repeats of each other. Runs of
// an interleaved comparison carry their rounds, and belong together by the pair of plans that they were made for. What was left out
// is in notes: results that were given twice, probes of a search, groups of which a run is lacking.
func Subjects(results []bench.Result) (subjects []Subject, notes []string) {
	results, repeated := bench.Distinct(results)
	if repeated > 0 {
		notes = append(notes, "left out, given twice: "+english.Count(repeated, "result"))
	}
	probes := 0
	results = slices.DeleteFunc(slices.Clone(results), func(r bench.Result) bool {
		if r.Scenario.Probe != nil {
			probes++
		}
		return r.Scenario.Probe != nil
	})
	if probes > 0 {
		notes = append(notes, "left out, no repeats of each other: "+english.Count(probes, "probe")+" of searches")
	}
	results, lacking := bench.Wholes(results)
	if lacking > 0 {
		notes = append(notes, "left out, the run of a device is lacking: "+english.Count(lacking, "run")+" on several devices at once")
	}
	type place struct{ key, identity string }
	index := map[place]int{}
	ids := deviceIDs(results)
	for i := range results {
		r := &results[i]
		s := Subject{Key: key(r), Name: name(r), Fields: fields(r, len(ids[r.Device.Name]) > 1)}
		at, ok := index[place{s.Key, s.identity()}]
		if !ok {
			at = len(subjects)
			index[place{s.Key, s.identity()}] = at
			subjects = append(subjects, s)
		}
		subjects[at].add(r, s.Fields)
	}
	return subjects, notes
}

// Side are the results of one side, [bench.SideBase] or [bench.SideHead], of an interleaved comparison.
func Side(results []bench.Result, side string) []bench.Result {
	var out []bench.Result
	for _, r := range results {
		if r.Trial != nil && r.Trial.Side == side {
			out = append(out, r)
		}
	}
	return out
}

// deviceIDs are those of each name of a device.
func deviceIDs(results []bench.Result) map[string]map[string]bool {
	ids := map[string]map[string]bool{}
	for _, r := range results {
		if ids[r.Device.Name] == nil {
			ids[r.Device.Name] = map[string]bool{}
		}
		ids[r.Device.Name][r.Device.ID] = true
	}
	return ids
}

// key is what was computed and how that was asked for, or the pair of plans of an interleaved comparison.
func key(r *bench.Result) string {
	if t := r.Trial; t != nil {
		return fmt.Sprintf("trial %s pair %d", t.ID, t.Pair)
	}
	id := r.Identity()
	return fmt.Sprintf("%+v", bench.Identity{
		Workload: id.Workload, Precision: id.Precision, Batch: id.Batch, SeqLen: id.SeqLen, ISL: id.ISL, OSL: id.OSL,
		Scenario: id.Scenario, Arrival: id.Arrival, Shape: id.Shape, Rate: id.Rate, RateEnd: id.RateEnd,
		Concurrency: id.Concurrency, Batching: id.Batching, MaxWait: id.MaxWait, Replicas: id.Replicas,
	})
}

// add takes up a run.
func (s *Subject) add(r *bench.Result, fields []Field) {
	s.Runs++
	s.IDs = append(s.IDs, r.ID)
	s.join(Subject{Fields: fields})
	if r.Status != bench.OK || !r.Validity.Valid || r.Ended != "" {
		s.Bad++
		for _, reason := range badReasons(r) {
			if !slices.Contains(s.Reasons, reason) {
				s.Reasons = append(s.Reasons, reason)
			}
		}
		return
	}
	round := 0
	if r.Trial != nil {
		round = r.Trial.Round
	}
	for _, f := range figures(r) {
		series := Series{Metric: f.metric, Missing: f.missing}
		if f.value != nil {
			series.Values = []Value{{X: *f.value, Round: round}}
		}
		s.join(Subject{Series: []Series{series}})
	}
}

func badReasons(r *bench.Result) []string {
	out := slices.Clone(r.Validity.Reasons)
	if r.Reason != "" {
		out = slices.Insert(out, 0, r.Reason)
	}
	if r.Ended != "" {
		out = append(out, "ended before its time: "+r.Ended)
	}
	if len(out) == 0 {
		out = append(out, string(r.Status))
	}
	return out
}

// figure is one metric of one run; nil if the run does not have it, which missing explains where that is of interest.
type figure struct {
	metric  Metric
	value   *float64
	missing string
}

func figures(r *bench.Result) []figure {
	out := []figure{throughput(r)}
	out = append(out, percentiles(r.Latency, []string{LatencyP50, LatencyP90, LatencyP99}, 0.5, 0.9, 0.99)...)
	if r.Phases != nil {
		out = append(out, percentiles(r.Phases.TTFT, []string{TTFTP50, TTFTP99}, 0.5, 0.99)...)
		out = append(out, percentiles(r.Phases.TPOT, []string{TPOTP50, TPOTP99}, 0.5, 0.99)...)
	}
	joules, why, ok := r.JoulesPerUnit()
	energy := figure{metric: Metric{Name: JoulesPerUnit, Unit: "J/" + r.Workload.Unit, Better: Lower, Method: Mean}}
	switch {
	case ok:
		energy.value = &joules
	case why == "":
		return out
	default:
		energy.missing = why
	}
	return append(out, energy)
}

func throughput(r *bench.Result) figure {
	f := figure{metric: Metric{Name: Throughput, Unit: english.Plural(r.Workload.Unit) + "/s", Better: Higher, Method: Mean}}
	if r.Scenario.Arrival != nil {
		f.metric.Follows = "the arrival rate" // a system that does not keep up makes the run invalid
	}
	if x, ok := r.Throughput(); ok {
		f.value = &x
	} else {
		f.missing = "a run has no elapsed time"
	}
	return f
}

// percentiles of a latency, by the names of their metrics; none where there is no latency.
func percentiles(l *bench.Latency, names []string, ps ...float64) []figure {
	if l == nil {
		return nil
	}
	values, err := l.Percentiles(ps...)
	var out []figure
	for i, name := range names {
		f := figure{metric: Metric{Name: name, Unit: "ns", Better: Lower, Method: Rank}}
		if err != nil {
			f.missing = err.Error()
		} else {
			f.value, f.missing = values[i].NS, values[i].Missing
		}
		out = append(out, f)
	}
	return out
}
