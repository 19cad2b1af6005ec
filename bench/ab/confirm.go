package ab

import (
	"slices"

	"github.com/accelbench/accelbench/bench/compare"
)

// Confirm holds the regressions of a comparison against those of a second one, measured anew and judged alone: a metric that does not
// regress again is undecided. Chance makes the same metric regress twice about as often as the product of both rates.
func Confirm(first, again compare.Comparison) compare.Comparison {
	if first.Verdict != compare.Regressed {
		return first
	}
	out := first
	out.Cases = slices.Clone(first.Cases)
	for i, one := range out.Cases {
		out.Cases[i].Deltas = slices.Clone(one.Deltas)
		for j := range out.Cases[i].Deltas {
			d := &out.Cases[i].Deltas[j]
			if !d.Gated || d.Verdict != compare.Regressed {
				continue
			}
			if second := find(again, first.Cases[:i+1], d.Metric.Name); second == nil {
				d.Verdict, d.Reason = compare.Undecided, "not confirmed: it could not be measured again"
			} else if second.Verdict != compare.Regressed {
				d.Verdict, d.Reason = compare.Undecided, "not confirmed: measured again it was "+string(second.Verdict)
			}
		}
	}
	out.Conclude()
	return out
}

// find is the metric of the case that is to c what the last of the cases is to its comparison. Keys of trials differ; names are the
// same, and come in the same order where a name comes twice.
func find(c compare.Comparison, cases []compare.Case, metric string) *compare.Delta {
	name, nth := cases[len(cases)-1].Name, 0
	for _, one := range cases {
		if one.Name == name {
			nth++
		}
	}
	for _, one := range c.Cases {
		if one.Name != name {
			continue
		}
		if nth--; nth > 0 {
			continue
		}
		for j := range one.Deltas {
			if one.Deltas[j].Metric.Name == metric {
				return &one.Deltas[j]
			}
		}
		return nil
	}
	return nil
}
