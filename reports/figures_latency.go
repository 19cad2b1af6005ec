package reports

import (
	"fmt"
	"math"
	"slices"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/internal/english"
	"github.com/accelbench/accelbench/reports/chart"
)

// percentileGrid are the percentiles that a distribution is drawn at: the closer, the nearer to 1.
func percentileGrid() []float64 {
	var out []float64
	for _, parts := range []float64{20, 200, 2000, 20000, 200000} {
		for k := 19.0; k >= 2; k-- {
			out = append(out, (parts-k)/parts)
		}
	}
	return out
}

// distributed is a row with its latency distribution.
type distributed struct {
	row
	points []bench.Quantile
}

// at is the percentile p; nil if there are too few samples for it.
func (d distributed) at(p float64) *bench.Quantile {
	i := slices.IndexFunc(d.points, func(q bench.Quantile) bool { return q.P == p })
	if i < 0 {
		return nil
	}
	return &d.points[i]
}

// latencies are the distributions of the latency, each as far as there are samples for it.
func (v view) latencies() []Block {
	const least = 0.9 // a distribution that is not known that far shows nothing that the table does not
	grid := percentileGrid()
	var rows []distributed
	for _, r := range v.rows {
		if d := (distributed{r, r.LatencyCurve(grid)}); d.at(least) != nil {
			rows = append(rows, d)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	c := chart.Percentiles{Axis: chart.Axis{Name: "Latency", Unit: chart.Nanoseconds},
		Notes: []string{"Of all valid runs together. A line ends where there are too few samples for the percentiles beyond."}}
	for _, d := range rows {
		drawn := chart.Distribution{Name: d.name}
		for _, q := range d.points {
			drawn.Points = append(drawn.Points, chart.Percentile{P: q.P, Value: *q.Value})
		}
		c.Rows = append(c.Rows, drawn)
	}
	return []Block{drawnFigure("latency", "Latency by percentile", tails(rows), func(h chart.Head) string {
		c.Head = h
		return c.SVG()
	})}
}

// tails say how latencies differ at the highest percentile that all rows have. Their intervals are lower bounds of the
// uncertainty, so that nothing is called faster.
func tails(rows []distributed) string {
	p := 0.9
	for _, higher := range []float64{0.99, 0.999, 0.9999} {
		if !slices.ContainsFunc(rows, func(d distributed) bool { return d.at(higher) == nil }) {
			p = higher
		}
	}
	at := func(d distributed) bench.Quantile { return *d.at(p) }
	name := "p" + amount(100*p)
	if len(rows) == 1 {
		return fmt.Sprintf("%s: half of the latencies are within %s, %s %% within %s.", rows[0].name, nanoseconds(*rows[0].at(0.5).Value),
			amount(100*p), nanoseconds(*at(rows[0]).Value))
	}
	low, high := rows[0], rows[0]
	for _, d := range rows {
		if *at(d).Value < *at(low).Value {
			low = d
		}
		if *at(d).Value > *at(high).Value {
			high = d
		}
	}
	if at(low).Interval.High >= at(high).Interval.Low {
		return fmt.Sprintf("At %s latencies are alike within their intervals: %s (%s) to %s (%s).", name, nanoseconds(*at(low).Value), low.name,
			nanoseconds(*at(high).Value), high.name)
	}
	return fmt.Sprintf("At %s latencies go from %s (%s) to %s (%s).", name, nanoseconds(*at(low).Value), low.name, nanoseconds(*at(high).Value), high.name)
}

// curveFigure draws a curve; ok is false where fewer than two loads have figures.
func (v view) curveFigure(c Curve, title string) (f Figure, ok bool) {
	first := v.all[c.Points[0].Row].First
	unit := english.Plural(orNA(unitName(first)))
	drawn := chart.Curve{X: chart.Axis{Name: "Throughput", Unit: unit + "/s"}, Y: chart.Axis{Name: "Latency", Unit: chart.Nanoseconds},
		Lines: []string{"p50", "p90", "p99"}, Notes: []string{"Beside each point stands its load (" + c.Unit + "). A percentile is missing where there are too few samples for it."}}
	var shown []CurvePoint
	for _, p := range c.Points {
		r := v.all[p.Row]
		if r.Throughput == nil || r.Latency == nil || central(r.Latency.P50) == nil {
			continue
		}
		shown = append(shown, p)
		point := chart.Load{Name: amount(p.Load), X: r.Throughput.Value, Mark: v.mark(c, p),
			Hover: fmt.Sprintf("%s: %s, p50 %s, p90 %s, p99 %s", loadText(p.Load, c.Unit), r.throughput(), r.latency(p50), r.latency(p90), r.latency(p99))}
		if point.Mark == none {
			point.Mark = ""
		}
		for _, q := range []bench.Quantile{r.Latency.P50, r.Latency.P90, r.Latency.P99} {
			y := math.NaN()
			if x := central(q); x != nil {
				y = *x
			}
			point.Y = append(point.Y, y)
		}
		drawn.Points = append(drawn.Points, point)
	}
	if len(shown) < 2 {
		return Figure{}, false
	}
	for _, l := range v.all[shown[0].Row].Limits {
		if l.Metric == load.Latency || l.Metric == "" {
			drawn.Limits = append(drawn.Limits, chart.Limit{Name: limitText(l.Limit), Value: float64(l.Bound)})
		}
	}
	return drawnFigure(figureName("curve", first.Workload.Name), title, v.growth(c, shown), func(h chart.Head) string {
		drawn.Head = h
		return drawn.SVG()
	}), true
}

// growth says what more load gave and what it took.
func (v view) growth(c Curve, shown []CurvePoint) string {
	low, high := v.all[shown[0].Row], v.all[shown[len(shown)-1].Row]
	times := func(a, b float64) string {
		if !(a > 0) {
			return NA
		}
		return digits(b/a, 3)
	}
	rates := fmt.Sprintf("throughput becomes %s times as high", times(low.Throughput.Value, high.Throughput.Value))
	if overlapping([]row{low, high}) > 1 {
		rates = "throughput stays the same within its intervals"
	}
	says := fmt.Sprintf("From %s to %s %s and the median latency becomes %s times as long", amount(shown[0].Load),
		loadText(shown[len(shown)-1].Load, c.Unit), rates, times(*central(low.Latency.P50), *central(high.Latency.P50)))
	if c.Knee != nil && c.Passed {
		return says + "; the knee is at " + loadText(*c.Knee, c.Unit) + "."
	}
	return says + "; no knee was reached."
}
