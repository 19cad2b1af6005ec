package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/montanaflynn/stats"

	"github.com/accelbench/accelbench/bench/stat"
)

// edges are the ends of the tolerance as logarithms of the ratio.
type edges struct{ low, high float64 }

// rounding is how far beyond an edge, as a share, an end of an interval still counts as on it: 97 of 100 is a change of 3 %.
const rounding = 1e-12

func edgesOf(tolerance float64) edges {
	return edges{math.Log(max(1-tolerance, 0)) - rounding, math.Log(1+tolerance) + rounding}
}

// verdict on an interval of logarithms.
func (e edges) verdict(m Metric, low, high float64) Verdict {
	switch {
	case low > e.high:
		return m.change(Higher)
	case high < e.low:
		return m.change(Lower)
	case low >= e.low && high <= e.high:
		return Unchanged
	}
	return Undecided
}

// distance from an estimate to the nearer edge.
func (e edges) distance(estimate float64) float64 {
	return min(math.Abs(estimate-e.low), math.Abs(estimate-e.high))
}

// level is 1 minus the confidence of the interval that ends at the edge beyond which the estimate lies; 1 if it is beyond none. What
// follows from zeros is beyond at every level.
func (j *judgement) level(e edges) float64 {
	switch {
	case j.settled && j.Verdict != Unchanged:
		return 0
	case j.shift == nil:
		return 1
	}
	switch x := j.shift.Estimate(); {
	case x > e.high:
		return j.shift.Level(e.high)
	case x < e.low:
		return j.shift.Level(e.low)
	}
	return 1
}

// levels gives every judgement the confidence of its interval: the gated ones by Holm's procedure (S. Holm, Scandinavian Journal of
// Statistics 6, 1979), the others the given one. Of m gated metrics the one that is furthest beyond its edge, as its level tells, is
// tried at (1-confidence)/m, the next at (1-confidence)/(m-1) and so on; the first that is not beyond stops it, and has its level in
// common with all that follow.
func levels(all []*judgement, e edges, confidence float64) {
	var family []*judgement
	for _, j := range all {
		j.Confidence = confidence
		if j.Gated {
			family = append(family, j)
		}
	}
	tried := map[*judgement]float64{}
	for _, j := range family {
		tried[j] = j.level(e)
	}
	slices.SortStableFunc(family, func(a, b *judgement) int { return cmp.Compare(tried[a], tried[b]) })
	stopped := false
	level := 0.0
	for k, j := range family {
		if !stopped {
			level = (1 - confidence) / float64(len(family)-k)
		}
		j.Confidence = 1 - level
		stopped = stopped || !j.beyond(e)
	}
}

// beyond tells whether the interval lies wholly beyond an edge.
func (j *judgement) beyond(e edges) bool {
	if j.settled {
		return j.Verdict != Unchanged
	}
	low, high, ok := j.interval()
	return ok && (low > e.high || high < e.low)
}

// interval of the logarithm; ok is false with too few runs for the confidence.
func (j *judgement) interval() (low, high float64, ok bool) {
	if j.shift == nil {
		return 0, 0, false
	}
	return j.shift.Interval(j.Confidence)
}

// conclude fills in what depends on the level.
func (j *judgement) conclude(e edges) {
	if j.settled {
		return
	}
	low, high, ok := j.interval()
	if !ok {
		j.tooFew()
		return
	}
	j.Verdict = e.verdict(j.Metric, low, high)
	if l, h := ratio(low), ratio(high); l != nil && h != nil && j.Ratio != nil {
		j.Interval = &Interval{min(*l, *j.Ratio), max(*h, *j.Ratio)} // but for rounding they are in order
	} else {
		j.Reason = "an end of the interval is a ratio beyond all numbers"
	}
	switch {
	case j.Verdict != Undecided:
	case j.Metric.Better == "" && (low > e.high || high < e.low):
		j.Reason = "it has changed; which way is better is not known"
	default:
		j.further(low, high, e)
	}
}

// tooFew says how many runs there must be.
func (j *judgement) tooFew() {
	least := j.Metric.Method.Least()
	switch {
	case j.Metric.Method != Rank:
	case j.Paired:
		least = max(least, stat.SignedRankNeeds(j.Confidence))
	default:
		least = max(least, stat.MannWhitneyNeeds(j.Confidence))
	}
	j.Reason = fmt.Sprintf("needs %d runs of each side", least)
	if j.Paired {
		j.Reason = fmt.Sprintf("needs %d rounds of both sides", least)
	}
	if least > j.Metric.Method.Least() {
		j.Reason += fmt.Sprintf(" at %.3g %%", 100*j.Confidence)
	}
	needs := max(least-min(j.BaseRuns, j.HeadRuns), 1)
	j.Needs = &needs
}

// mostFurther bounds the further runs that are asked for.
const mostFurther = 1000

// further is how many runs more would make the interval so short that it would not reach the nearer edge if the estimate stayed what
// it is: as likely as not, since the estimate will move. Of ranks the interval is taken to shrink with the root of the runs.
func (j *judgement) further(low, high float64, e edges) {
	estimate := j.shift.Estimate()
	distance := e.distance(estimate)
	reach := func(more int) float64 {
		return max(high-estimate, estimate-low) * math.Sqrt(j.share(more))
	}
	if _, ok := j.shift.(stat.TShift); ok {
		reach = j.student()
	}
	more := 1 + sort.Search(mostFurther, func(i int) bool { return reach(1+i) < distance })
	if more > mostFurther {
		j.Reason = fmt.Sprintf("more than %d further runs would be needed: the change is about as large as the tolerance", mostFurther)
		return
	}
	j.Needs = &more
}

// share of the variance of the estimate that is left with so many runs more on each side.
func (j *judgement) share(more int) float64 {
	b, h, m := float64(j.BaseRuns), float64(j.HeadRuns), float64(more)
	if j.Paired {
		return b / (b + m)
	}
	return (1/(b+m) + 1/(h+m)) / (1/b + 1/h)
}

// student is half of the interval by Student's t with so many runs more on each side, which are as noisy as these are.
func (j *judgement) student() func(more int) float64 {
	level := 1 - j.Confidence
	if j.Paired {
		s, _ := stat.PairedT(j.base.logs, j.head.logs)
		return func(more int) float64 {
			return s.Error * math.Sqrt(j.share(more)) * stat.StudentQuantile(level, s.Freedom+float64(more))
		}
	}
	b, h := variance(j.base.logs), variance(j.head.logs)
	return func(more int) float64 {
		nb, nh := float64(j.BaseRuns+more), float64(j.HeadRuns+more)
		err, freedom := stat.WelchError(b/nb, nb-1, h/nh, nh-1)
		return err * stat.StudentQuantile(level, freedom)
	}
}

// variance of at least two numbers.
func variance(xs []float64) float64 {
	v, _ := stats.SampleVariance(xs) // fails for none only
	return v
}
