package bench

import (
	"cmp"
	"slices"
	"time"

	"github.com/accelbench/accelbench/bench/stat"
)

// withGroups puts before the runs of each group the result that stands for them all.
func withGroups(results []Result) []Result {
	members := map[string][]Result{}
	for _, r := range results {
		if r.Group != nil && r.Group.Size > 1 {
			members[r.Group.ID] = append(members[r.Group.ID], r)
		}
	}
	var out []Result
	for _, r := range results {
		if r.Group != nil && members[r.Group.ID] != nil {
			// Of a group of which a run is lacking, by a kill say, nothing can be said as a whole.
			if all := members[r.Group.ID]; len(all) == r.Group.Size {
				slices.SortFunc(all, func(a, b Result) int { return cmp.Compare(a.Group.Index, b.Group.Index) })
				out = append(out, merged(all))
			}
			delete(members, r.Group.ID)
		}
		out = append(out, r)
	}
	return out
}

// minCutSamples is the number of completions from which on a warm-up is cut off: cutting is uncertain by one of them.
const minCutSamples = 2000

// warmth is what MSER-5 takes for warm-up at the beginning of the timed part, and the units completed in it; 0 where that cannot be
// told or is nothing.
func (r *Result) warmth() (cut time.Duration, units float64) {
	if !r.judgesSteadiness() || r.completions() < minCutSamples {
		return 0, 0
	}
	s := r.steadySlices()
	n, ok := stat.MSER5(s.units)
	if !ok {
		return 0, 0
	}
	for _, u := range s.units[:n] {
		units += u
	}
	return time.Duration(n) * s.width, units
}

// within gives the figure of a single run its interval by batch means, over what its throughput is over; none if its slices are too
// few.
func (s *Summary) within(e *Estimate, runs []*Result) {
	if len(runs) != 1 {
		return
	}
	slices := runs[0].steadySlices()
	cut, _ := runs[0].warmth()
	if slices.width > 0 {
		slices.units = slices.units[min(int(cut/slices.width), len(slices.units)):]
	}
	i, ok := stat.BatchMeans(slices.units, stat.Confidence)
	if !ok {
		return
	}
	e.Within = &Interval{max(i.Low, 0) / slices.width.Seconds(), i.High / slices.width.Seconds()}
	if i.Correlated {
		s.warn("the interval within the run is too short: its parts depend on each other (correlation of neighbours %.2f)", i.Lag1)
	}
}

// overRuns is the median of a percentile over the runs that have it.
func overRuns(each []*stat.Histogram, p float64) *RunsQuantile {
	var values []float64
	for _, h := range each {
		if h.Count() < stat.MinSamples(p, stat.Confidence) {
			continue
		}
		v, _ := h.Quantile(p)
		values = append(values, float64(v))
	}
	median, low, high, ok := stat.MedianInterval(values, stat.Confidence)
	if !ok {
		return nil
	}
	return &RunsQuantile{Median: median, Interval: Interval{low, high}, Runs: len(values)}
}

// delivery is how the generator did its part.
func (s *Summary) delivery(valid []*Result) *Delivery {
	var d Delivery
	var offered, issued, answered, awake []float64
	for _, r := range valid {
		g := r.Generator
		if g == nil || r.Counts.Queries < 2 || g.ScheduledNS <= 0 || g.IssuedNS <= 0 || orZero(r.ElapsedNS) <= 0 {
			continue
		}
		// The last query ends the interval before it and begins none.
		n := float64(r.Counts.Queries - 1)
		offered = append(offered, n/(float64(g.ScheduledNS)/1e9))
		issued = append(issued, n/(float64(g.IssuedNS)/1e9))
		answered = append(answered, n/(float64(*r.ElapsedNS)/1e9))
		awake = append(awake, float64(g.AwakeNS)/float64(g.IssuedNS))
		if !slices.Contains(d.Hashes, g.Hash) {
			d.Hashes = append(d.Hashes, g.Hash)
		}
	}
	late := s.distribution("lateness", valid, func(r *Result) *Latency {
		if r.Generator == nil {
			return nil
		}
		return r.Generator.Lateness
	})
	if late == nil || len(offered) == 0 {
		return nil
	}
	d.Lateness = *late
	d.Offered, _ = meanInOrder(offered)
	d.Issued, _ = meanInOrder(issued)
	d.Answered, _ = meanInOrder(answered)
	d.Awake, _ = meanInOrder(awake)
	slices.Sort(d.Hashes)
	return &d
}

// meanInOrder is the mean by a sum that is the same for every order of the runs.
func meanInOrder(xs []float64) (float64, bool) { return stat.Mean(slices.Sorted(slices.Values(xs))) }

func occupancy(valid []*Result) *Occupancy {
	var samples, batches int64
	var busy []float64
	for _, r := range valid {
		for _, lane := range r.Lanes {
			samples, batches = samples+lane.Samples, batches+lane.Batches
			if elapsed := orZero(r.ElapsedNS); elapsed > 0 {
				busy = append(busy, float64(lane.BusyNS)/float64(elapsed))
			}
		}
	}
	mean, ok := meanInOrder(busy)
	if batches == 0 || !ok {
		return nil
	}
	return &Occupancy{SamplesPerBatch: float64(samples) / float64(batches), Busy: mean}
}

// limits adds up the limits that all runs share.
func limits(runs []*Result) []LimitSummary {
	if len(runs) == 0 {
		return nil
	}
	var out []LimitSummary
	for i, l := range runs[0].Limits {
		sum := LimitSummary{Limit: l.Limit}
		ended := false
		for _, r := range runs {
			if i >= len(r.Limits) || r.Limits[i].Limit != l.Limit || r.Limits[i].Over == nil {
				continue
			}
			n := r.population(l.Limit.Metric)
			sum.Samples += n
			sum.Over += *r.Limits[i].Over
			one, _ := r.Limits[i].Met(n)
			// Runs of a search confirm each other: one that misses has missed.
			ended = ended || !one && (r.Ended != "" || r.Scenario.Probe != nil)
		}
		sum.Met = !ended && stat.EarlyStoppingMet(l.Limit.Percentile, sum.Samples, sum.Over)
		out = append(out, sum)
	}
	return out
}
