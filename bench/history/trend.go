package history

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/bench/stat"
)

// Confidence is that of the interval in which the newest point is expected: 1 % of points lie outside though nothing changed.
const Confidence = 0.99

// ExpectationNeeds is the least number of earlier points from which the newest one is judged. From fewer the interval would reach
// more than six standard deviations to either side.
const ExpectationNeeds = 5

// Point is what an entry says of a series: the geometric mean over the runs, or the median for a metric that is compared by ranks.
type Point struct {
	Entry Entry   `json:"entry"`
	Value float64 `json:"value"`
	Runs  int     `json:"runs"`
	// conditions are the circumstances of the runs that are no part of what is compared.
	conditions []compare.Field
}

// Change is a point from which on a series has another level.
type Change struct {
	Point   int             `json:"point"`  // index of the first point of the new level
	Before  float64         `json:"before"` // the levels: geometric means up to the next change
	After   float64         `json:"after"`
	Ratio   float64         `json:"ratio"` // after over before
	P       float64         `json:"p"`     // see stat.Change
	Verdict compare.Verdict `json:"verdict"`
	// Causes are the circumstances in which this point differs from the one before it: what may be the reason.
	Causes []compare.Difference `json:"causes,omitempty"`
}

// Expectation is where the newest point lies with [Confidence] if nothing has changed, from earlier points: those since the last
// change, without those of bad entries.
type Expectation struct {
	Value  float64 `json:"value"` // geometric mean
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Points int     `json:"points"`
}

// Standing is what is to be said of the newest point.
type Standing string

// The newest point is better or worse when it is outside of what is expected, and further from the mean than the tolerance.
const (
	AsExpected Standing = "as expected"
	Better     Standing = "better"
	Worse      Standing = "worse"
	Undecided  Standing = "undecided"
)

// Series is one metric of one thing over time. Things of unlike identity (device, engine, machine) are different series.
type Series struct {
	Name     string          `json:"name"`
	Identity []compare.Field `json:"identity"`
	Metric   compare.Metric  `json:"metric"`
	Points   []Point         `json:"points"`
	Changes  []Change        `json:"changes"`
	// Searched tells that there were points enough to look for changes, [stat.ChangesNeed].
	Searched bool `json:"searched"`
	// Expected is nil with too few points; Reason then says how many are needed.
	Expected *Expectation `json:"expected"`
	Newest   Standing     `json:"newest"`
	Reason   string       `json:"reason,omitempty"`
	// Causes are the circumstances in which a newest point that is not as expected differs from the one before it.
	Causes []compare.Difference `json:"causes,omitempty"`
}

// Options say what to make of records. The zero value has the defaults.
type Options struct {
	// Tolerance is the relative change that is too small to matter; 0 stands for [compare.Tolerance].
	Tolerance float64
	// Metrics are the names of those to show, [AllMetrics] for every one. Empty stands for [compare.DefaultGate], without those that
	// follow from others.
	Metrics []string
}

// AllMetrics stands for every metric in [Options].
const AllMetrics = "all"

// Trends are the series of records in the order of time, in the order in which each first occurs. Everything is reckoned with
// logarithms: changes are ratios, and the unit does not matter.
func Trends(records []Record, opts Options) []Series {
	opts.Tolerance = cmp.Or(opts.Tolerance, compare.Tolerance)
	var out []Series
	at := map[string]int{}
	for _, r := range records {
		for _, subject := range r.Subjects {
			identity, conditions := split(subject.Fields)
			for _, s := range subject.Series {
				value, ok := s.Metric.Method.Centre(compare.Figures(s.Values))
				if !ok || !wanted(s.Metric, opts.Metrics) {
					continue
				}
				key := seriesKey(subject.Key, s.Metric.Name, identity)
				i, there := at[key]
				if !there {
					i, at[key] = len(out), len(out)
					out = append(out, Series{Name: subject.Name, Identity: identity, Metric: s.Metric})
				}
				out[i].Points = append(out[i].Points, Point{r.Entry, value, len(s.Values), conditions})
			}
		}
	}
	for i := range out {
		out[i].judge(opts.Tolerance)
	}
	return out
}

func wanted(m compare.Metric, names []string) bool {
	if len(names) == 0 {
		return m.Follows == "" && slices.Contains(compare.DefaultGate(), m.Name)
	}
	return slices.Contains(names, m.Name) || slices.Contains(names, AllMetrics)
}

func split(fields []compare.Field) (identity, conditions []compare.Field) {
	for _, f := range fields {
		if f.Identity {
			identity = append(identity, f)
		} else {
			conditions = append(conditions, f)
		}
	}
	return identity, conditions
}

func seriesKey(parts ...any) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "%q\n", fmt.Sprint(p))
	}
	return b.String()
}

func (s *Series) judge(tolerance float64) {
	logs := make([]float64, len(s.Points))
	for i, p := range s.Points {
		logs[i] = math.Log(p.Value)
	}
	changes, searched := stat.Changes(logs, math.Log1p(tolerance))
	s.Searched = searched
	since := 0
	for _, c := range changes {
		since = c.Index
		ratio := math.Exp(c.After - c.Before)
		s.Changes = append(s.Changes, Change{Point: c.Index, Before: math.Exp(c.Before), After: math.Exp(c.After), Ratio: ratio, P: c.P,
			Verdict: s.direction(ratio, compare.Improved, compare.Regressed), Causes: causes(s.Points[c.Index-1], s.Points[c.Index])})
	}
	s.expect(logs, since, tolerance)
}

func (s *Series) direction(ratio float64, better, worse compare.Verdict) compare.Verdict {
	if (ratio > 1) == (s.Metric.Better == compare.Higher) {
		return better
	}
	return worse
}

// expect judges the newest point by those before it.
func (s *Series) expect(logs []float64, since int, tolerance float64) {
	s.Newest = Undecided
	last := len(logs) - 1
	var earlier []float64
	for i := since; i < last; i++ {
		if s.Points[i].Entry.Verdict != Bad {
			earlier = append(earlier, logs[i])
		}
	}
	if len(earlier) < ExpectationNeeds {
		s.Reason = fmt.Sprintf("needs %d earlier points, has %d", ExpectationNeeds, len(earlier))
		if since > 0 {
			s.Reason += " since the last change"
		}
		return
	}
	low, high, ok := stat.PredictionInterval(earlier, Confidence)
	mean, known := stat.Mean(earlier)
	if !ok || !known {
		s.Reason = "the earlier points give no interval"
		return
	}
	s.Expected = &Expectation{Value: math.Exp(mean), Low: math.Exp(low), High: math.Exp(high), Points: len(earlier)}
	newest := logs[last]
	switch {
	case low <= newest && newest <= high, math.Abs(newest-mean) <= math.Log1p(tolerance):
		s.Newest = AsExpected
		return
	case (newest > mean) == (s.Metric.Better == compare.Higher):
		s.Newest = Better
	default:
		s.Newest = Worse
	}
	s.Causes = causes(s.Points[last-1], s.Points[last])
}

// causes are the conditions that differ between two points.
func causes(before, after Point) []compare.Difference {
	old := map[string]string{}
	for _, f := range before.conditions {
		old[f.Name] = f.Value
	}
	var out []compare.Difference
	for _, f := range after.conditions {
		if was := old[f.Name]; was != f.Value {
			out = append(out, compare.Difference{Field: f.Name, Base: was, Head: f.Value})
		}
		delete(old, f.Name)
	}
	for _, f := range before.conditions {
		if was := old[f.Name]; was != "" {
			out = append(out, compare.Difference{Field: f.Name, Base: was})
		}
	}
	return out
}
