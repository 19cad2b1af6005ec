package compare

import (
	"fmt"
	"math"
	"slices"

	"github.com/accelbench/accelbench/bench/stat"
)

// Compare matches the subjects of two sides and judges every metric that both have.
func Compare(base, head []Subject, opts Options) Comparison {
	opts = opts.withDefaults()
	c := Comparison{Tolerance: opts.Tolerance, Confidence: opts.Confidence, Verdict: Undecided}
	pairs := c.match(base, head, opts)
	if err := CheckGate(opts.Gate, base, head); err != nil && len(pairs) > 0 {
		c.problem("", "", "%v", err)
	}
	var all []*judgement
	for _, p := range pairs {
		at := len(c.Cases)
		c.Cases = append(c.Cases, Case{Name: p.name(), Base: p.base, Head: p.head, Differences: differences(p.base, p.head)})
		all = append(all, c.judge(p, at, opts)...)
	}
	e := edgesOf(opts.Tolerance)
	levels(all, e, opts.Confidence)
	for _, j := range all {
		j.conclude(e)
		k := &c.Cases[j.at]
		k.Deltas = append(k.Deltas, j.Delta)
	}
	c.Conclude()
	if !slices.ContainsFunc(all, func(j *judgement) bool { return j.Gated }) && len(c.Problems) == 0 {
		c.problem("", "", "nothing decides: neither side has a metric of the gate")
	}
	return c
}

func (o Options) withDefaults() Options {
	if o.Tolerance == 0 {
		o.Tolerance = Tolerance
	}
	if o.Confidence == 0 {
		o.Confidence = Confidence
	}
	return o
}

// Conclude gives the cases, and the whole, the verdicts of their gated metrics.
func (c *Comparison) Conclude() {
	var gated []Verdict
	for i := range c.Cases {
		var own []Verdict
		for _, d := range c.Cases[i].Deltas {
			if d.Gated {
				own = append(own, d.Verdict)
			}
		}
		c.Cases[i].Verdict = worst(own)
		gated = append(gated, own...)
	}
	c.Verdict = worst(gated)
}

// worst is the verdict of several; undecided of none.
func worst(verdicts []Verdict) Verdict {
	for _, v := range Verdicts() {
		if slices.Contains(verdicts, v) {
			return v
		}
	}
	return Undecided
}

// judgement is a delta in the making.
type judgement struct {
	Delta
	at         int // the case
	base, head sample
	shift      Shift // nil with too few runs, and where there is no ratio
	settled    bool  // the verdict follows from zeros
}

// judge prepares the deltas of a case, and says what cannot be compared.
func (c *Comparison) judge(p pair, at int, opts Options) []*judgement {
	c.badRuns(p.name(), "base", p.base)
	c.badRuns(p.name(), "head", p.head)
	gate := gateOf(p, opts.Gate)
	before := len(c.Problems)
	decided := false
	var out []*judgement
	for _, m := range metricsOf(p.base, p.head) {
		gated := slices.Contains(gate, m.Name)
		if gated && !slices.Contains(c.Gate, m.Name) {
			c.Gate = append(c.Gate, m.Name)
		}
		j := c.delta(p, m, gated, opts)
		if j != nil {
			j.at, decided = at, decided || gated
			out = append(out, j)
		}
	}
	if !decided && len(opts.Gate) == 0 && len(c.Problems) == before {
		c.problem(p.name(), "", "nothing decides: %s", why(p))
	}
	return out
}

func why(p pair) string {
	for _, s := range []Subject{p.base, p.head} {
		if s.Runs > 0 && s.Bad == s.Runs {
			return "no run gave figures: " + reasons(s)
		}
	}
	for _, s := range slices.Concat(p.base.Series, p.head.Series) {
		if s.Missing != "" {
			return "neither side has " + s.Metric.Name + ": " + s.Missing
		}
	}
	return "neither side has a metric that is measured and whose better direction is known"
}

func (c *Comparison) badRuns(name, side string, s Subject) {
	if s.Bad > 0 {
		c.note("%s: %d of %d runs of %s gave no figures: %s", name, s.Bad, s.Runs, side, reasons(s))
	}
}

// delta is one metric of a pair; nil if it cannot be compared, which a problem says of a gated metric and a note of another.
func (c *Comparison) delta(p pair, m Metric, gated bool, opts Options) *judgement {
	unable := func(format string, args ...any) *judgement {
		text := fmt.Sprintf(format, args...)
		if gated {
			c.problem(p.name(), m.Name, "%s", text)
		} else {
			c.note("%s: %s is left out: %s", p.name(), m.Name, text)
		}
		return nil
	}
	b, h := p.base.series(m.Name), p.head.series(m.Name)
	switch {
	case len(b.Values) == 0 && len(h.Values) == 0:
		if gated {
			c.note("%s: %s is skipped, neither side has it%s", p.name(), m.Name, because(b.Missing))
		}
		return nil
	case len(b.Values) == 0:
		return unable("base does not have it%s", because(p.base.lack(b)))
	case len(h.Values) == 0:
		return unable("head does not have it%s", because(p.head.lack(h)))
	case b.Metric != h.Metric:
		return unable("it is not the same on both sides: %s in base, %s in head", b.Metric.words(), h.Metric.words())
	}
	for _, side := range []struct {
		name string
		s    Series
	}{{"base", b}, {"head", h}} {
		if bad := side.s.notAbove0(); bad != "" {
			text := fmt.Sprintf("%s of %s is no figure to take a ratio of", bad, side.name)
			if gated {
				text += "; gate the other metrics by name with --gate"
			}
			return unable("%s", text)
		}
		if gated && side.s.Missing != "" {
			c.note("%s: %s of %s is not that of all runs: %s", p.name(), m.Name, side.name, side.s.Missing)
		}
	}
	j := &judgement{Delta: Delta{Metric: m, Gated: gated, Verdict: Undecided}}
	var lone int
	j.base, j.head, lone = sides(b.Values, h.Values, opts)
	j.Paired = j.base.paired
	if j.Paired && lone > 0 {
		c.note("%s: %s: %d of %d rounds left out, one side has no figure of them", p.name(), m.Name, lone, lone+len(j.base.xs))
	}
	j.estimate()
	if j.shift == nil && j.Ratio == nil && j.Base > 0 && j.Head > 0 {
		return unable("%d and %d runs are more than ranks can compare: give fewer, such as 5000 of each side", j.BaseRuns, j.HeadRuns)
	}
	if few, many := min(j.BaseRuns, j.HeadRuns), max(j.BaseRuns, j.HeadRuns); gated && !j.Paired && m.Method == Mean && few > 1 && few < 4 && few < many {
		c.note("%s: %s: %d runs of base and %d of head: the interval is as wide as the smaller side alone allows; give it as many as the other", p.name(), m.Name, j.BaseRuns, j.HeadRuns)
	}
	return j
}

// estimate fills in what does not depend on the level.
func (j *judgement) estimate() {
	rank := j.Metric.Method == Rank
	j.BaseRuns, j.HeadRuns = len(j.base.xs), len(j.head.xs)
	j.Base, _ = j.Metric.Method.Centre(j.base.xs) // 0 if all are
	j.Head, _ = j.Metric.Method.Centre(j.head.xs)
	enough := min(j.BaseRuns, j.HeadRuns) >= j.Metric.Method.Least()
	if j.Base == 0 || j.Head == 0 {
		j.zeros(enough)
		return
	}
	var s Shift
	ok := false
	switch {
	case rank && j.Paired:
		s, ok = stat.SignedRank(j.base.logs, j.head.logs)
	case rank:
		s, ok = stat.MannWhitney(j.base.logs, j.head.logs)
	case !enough: // the estimate needs no interval
		j.Ratio = ratio(j.head.mean() - j.base.mean())
		return
	case j.Paired:
		s, ok = stat.PairedT(j.base.logs, j.head.logs)
	default:
		s, ok = stat.Welch(j.base.logs, j.head.logs)
	}
	if !ok {
		return
	}
	j.Ratio = ratio(s.Estimate())
	if enough {
		j.shift = s
	}
}

// zeros judges counts that are 0 on a side, which have no ratio and need none.
func (j *judgement) zeros(enough bool) {
	switch {
	case j.Base == 0 && j.Head == 0:
		j.Ratio = ratio(0)
	case j.Head == 0:
		j.Ratio = new(float64)
	}
	if !enough {
		return
	}
	j.settled = true
	if j.Ratio != nil {
		j.Interval = &Interval{*j.Ratio, *j.Ratio}
	}
	switch {
	case j.Base == j.Head:
		j.Verdict = Unchanged
	case j.Head > 0:
		j.Verdict, j.Reason = j.Metric.change(Higher), fmt.Sprintf("from 0 to %.6g", j.Head)
	default:
		j.Verdict, j.Reason = j.Metric.change(Lower), fmt.Sprintf("from %.6g to 0", j.Base)
	}
}

// ratio of a difference of logarithms; nil if it is none that a number can hold.
func ratio(log float64) *float64 {
	r := math.Exp(log)
	if math.IsInf(r, 0) || math.IsNaN(r) {
		return nil
	}
	return &r
}

// change is the verdict on a change that is beyond doubt.
func (m Metric) change(direction Direction) Verdict {
	switch m.Better {
	case direction:
		return Improved
	case "":
		return Undecided
	}
	return Regressed
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}
