package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/internal/english"
)

// differences are the fields in which the sides differ: those that identify open, the circumstances folded when there are many.
func (v comparison) differences() []Block {
	type difference struct {
		compare.Difference
		cases []string
	}
	var all []difference
	for _, c := range v.Cases {
		for _, d := range c.Differences {
			i := slices.IndexFunc(all, func(o difference) bool { return o.Difference == d })
			if i < 0 {
				all = append(all, difference{d, []string{c.Name}})
			} else {
				all[i].cases = append(all[i].cases, c.Name)
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	fields := []field[difference]{
		{"Field", Left, func(d difference) string { return d.Field }},
		{"Base", Left, func(d difference) string { return shortName(orNA(d.Base)) }},
		{"Head", Left, func(d difference) string { return shortName(orNA(d.Head)) }},
	}
	if len(v.Cases) > 1 {
		fields = append(fields, field[difference]{"Cases", Left, func(d difference) string {
			if len(d.cases) == len(v.Cases) {
				return "all"
			}
			return shortName(d.cases[0]) + more(len(d.cases), "case")
		}})
	}
	var identity, others []difference
	for _, d := range all {
		if d.Identity {
			identity = append(identity, d)
		} else {
			others = append(others, d)
		}
	}
	blocks := []Block{Heading("What differs between the sides")}
	if len(identity) > 0 {
		blocks = append(blocks, Paragraph{Text: "These are different things, compared because that was asked for:", Strong: true})
		blocks = append(blocks, folded(identity, fields)...)
	}
	const few = 6
	switch {
	case len(others) > few:
		blocks = append(blocks, Details{Summary: english.Count(len(others), "circumstance") + " that differ", Blocks: folded(others, fields)})
	case len(others) > 0:
		blocks = append(blocks, folded(others, fields)...)
	}
	return blocks
}

// remarkWidth is the most characters of a remark: reasons of many runs go on and on.
const remarkWidth = 250

// remarks are what belongs to no metric: what only head has, what was left out, warnings.
func (v comparison) remarks() []Block {
	var list List
	if n := len(v.New); n > 0 {
		list = append(list, shorten("Only head has, so that there is nothing to compare with: "+strings.Join(v.New[:min(n, 6)], "; ")+more(max(n-5, 0), "case")+"."))
	}
	for _, note := range slices.Concat(v.Notes, v.opts.Warnings) {
		list = append(list, cut(note, remarkWidth, "…"))
	}
	if len(list) == 0 {
		return nil
	}
	if rest := list[min(len(list), briefRows):]; len(rest) > 0 {
		return []Block{Heading("Remarks"), list[:briefRows], Details{Summary: english.Count(len(rest), "further remark"), Blocks: []Block{rest}}}
	}
	return []Block{Heading("Remarks"), list}
}

// method tells how verdicts come about.
func (v comparison) method() Block {
	edge := toleranceText(v.Tolerance)
	return Details{Summary: "How to read this", Blocks: []Block{List{
		"Regressed: the whole interval of the change lies beyond " + edge + " on the worse side. Improved: beyond it on the better side. " +
			"Unchanged: wholly within, so that a change, if there is one, is smaller than " + edge + ". Undecided: the interval reaches across " +
			"an edge, and nothing is claimed; more runs make it narrower.",
		"↑ is better when higher, ↓ when lower.",
		fmt.Sprintf("The verdicts on the metrics that decide (%d here) are right all together in at least %s of comparisons, by Holm's procedure. The "+
			"level that it gives each stands in the last column: the interval holds at that level, by itself.", len(v.gated), level(v.confidence())),
		"What counts is the run, a process of its own: many queries in one run say nothing about the next run. Means are compared by Student's t " +
			"on logarithms, within rounds where both sides ran in turn, else after Welch; percentiles by order statistics, from six runs of each side on.",
		"Base and head are geometric means over runs, of percentiles medians. accelbench report has arithmetic means over runs, and percentiles " +
			"over the queries of all of them, so its figures are not quite these.",
		"docs/statistics.md has the formulas, their sources, and how often such verdicts were wrong in simulations.",
	}}}
}

func (v comparison) reproduce() []Block {
	if v.opts.Command == "" {
		return nil
	}
	return []Block{Heading("How to reproduce"), Code{Language: "sh", Text: v.opts.Command}}
}
