package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/internal/english"
	"github.com/accelbench/accelbench/reports/chart"
)

// paretos are cost against latency, a chart for each workload, its lengths, unit and kind of contract of which several rows have both:
// shorter texts, and what may be taken away at any time, are cheaper and beat nothing.
func (v view) paretos() []Block {
	type product struct {
		workload, lengths, unit string
		market                  price.Market
	}
	var order []product
	offers := map[product][]row{}
	for _, r := range v.rows {
		if r.Performance == nil || r.Latency == nil || central(r.Latency.P50) == nil {
			continue
		}
		w := r.First.Workload
		p := product{w.Name, lengthWords(w), costUnit(r.First, r.Performance), r.Performance.Price.Market}
		if offers[p] == nil {
			order = append(order, p)
		}
		offers[p] = append(offers[p], r)
	}
	var out []Block
	for _, p := range order {
		if rows := offers[p]; len(rows) > 1 {
			name := shortName(p.workload)
			out = append(out, pareto(rows, name, name+p.lengths+marketWords(p.market), english.Plural(orNA(p.unit))))
		}
	}
	return out
}

// lengthWords are the lengths of a workload that has some.
func lengthWords(w bench.WorkloadInfo) string {
	text := ""
	for _, l := range []struct {
		name string
		n    *int
	}{{"seq-len", w.SeqLen}, {"isl", w.ISL}, {"osl", w.OSL}} {
		if l.n != nil {
			text += fmt.Sprintf(", %s %d", l.name, *l.n)
		}
	}
	return text
}

// pareto draws the rows; its file has the name, and its title says what it is about.
func pareto(rows []row, file, about, units string) Figure {
	of, name := p99, "p99"
	if slices.ContainsFunc(rows, func(r row) bool { return central(r.Latency.P99) == nil }) {
		of, name = p50, "p50"
	}
	c := chart.Pareto{X: chart.Axis{Name: name + " of latency", Unit: chart.Nanoseconds}, Y: chart.Axis{Name: "Cost", Unit: "USD per million " + units},
		Notes: []string{"Lower left is better. At utilisation 1. Whiskers are the 95 % intervals of the throughput; the price counts as exact."}}
	for _, r := range rows {
		cost := r.Performance.USDPerMillionUnits
		offer := chart.Offer{Name: r.name, X: *central(of(*r.Latency)), Y: cost.Value, Hollow: r.First.Engine.Kind == devices.Harness,
			Hover: fmt.Sprintf("%s USD per million %s at %s %s", number(cost.Value), units, name, nanoseconds(*central(of(*r.Latency))))}
		if i := cost.Interval; i != nil {
			offer.Spread = &chart.Interval{Low: i.Low, High: i.High}
		}
		c.Offers = append(c.Offers, offer)
	}
	return drawnFigure(figureName("price-performance", file+" "+units), "Price-performance of "+about+", "+units, onFront(c), func(h chart.Head) string {
		c.Head = h
		return c.SVG()
	})
}

// onFront says which offers are worth a thought.
func onFront(c chart.Pareto) string {
	front := c.Front()
	const most = 3
	switch {
	case len(front) == 0:
		return "All of these are harness engines, which are not ranked: what people deploy may well do more for the same money."
	case len(front) == len(c.Offers):
		return fmt.Sprintf("As measured none of the %s beats another in both cost and latency.", english.Count(len(front), "row"))
	case len(front) > most:
		return fmt.Sprintf("As measured %d of %s are on the front: no deployed one beats them in both cost and latency.", len(front), english.Count(len(c.Offers), "row"))
	}
	var names []string
	for _, i := range front {
		names = append(names, c.Offers[i].Name+" ("+c.Offers[i].Hover+")")
	}
	if len(front) == 1 {
		return "As measured no deployed row beats " + names[0] + " in cost or latency."
	}
	return "As measured no deployed row beats " + listed(names) + " in both cost and latency."
}

// timelines are power and clocks of each device while it was measured, for devices that tell either.
func (v view) timelines() []Block {
	const mostDevices = 4
	var order []string
	byPlace := map[string][]ran{}
	for _, r := range v.all {
		for _, x := range r.runs() {
			if len(x.Readings) > 1 {
				key := place(x)
				if byPlace[key] == nil {
					order = append(order, key)
				}
				byPlace[key] = append(byPlace[key], ran{r.name, x})
			}
		}
	}
	var out []Block
	for _, key := range order {
		if f, ok := timeline(byPlace[key], v.labels[key]); ok && len(out) < mostDevices {
			out = append(out, f)
		}
	}
	return out
}

// ran is a run with the name of its row.
type ran struct {
	name string
	bench.Result
}

// timeline lays the runs of a device end to end; ok is false where nothing was read of power and clock.
func timeline(runs []ran, device string) (f Figure, ok bool) {
	slices.SortStableFunc(runs, func(a, b ran) int { return a.Readings[0].Time.Compare(b.Readings[0].Time) })
	var spans []chart.Span
	from := 0.0
	for _, r := range runs {
		to := from + r.Readings[len(r.Readings)-1].Time.Sub(r.Readings[0].Time).Seconds()
		spans = append(spans, chart.Span{Name: r.name, From: from, To: to})
		from = to
	}
	c := chart.Timeline{Spans: spans, Notes: []string{"Runs are laid end to end, in the order in which they were made; a gap is where nothing was read."}}
	says := ""
	for _, q := range []struct {
		axis chart.Axis
		of   func(devices.Reading) *float64
	}{
		{chart.Axis{Name: "Power", Unit: "W"}, func(r devices.Reading) *float64 { return r.PowerWatts }},
		{chart.Axis{Name: "Clock", Unit: "MHz"}, func(r devices.Reading) *float64 { return r.ClockMHz }},
	} {
		moments, low, high, known := overTime(runs, spans, q.of)
		if known < 2 {
			continue
		}
		c.Panels = append(c.Panels, chart.Panel{Axis: q.axis, Moments: moments})
		says = english.Joined("; ", says, fmt.Sprintf("%s from %s to %s %s", strings.ToLower(q.axis.Name), number(low), number(high), q.axis.Unit))
	}
	if len(c.Panels) == 0 {
		return Figure{}, false
	}
	return drawnFigure(figureName("sensors", device), "Power and clock over time: "+device, fmt.Sprintf("Over %s: %s.", english.Count(len(runs), "run"), says),
		func(h chart.Head) string {
			c.Head = h
			return c.SVG()
		}), true
}

// overTime is a quantity over all runs, with a gap between two of them.
func overTime(runs []ran, spans []chart.Span, of func(devices.Reading) *float64) (out []chart.Moment, low, high float64, known int) {
	for i, r := range runs {
		if i > 0 {
			out = append(out, gap(spans[i].From))
		}
		for _, reading := range r.Readings {
			at := spans[i].From + reading.Time.Sub(r.Readings[0].Time).Seconds()
			x := of(reading)
			if x == nil {
				out = append(out, gap(at))
				continue
			}
			if known++; known == 1 {
				low, high = *x, *x
			}
			low, high = min(low, *x), max(high, *x)
			out = append(out, chart.Moment{Seconds: at, Value: *x})
		}
	}
	return out, low, high, known
}

// gap is a moment of which nothing is known.
func gap(seconds float64) chart.Moment { return chart.Moment{Seconds: seconds, Value: math.NaN()} }
