package claim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/rank"
	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/internal/english"
)

// Verdict of a claim.
type Verdict string

// The verdicts.
const (
	Supported Verdict = "supported"
	Refuted   Verdict = "refuted"
	Undecided Verdict = "undecided"
)

// Side is what a side was judged by: its best configuration on the metric.
type Side struct {
	Selector      string `json:"selector"`
	Name          string `json:"name"` // the instance type, or the device where that is not known
	Configuration string `json:"configuration"`
	// Of is the number of configurations that the best was chosen from.
	Of     int         `json:"of"`
	Sample rank.Sample `json:"sample"`
	// Value is the figure on the metric; nil without a price.
	Value   *float64      `json:"value"`
	Summary bench.Summary `json:"summary"`
}

// Judgement is what results say of a claim.
type Judgement struct {
	Claim   Claim   `json:"-"`
	Text    string  `json:"claim"`
	Verdict Verdict `json:"verdict"`
	// Reason says why it is undecided.
	Reason string `json:"reason,omitempty"`
	Left   *Side  `json:"left"`
	Right  *Side  `json:"right"`
	// Contest is what both sides were measured in.
	Contest *rank.Contest `json:"contest"`
	// Ratio is the left side over the right one, with its interval at Confidence.
	Ratio    *float64        `json:"ratio"`
	Interval *bench.Interval `json:"interval"`
	// Confidence is 95 %, or more where a side is the best of several configurations; 0 where there are no two sides.
	Confidence float64 `json:"confidence,omitempty"`
	// Further is about how many further runs of each side would decide; nil if it is decided or that cannot be told.
	Further *int `json:"needs_runs"`
	// Turn is the price at which the claim turns; nil for a metric that is not about money.
	Turn *Turn `json:"turn"`
}

// Judge holds a claim against the rows of a report.
func Judge(c Claim, rows []bench.Summary) Judgement {
	j := Judgement{Claim: c, Text: c.String(), Verdict: Undecided}
	rows = rank.Candidates(rows)
	left, reason := c.side(c.Left, rows)
	if reason == "" {
		var right []bench.Summary
		if right, reason = c.side(c.Right, rows); reason == "" {
			reason = j.meet(left, right)
		}
	}
	j.Reason = reason
	return j
}

// side are the rows that may stand for a side, or why there are none.
func (c Claim) side(s Selector, rows []bench.Summary) ([]bench.Summary, string) {
	matching := keep(rows, s.matches)
	if len(matching) == 0 {
		return nil, "no results of " + s.String() + thereAre(rows, placeOf)
	}
	of := keep(matching, c.allows)
	if len(of) == 0 {
		return nil, "no results of " + s.String() + " for " + c.what() + thereAre(matching, func(s bench.Summary) string { return rank.ContestOf(s).String() })
	}
	var reasons []string
	fit := keep(of, func(row bench.Summary) bool {
		reason := rank.Excluded(row)
		if reason != "" && !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
		return reason == ""
	})
	if len(fit) == 0 {
		return nil, "no results of " + s.String() + " that count: " + strings.Join(reasons, "; ")
	}
	return fit, ""
}

// what is the part of the claim that speaks of the measurement.
func (c Claim) what() string {
	bare := c
	bare.Left, bare.Right, bare.Metric, bare.Market = nil, nil, "", ""
	_, text, _ := strings.Cut(bare.String(), " for ")
	return text
}

func placeOf(s bench.Summary) string {
	return cmp.Or(rank.InstanceType.Of(s), rank.Device.Of(s))
}

// thereAre lists what there is in place of what was looked for.
func thereAre(rows []bench.Summary, of func(bench.Summary) string) string {
	const most = 6
	var names []string
	for _, s := range rows {
		if name := of(s); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	switch {
	case len(names) == 0:
		return ""
	case len(names) > most:
		return "; there are " + strings.Join(names[:most], "; ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return "; there are " + strings.Join(names, "; ")
}

func keep(rows []bench.Summary, wanted func(bench.Summary) bool) []bench.Summary {
	return slices.DeleteFunc(slices.Clone(rows), func(s bench.Summary) bool { return !wanted(s) })
}

// meet finds what both sides were measured in, takes the best of each, and judges; the reason says why there is no verdict.
func (j *Judgement) meet(left, right []bench.Summary) string {
	c := j.Claim
	for _, a := range left {
		if slices.ContainsFunc(right, func(b bench.Summary) bool { return a.First.ID == b.First.ID }) {
			return "both sides are the same results: " + placeOf(a) + ", " + rank.Configuration(a)
		}
	}
	if !c.Metric.Priced() { // of what is not known, it does not matter in what contest; a price may yet be given
		var why string
		if left, why = c.measured(c.Left, left); why != "" {
			return why
		}
		if right, why = c.measured(c.Right, right); why != "" {
			return why
		}
	}
	contest, reason := c.contest(left, right)
	if reason != "" {
		return reason
	}
	j.Contest = &contest
	in := func(s bench.Summary) bool { return c.contestOf(s) == contest }
	left, right = keep(left, in), keep(right, in)
	if c.Metric.Priced() {
		unpriced := func(rows []bench.Summary) bool { return len(keep(rows, isPriced)) == 0 }
		if unpriced(left) || unpriced(right) {
			return j.breakEven(left, right)
		}
		market, reason := c.market(left, right)
		if reason != "" {
			return reason
		}
		in := func(s bench.Summary) bool { return isPriced(s) && s.Performance.Price.Market == market }
		left, right = keep(left, in), keep(right, in)
	}
	if j.Left, reason = c.best(c.Left, left, c.Metric); reason != "" {
		return reason
	}
	if j.Right, reason = c.best(c.Right, right, c.Metric); reason != "" {
		return reason
	}
	return j.decide()
}

// measured are the rows with a figure on the metric, or why there are none.
func (c Claim) measured(s Selector, rows []bench.Summary) ([]bench.Summary, string) {
	out := keep(rows, func(row bench.Summary) bool {
		_, reason := c.Metric.Sample(row)
		return reason == ""
	})
	if len(out) > 0 {
		return out, ""
	}
	_, reason := c.best(s, rows, c.Metric)
	return nil, reason
}

func isPriced(s bench.Summary) bool { return s.Performance != nil }

// contestOf is that of a row; a precision that a side names is its own affair.
func (c Claim) contestOf(s bench.Summary) rank.Contest {
	if c.Left.names(rank.Precision) || c.Right.names(rank.Precision) {
		return c.Metric.ContestOf(s, rank.Precision)
	}
	return c.Metric.ContestOf(s)
}

// contest is the one that both sides have results of.
func (c Claim) contest(left, right []bench.Summary) (rank.Contest, string) {
	of := func(rows []bench.Summary) []rank.Contest {
		var out []rank.Contest
		for _, s := range rows {
			if k := c.contestOf(s); !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
		return out
	}
	ours, theirs := of(left), of(right)
	both := slices.DeleteFunc(slices.Clone(ours), func(k rank.Contest) bool { return !slices.Contains(theirs, k) })
	blind := func(rows []rank.Contest) []rank.Contest {
		rows = slices.Clone(rows)
		for i := range rows {
			rows[i].Energy = ""
		}
		return rows
	}
	switch len(both) {
	case 0:
		if a, b := blind(ours), blind(theirs); slices.ContainsFunc(a, func(k rank.Contest) bool { return slices.Contains(b, k) }) {
			return rank.Contest{}, fmt.Sprintf("the energies are of unlike scopes: %s has %s; %s has %s", c.Left, list(ours), c.Right, list(theirs))
		}
		return rank.Contest{}, fmt.Sprintf("nothing that both sides measured is alike: %s has %s; %s has %s", c.Left, list(ours), c.Right, list(theirs))
	case 1:
		return both[0], ""
	}
	return rank.Contest{}, "both sides measured several things: " + list(both) + "; say which in the claim, as in for WORKLOAD PRECISION, scenario NAME, isl N, rate N, concurrency N, or give results of one alone"
}

func list(contests []rank.Contest) string {
	var out []string
	for _, c := range contests {
		out = append(out, c.String())
	}
	return strings.Join(out, "; ")
}

// market is the kind of contract that both sides are priced under.
func (c Claim) market(left, right []bench.Summary) (price.Market, string) {
	of := func(rows []bench.Summary) []price.Market {
		var out []price.Market
		for _, s := range rows {
			if s.Performance == nil {
				continue
			}
			if m := s.Performance.Price.Market; !slices.Contains(out, m) && (c.Market == "" || c.Market == m) {
				out = append(out, m)
			}
		}
		return out
	}
	ours, theirs := of(left), of(right)
	both := slices.DeleteFunc(slices.Clone(ours), func(m price.Market) bool { return !slices.Contains(theirs, m) })
	const way = "; price both alike with --market, or with --price TYPE=USD for each"
	switch {
	case len(both) == 1:
		return both[0], ""
	case len(both) > 1:
		return "", "both sides have prices of several markets: say in which, as in " + c.String() + " in " + string(both[0])
	case c.Market != "" && len(ours) == 0:
		return "", fmt.Sprintf("%s has no %s price%s", c.Left, c.Market, way)
	case c.Market != "":
		return "", fmt.Sprintf("%s has no %s price%s", c.Right, c.Market, way)
	}
	return "", fmt.Sprintf("the prices are of unlike markets: %s is %s, %s is %s%s", c.Left, ours[0], c.Right, theirs[0], way)
}

// best is the row that a buyer would choose: the one whose figure on the metric is best.
func (c Claim) best(s Selector, rows []bench.Summary, m rank.Metric) (*Side, string) {
	var best *Side
	var reasons []string
	n := 0
	for _, row := range rows {
		sample, reason := m.Sample(row)
		if reason != "" {
			if !slices.Contains(reasons, reason) {
				reasons = append(reasons, reason)
			}
			continue
		}
		n++
		x := m.Value(sample)
		if best != nil && (x <= *best.Value) == (m.Better() == compare.Higher) {
			continue
		}
		best = &Side{Selector: s.String(), Name: placeOf(row), Configuration: rank.Configuration(row), Sample: sample, Value: &x, Summary: row}
	}
	if best == nil {
		return nil, s.String() + ": " + strings.Join(reasons, "; ")
	}
	best.Of = n
	return best, ""
}

// confidence is that of the interval by which the sides are judged, after the choice of the best of each.
func (j *Judgement) confidence() float64 {
	return rank.AfterChoice(stat.Confidence, j.Left.Of, j.Right.Of)
}

// decide compares the sides.
func (j *Judgement) decide() string {
	c := j.Claim
	ratio, reason := c.Metric.Compare(j.Left.Sample, j.Right.Sample)
	j.Confidence = j.confidence()
	j.Ratio, j.Interval = &ratio.Value, ratio.Interval(j.Confidence)
	j.Turn = turnOf(c, j.Left, ratio, j.Confidence)
	if reason = cmp.Or(reason, ratio.Missing(j.Confidence)); reason != "" {
		return reason
	}
	switch low, high := c.Relation.holds(j.Interval.Low, c.Factor), c.Relation.holds(j.Interval.High, c.Factor); {
	case low && high:
		j.Verdict = Supported
		return ""
	case !low && !high:
		j.Verdict = Refuted
		return ""
	}
	reason = "the interval of the ratio holds the factor"
	n, ok := ratio.Further(c.Factor, j.Confidence)
	if !ok {
		return reason + ": the ratio is about as large, and no reasonable number of runs would tell"
	}
	j.Further = &n
	return fmt.Sprintf("%s: about %s of each side would decide if ratio and noise stay as they are", reason, english.Count(n, "further "+unit(j.Left.Sample)))
}

func unit(s rank.Sample) string {
	if s.PerSession {
		return "session"
	}
	return "run"
}
