package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/internal/english"
)

// checks are the verdicts on the metrics that decide, and what could not be compared.
func (v comparison) checks() []Check {
	out := []Check{}
	for _, d := range v.gated {
		c := Check{Suite: d.name, Name: d.Metric.Name, Outcome: Passed,
			Text: english.Joined(": ", d.verdict(), english.Joined("; ", changeWords(d.Delta)+fmt.Sprintf(", tolerance %s, level %s", toleranceText(v.Tolerance), level(d.Confidence)), reasonUnlessSaid(d)))}
		switch d.Verdict {
		case compare.Regressed:
			c.Outcome = Failed
		case compare.Undecided:
			c.Outcome = Open
		}
		out = append(out, c)
	}
	for _, p := range v.Problems {
		out = append(out, Check{Suite: orComparison(p.Case), Name: english.Joined(" ", p.Metric, "comparison"), Outcome: Broken, Text: p.Text})
	}
	if lost := v.lost(); lost != "" && len(v.gated) > 0 {
		out = append(out, Check{Suite: orComparison(""), Name: "runs", Outcome: Open, Text: strings.TrimPrefix(lost, "; ") + ": the verdicts do without them"})
	}
	if len(out) == 0 {
		out = append(out, Check{Suite: orComparison(""), Name: "comparison", Outcome: Broken, Text: v.headline()})
	}
	return out
}

func reasonUnlessSaid(d changed) string {
	if d.Ratio == nil {
		return ""
	}
	return d.Reason
}

func orComparison(name string) string {
	if name == "" {
		return "accelbench compare"
	}
	return name
}

// judgedRow is a row of the sheet: a metric, or a problem.
type judgedRow struct {
	changed
	verdict string
	reason  string
}

// sheet has every metric and, so that nobody takes silence for a pass, every problem.
func (v comparison) sheet() Sheet {
	var rows []judgedRow
	for _, d := range slices.Concat(v.gated, v.others) {
		rows = append(rows, judgedRow{d, string(d.Verdict), d.Reason})
	}
	for _, p := range v.Problems {
		rows = append(rows, judgedRow{changed{name: p.Case, Delta: compare.Delta{Metric: compare.Metric{Name: p.Metric}}}, "not compared", p.Text})
	}
	measured := func(of func(judgedRow) any) func(judgedRow) any {
		return func(l judgedRow) any {
			if l.Verdict == "" {
				return nil
			}
			return of(l)
		}
	}
	end := func(of func(compare.Interval) float64) func(judgedRow) any {
		return func(l judgedRow) any {
			if l.Interval == nil {
				return nil
			}
			return of(*l.Interval)
		}
	}
	return sheetOf(rows, []key[judgedRow]{
		{"case", func(l judgedRow) any { return l.name }},
		{"metric", func(l judgedRow) any { return l.Metric.Name }},
		{"unit", func(l judgedRow) any { return l.Metric.Unit }},
		{"better", func(l judgedRow) any { return string(l.Metric.Better) }},
		{"gated", measured(func(l judgedRow) any { return l.Gated })},
		{"verdict", func(l judgedRow) any { return l.verdict }},
		{"ratio", func(l judgedRow) any { return value(l.Ratio) }},
		{"ratio_low", end(func(i compare.Interval) float64 { return i.Low })},
		{"ratio_high", end(func(i compare.Interval) float64 { return i.High })},
		{"confidence", measured(func(l judgedRow) any { return l.Confidence })},
		{"tolerance", func(judgedRow) any { return v.Tolerance }},
		{"base", measured(func(l judgedRow) any { return l.Base })},
		{"head", measured(func(l judgedRow) any { return l.Head })},
		{"base_runs", measured(func(l judgedRow) any { return l.BaseRuns })},
		{"head_runs", measured(func(l judgedRow) any { return l.HeadRuns })},
		{"paired", measured(func(l judgedRow) any { return l.Paired })},
		{"needs_runs", func(l judgedRow) any { return value(l.Needs) }},
		{"reason", func(l judgedRow) any { return l.reason }},
	})
}
