package reports

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/compare"
)

func TestForestOfAComparison(t *testing.T) {
	c, opts := mixed()
	d := Comparison(c, opts)
	f := figuresOf(d)
	require.Len(t, f, 1)
	require.Equal(t, "comparison", f[0].Name)
	require.Regexp(t, "^Regressed: .*\\.$", f[0].Says)
	goldenFigure(t, "comparison", f[0])

	c.Cases = nil
	require.Empty(t, figuresOf(Comparison(c, opts)), "nothing to plot")
	unknown := delta(throughputMetric(), compare.Undecided, 0, 1, 0)
	unknown.Ratio, unknown.Interval = nil, nil
	require.Empty(t, figuresOf(Comparison(comparisonOf(resnetCase(unknown)), opts)), "no ratio is known")
}

func TestBadgeOfAComparison(t *testing.T) {
	problem := []compare.Problem{{Case: "a", Text: "base has no valid run"}}
	for _, c := range []struct {
		verdict  compare.Verdict
		problems []compare.Problem
		want     Badge
	}{
		{compare.Unchanged, nil, Badge{Label: "accelbench", Text: "unchanged", Outcome: Passed}},
		{compare.Improved, nil, Badge{Label: "accelbench", Text: "improved", Outcome: Passed}},
		{compare.Undecided, nil, Badge{Label: "accelbench", Text: "undecided", Outcome: Open}},
		{compare.Regressed, problem, Badge{Label: "accelbench", Text: "regressed", Outcome: Failed}},
		{compare.Unchanged, problem, Badge{Label: "accelbench", Text: "could not compare", Outcome: Broken}},
	} {
		gated := comparisonOf(resnetCase(delta(throughputMetric(), c.verdict, 10, 1, 0.01)))
		gated.Verdict, gated.Problems = c.verdict, c.problems
		require.Equal(t, &c.want, Comparison(gated, compareOptions()).Badge)
	}
	require.Equal(t, Broken, Comparison(compare.Comparison{Verdict: compare.Undecided}, compareOptions()).Badge.Outcome, "nothing was compared")
}
