package bench

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/stat"
)

// NoisySpread is the spread between the runs of a row, (max-min)/mean, above which the row carries a warning.
const NoisySpread = 0.05

// SummarizeOptions say how results are priced. The zero value prices each row as its results say.
type SummarizeOptions struct {
	// Price gives the hourly price of the instance of a run in place of the one in its result; the error says why there is
	// none. Nil takes the price in the result.
	Price func(Result) (price.Price, error)
	// Charge takes the place of the charge in the results unless it is unset.
	Charge price.Charge
	// SystemWatts is the power of the whole machine in place of the one in the results; nil takes theirs.
	SystemWatts *float64
	// Now is the time of the report, against which the age of prices counts. The zero time stands for the start of the
	// newest run of each row, so that the same results always give the same summary.
	Now time.Time
}

// Summarize groups results by [Identity] into rows, in the order in which each first occurs, and derives the figures of
// each. The results are not changed.
func Summarize(results []Result, opts SummarizeOptions) []Summary {
	index := map[Identity]int{}
	var rows []Summary
	for _, r := range withGroups(results) {
		id := r.Identity()
		at, ok := index[id]
		if !ok {
			at = len(rows)
			index[id] = at
			rows = append(rows, Summary{})
		}
		rows[at].Results = append(rows[at].Results, r)
	}
	present := accelerators(results)
	for i := range rows {
		rows[i].derive(opts, present)
	}
	return rows
}

// Distinct leaves out results that were given before, and counts them: the same run twice would make a spread of 0 and an
// interval that claims certainty.
func Distinct(results []Result) (distinct []Result, repeated int) {
	seen := map[string]bool{}
	for _, r := range results {
		if seen[r.ID] {
			repeated++
			continue
		}
		seen[r.ID] = true
		distinct = append(distinct, r)
	}
	return distinct, repeated
}

func (s *Summary) derive(opts SummarizeOptions, present map[string]int) {
	valid, ended, invalid := s.verdict()
	s.Throughput = s.throughput(valid)
	if len(valid) == 0 {
		s.Invalidated = s.throughput(append(slices.Clone(ended), invalid...))
	}
	s.Latency = s.distribution("latency", valid, func(r *Result) *Latency { return r.Latency })
	s.TTFT = s.distribution("time to first token", valid, (*Result).ttft)
	s.TPOT = s.distribution("time per output token", valid, (*Result).tpot)
	s.Delivery, s.Occupancy = s.delivery(valid), occupancy(valid)
	s.Limits = limits(slices.Concat(valid, ended, invalid))
	s.Energy, s.Unmetered = energy(valid)
	s.System = s.system(opts.SystemWatts)
	s.UnderLoad = underLoad(valid)
	s.Share = share(valid)
	s.doubtPeak(valid)
	s.doubtEnergy()
	s.doubtDevice(valid)
	s.doubtLikeness(valid)
	s.money(valid, opts, present)
}

// verdict counts the runs by what became of them, and returns those that figures come from, those that were ended when a limit was
// missed for certain, and those that measured but do not count.
func (s *Summary) verdict() (valid, ended, invalid []*Result) {
	s.Status = OK
	severity := []Status{OK, Unsupported, Interrupted, Failed}
	worst := 0
	for i := range s.Results {
		r := &s.Results[i]
		worst = max(worst, slices.Index(severity, r.Status))
		switch {
		case r.Status == Failed:
			s.Failed++
		case r.Status == Unsupported:
			s.Unsupported++
		case r.Status == Interrupted:
			s.Interrupted++
		case r.Validity.Valid && r.Ended != "":
			s.Ended++
			ended = append(ended, r)
			continue
		case r.Validity.Valid:
			s.Valid++
			valid = append(valid, r)
			continue
		default:
			s.Invalid++
			invalid = append(invalid, r)
		}
		reasons := r.Validity.Reasons
		if r.Reason != "" {
			reasons = append([]string{r.Reason}, reasons...)
		}
		for _, reason := range reasons {
			if !slices.Contains(s.Reasons, reason) {
				s.Reasons = append(s.Reasons, reason)
			}
		}
	}
	if len(valid) == 0 {
		s.Status, s.First = severity[worst], s.Results[0]
		return nil, ended, invalid
	}
	s.First = *valid[0]
	return valid, ended, invalid
}

func (s *Summary) warn(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(s.Warnings, text) {
		s.Warnings = append(s.Warnings, text)
	}
}

// throughput is the mean over runs; nil without any.
func (s *Summary) throughput(runs []*Result) *Estimate {
	var xs []float64
	for _, r := range runs {
		x, ok := r.Throughput()
		if !ok {
			s.warn("run %s has no elapsed time; it is left out of the throughput", r.ID)
			continue
		}
		xs = append(xs, x)
	}
	slices.Sort(xs) // sums are the same for every order of the runs
	mean, ok := stat.Mean(xs)
	if !ok {
		return nil
	}
	e := &Estimate{Value: mean, Runs: len(xs)}
	if low, high, ok := stat.MeanInterval(xs, stat.Confidence); ok {
		e.Interval = &Interval{max(low, 0), high} // no throughput is below 0
	}
	if len(xs) == 1 {
		s.within(e, runs)
	}
	if target := runs[0].Scenario.TargetInterval; target != nil && e.Interval != nil && !tight(xs, *target) {
		s.warn("the interval of the throughput is not within %.3g %% on either side, as was asked for, after %d valid runs; raise "+
			"--max-duration or --max-repeats", 100**target, len(xs))
	}
	if spread, ok := stat.Spread(xs); ok {
		e.Spread = &spread
		if spread > NoisySpread && runs[0].judgesSteadiness() { // else the spread is that of the schedules
			s.warn("throughput differs by %.1f %% between runs", 100*spread)
		}
	}
	return e
}

// distribution merges the latencies of the valid runs; nil when they have none.
func (s *Summary) distribution(what string, valid []*Result, of func(*Result) *Latency) *Distribution {
	merged := stat.NewHistogram()
	var each []*stat.Histogram
	for _, r := range valid {
		l := of(r)
		if l == nil {
			continue
		}
		h, err := l.decode()
		if err != nil {
			s.warn("%s of run %s is left out: %v", what, r.ID, err)
			continue
		}
		merged.Merge(h)
		each = append(each, h)
	}
	if merged.Count() == 0 {
		return nil
	}
	return &Distribution{
		P50: quantile(merged, each, 0.5), P90: quantile(merged, each, 0.9), P99: quantile(merged, each, 0.99), Max: float64(merged.Max()),
	}
}

// quantile is a percentile of the merged latencies and over those of each run.
func quantile(h *stat.Histogram, each []*stat.Histogram, p float64) Quantile {
	q := Quantile{P: p, Count: h.Count(), Needs: stat.MinSamples(p, stat.Confidence), Runs: overRuns(each, p)}
	q.BoundNeeds, _ = stat.EarlyStoppingNeeds(p, 1)
	if rank, ok := stat.EarlyStoppingRank(p, q.Count); ok {
		v, _ := h.ValueAtRank(rank)
		bound := float64(v)
		q.Bound = &bound
	}
	low, high, ok := stat.QuantileRanks(q.Count, p, stat.Confidence)
	if !ok {
		return q
	}
	v, _ := h.Quantile(p)
	a, _ := h.ValueAtRank(low)
	b, _ := h.ValueAtRank(high)
	value := float64(v)
	q.Value, q.Interval = &value, &Interval{float64(a), float64(b)}
	return q
}

// share is the mean over runs of each run's throughput against the peak in its own result.
func share(valid []*Result) Share {
	over := func(of func(*Result) (cost, peak *float64)) *float64 {
		var xs []float64
		for _, r := range valid {
			x, ok := r.Throughput()
			cost, peak := of(r)
			if ok && cost != nil && peak != nil && *peak > 0 {
				xs = append(xs, x**cost / *peak)
			}
		}
		slices.Sort(xs)
		mean, ok := stat.Mean(xs)
		if !ok {
			return nil
		}
		return &mean
	}
	return Share{
		MeasuredFLOPs: over(func(r *Result) (cost, peak *float64) {
			if !sameThreads(r) {
				return nil, nil
			}
			return r.Workload.FLOPsPerUnit, r.Peak.Measured.FLOPsIn(products(r))
		}),
		MeasuredBytes: over(func(r *Result) (cost, peak *float64) {
			if !sameThreads(r) {
				return nil, nil
			}
			return r.Workload.BytesPerUnit, r.Peak.Measured.ReadBytesPerSecond
		}),
		MFU: over(func(r *Result) (cost, peak *float64) {
			if r.Peak.Spec == nil {
				return nil, nil
			}
			flops, ok := r.Peak.Spec.Flops[products(r)]
			if !ok {
				return nil, nil
			}
			return r.Workload.FLOPsPerUnit, &flops
		}),
		MBU: over(func(r *Result) (cost, peak *float64) {
			if r.Peak.Spec == nil {
				return nil, nil
			}
			return r.Workload.BytesPerUnit, r.Peak.Spec.BytesPerSecond
		}),
	}
}

// products is the precision in which products were computed, whose peak counts.
func products(r *Result) string { return cmp.Or(r.Engine.Products, r.Workload.Precision) }

// minPeakCPU is the least CPU time over wall time with which a measured peak stands for the machine.
const minPeakCPU = 0.95

// maxShare is the share of a measured peak that noise explains; more needs another explanation.
const maxShare = 1.05

// doubtPeak warns of a peak that was measured beside something else, and of shares that cannot be.
func (s *Summary) doubtPeak(valid []*Result) {
	for _, r := range valid {
		if disturbed(r.Peak.Measured) {
			s.warn("no share of the measured peak: its loops had %.0f %% of their CPUs, so that it is too low", 100**r.Peak.Measured.CPUOverWall)
		}
	}
	if x := s.Share.MeasuredFLOPs; x != nil && *x > maxShare {
		s.warn("%.0f %% of the measured FLOP/s: the peak was disturbed, another algorithm needs fewer operations, or work was left out", 100**x)
	}
	if x := s.Share.MeasuredBytes; x != nil && *x > maxShare {
		s.warn("%.0f %% of the measured bandwidth: the peak was disturbed, what is read stays in caches, or work was left out", 100**x)
	}
}

func disturbed(m *MeasuredPeak) bool {
	return m != nil && m.CPUOverWall != nil && *m.CPUOverWall < minPeakCPU
}

// doubtLikeness warns of runs in one row that were not made alike.
func (s *Summary) doubtLikeness(valid []*Result) {
	for _, r := range valid {
		switch first := valid[0]; {
		case r.Scenario.DurationNS != first.Scenario.DurationNS:
			s.warn("runs of different lengths are in this row: %s and %s", time.Duration(first.Scenario.DurationNS), time.Duration(r.Scenario.DurationNS))
		case r.Tool.Version != first.Tool.Version || r.Tool.Commit != first.Tool.Commit:
			s.warn("runs of different versions of the program are in this row: %s and %s", first.Tool.Version, r.Tool.Version)
		case r.Device.Driver != first.Device.Driver:
			s.warn("runs with different drivers are in this row: %s and %s", first.Device.Driver, r.Device.Driver)
		}
	}
}

// sameThreads tells whether the measured peak stands for what the engine had, undisturbed: a peak of two threads says nothing about how
// well one of them was used. An engine without threads, or a peak that does not count them, has nothing to differ in.
func sameThreads(r *Result) bool {
	if r.Peak.Measured == nil || disturbed(r.Peak.Measured) {
		return false
	}
	peak, engine := r.Peak.Measured.Threads, r.Engine.Threads
	return engine == nil || peak == 0 || peak == *engine*max(r.Scenario.Replicas, 1)
}
