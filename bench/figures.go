package bench

import (
	"fmt"

	"github.com/accelbench/accelbench/bench/stat"
)

// Throughput is that of a run in units per second, from the first issue to the last completion, or from the end of what MSER-5 finds
// to be warm-up. ok is false for a run without elapsed time.
func (r *Result) Throughput() (perSecond float64, ok bool) {
	if r.ElapsedNS == nil || *r.ElapsedNS <= 0 {
		return 0, false
	}
	units, elapsed := float64(r.Counts.Units), float64(*r.ElapsedNS)/1e9
	if cut, done := r.warmth(); cut > 0 && cut.Seconds() < elapsed {
		units, elapsed = units-done, elapsed-cut.Seconds()
	}
	return units / elapsed, true
}

// JoulesPerUnit is the energy of the device in the timed part of a run over the units in it. ok is false where it was not measured;
// why says what the reason is, if something can be said.
func (r *Result) JoulesPerUnit() (joules float64, why string, ok bool) {
	w, why := r.took()
	if w.source == "" || w.joules <= 0 || r.Counts.Units == 0 {
		return 0, why, false
	}
	return w.joules / float64(r.Counts.Units), "", true
}

// Percentile is that of one run in nanoseconds, MLPerf's sorted[floor(n*p)]. NS is nil where the run has too few samples, see
// [stat.MinSamples]; Missing then says how many it takes.
type Percentile struct {
	NS      *float64
	Missing string
}

// Percentiles are those at ps, 0 < p < 1, of the latency of one run.
func (l *Latency) Percentiles(ps ...float64) ([]Percentile, error) {
	h, err := l.decode()
	if err != nil {
		return nil, err
	}
	out := make([]Percentile, len(ps))
	for i, p := range ps {
		if needs := stat.MinSamples(p, stat.Confidence); h.Count() < needs {
			out[i].Missing = fmt.Sprintf("p%.6g needs %d samples in a run, had %d", 100*p, needs, h.Count())
			continue
		}
		v, _ := h.Quantile(p)
		x := float64(v)
		out[i].NS = &x
	}
	return out, nil
}

// Wholes are the results with the runs of each group, on several devices at once, replaced by the one result that stands for them
// all. Groups of which runs are lacking, by a kill say, are left out and counted: of them nothing can be said as a whole.
func Wholes(results []Result) (wholes []Result, lacking int) {
	seen := map[string]bool{} // groups, and whether they are whole
	for _, r := range withGroups(results) {
		switch {
		case r.Group == nil || r.Group.Size <= 1:
			wholes = append(wholes, r)
		case r.Group.Index == Whole:
			seen[r.Group.ID] = true
			wholes = append(wholes, r)
		case !seen[r.Group.ID]:
			seen[r.Group.ID] = true
			lacking++
		}
	}
	return wholes, lacking
}
