package reports

import (
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/reports/chart"
)

// forest is a plot of the ratios of the gated metrics with their intervals, the worst first; none where no ratio is known.
func (v comparison) forest() []Block {
	drawn := chart.Forest{Axis: chart.Axis{Name: "Head over base: 1 is no change"}, Band: chart.Interval{Low: 1 - v.Tolerance, High: 1 + v.Tolerance},
		Notes: []string{"Shaded: the tolerance of " + toleranceText(v.Tolerance) + ". An interval wholly within is unchanged, one wholly beyond it improved " +
			"or regressed, any other undecided."}}
	for _, d := range v.gated {
		if d.Ratio == nil {
			continue
		}
		name := d.Metric.Name
		if len(v.Cases) > 1 {
			name = d.name + ": " + name
		}
		if d.Metric.Better == compare.Lower {
			name += ", lower is better"
		}
		ratio := chart.Ratio{Name: name, Value: *d.Ratio, Text: changeText(d.Ratio, d.Interval) + " " + string(d.Verdict), Judged: judgedAs(d.Verdict)}
		if i := d.Interval; i != nil {
			ratio.Interval = &chart.Interval{Low: i.Low, High: i.High}
		}
		drawn.Rows = append(drawn.Rows, ratio)
	}
	if len(drawn.Rows) == 0 {
		return nil
	}
	told := v
	told.Problems = nil // what could not be compared is in no plot
	return []Block{drawnFigure("comparison", "Changes of the metrics that decide", told.headline()+".", func(h chart.Head) string {
		drawn.Head = h
		return drawn.SVG()
	})}
}

func judgedAs(v compare.Verdict) chart.Judged {
	switch v {
	case compare.Regressed:
		return chart.Worse
	case compare.Improved:
		return chart.Gain
	case compare.Unchanged:
		return chart.Same
	}
	return chart.Open
}

// badge is the verdict. What could not be compared is no pass.
func (v comparison) badge() *Badge {
	b := Badge{Label: "accelbench", Text: string(v.Verdict), Outcome: Passed}
	switch {
	case v.Verdict == compare.Regressed:
		b.Outcome = Failed
	case len(v.Problems) > 0 || len(v.gated) == 0:
		b.Text, b.Outcome = "could not compare", Broken
	case v.Verdict == compare.Undecided:
		b.Outcome = Open
	}
	return &b
}
