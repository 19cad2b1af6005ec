package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/internal/english"
)

// kept is a limit of a row.
type kept struct {
	row
	limit bench.LimitSummary
}

// limits are the limits that rows were held to.
func (v view) limits() []Block {
	var all []kept
	for _, r := range v.rows {
		for _, l := range r.Limits {
			all = append(all, kept{r, l})
		}
	}
	if len(all) == 0 {
		return nil
	}
	fields := append(over(v.identity(), func(k kept) row { return k.row }), []field[kept]{
		{"Limit", Left, func(k kept) string { return limitText(k.limit.Limit) }},
		{"Verdict", Left, func(k kept) string { return limitVerdict(k.limit) }},
		{"Over / samples", Right, func(k kept) string { return fmt.Sprintf("%d / %d", k.limit.Over, k.limit.Samples) }},
		{"Ended early", Left, func(k kept) string { return fmt.Sprintf("%d of %s", k.ended(), english.Count(k.total(), "run")) }},
	}...)
	if !slices.ContainsFunc(all, func(k kept) bool { return k.ended() > 0 }) {
		fields = fields[:len(fields)-1]
	}
	blocks := append([]Block{Heading("Limits")}, brief(all, fields)...)
	return append(blocks, Paragraph{Text: "Met by MLPerf's rule of early stopping: with 99 % confidence, if the samples are independent, " +
		"the share of samples over the limit is below what the percentile leaves. Judged over all runs that measured."})
}

func limitVerdict(l bench.LimitSummary) string {
	switch {
	case l.Samples == 0:
		return NA
	case l.Met:
		return "met"
	}
	return "missed"
}

// limitsMet are the verdicts of a row on its limits in a cell.
func (r row) limitsMet() string {
	var out []string
	for _, l := range r.Limits {
		text := limitVerdict(l)
		if len(r.Limits) > 1 {
			text = limitText(l.Limit) + " " + text
		}
		out = append(out, text)
	}
	return orNone(strings.Join(out, ", "))
}

// endedEarly counts the runs of a row that ended before their time; empty if none did.
func (r row) endedEarly() string {
	n := r.ended()
	switch {
	case n == 0, r.outcome() == endedOutcome: // which says it
		return ""
	case n == r.total():
		return "ended early"
	}
	return fmt.Sprintf("%d of %s ended early", n, english.Count(r.total(), "run"))
}

// ended is the number of runs that ended before their time.
func (r row) ended() int {
	n := 0
	for _, x := range r.runs() {
		if x.Ended != "" {
			n++
		}
	}
	return n
}

// endings say why runs of a row ended before their time, each once.
func (r row) endings() []string {
	var out []string
	for _, x := range r.runs() {
		if text := endingText(x.Ended); text != "" && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

func endingText(ended string) string {
	switch ended {
	case "":
		return ""
	case bench.EndedLimit:
		return "a run ended early: a limit was missed so often that nothing could make up for it"
	case bench.EndedOverrun:
		return "a run ended early: so many samples were waiting that serving them would have taken too long; lower the rate"
	}
	return "a run ended early: " + ended
}
