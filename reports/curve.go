package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/internal/english"
)

// Curve is how latency and throughput go with the load, in JSON: rows that differ in nothing else, lowest load first.
type Curve struct {
	Unit   string       `json:"unit"` // of the load
	Points []CurvePoint `json:"points"`
	// Knee is the load with the largest throughput over median latency; nil if no load has both.
	Knee *float64 `json:"knee"`
	// Passed tells that a higher load has both as well, so that the knee lies within the curve.
	Passed bool `json:"knee_passed"`
}

// CurvePoint is a load and the row, by its place in the rows of the report, that was measured at it.
type CurvePoint struct {
	Load float64 `json:"load"`
	Row  int     `json:"row"`
}

// curves are those of all rows that differ in the load only.
func (v view) curves() []Curve {
	at := map[bench.Identity]int{}
	var out []Curve
	for i, r := range v.all {
		load, unit := loadOf(r.First.Scenario)
		if unit == "" || r.member() {
			continue
		}
		id := r.First.Identity()
		id.Rate, id.Concurrency = 0, 0
		n, known := at[id]
		if !known {
			n = len(out)
			at[id] = n
			out = append(out, Curve{Unit: unit})
		}
		out[n].Points = append(out[n].Points, CurvePoint{load, i})
	}
	out = slices.DeleteFunc(out, func(c Curve) bool { return len(c.Points) < 2 })
	for i := range out {
		slices.SortStableFunc(out[i].Points, func(a, b CurvePoint) int { return cmp.Compare(a.Load, b.Load) })
		v.knee(&out[i])
	}
	return out
}

// knee finds the load with the largest power: throughput over latency, after L. Kleinrock, "Power and deterministic rules of thumb for
// probabilistic problems in computer communications", ICC 1979; here over the median latency.
func (v view) knee(c *Curve) {
	best := 0.0
	for i, p := range c.Points {
		power, ok := v.all[p.Row].power()
		switch {
		case !ok:
		case power > best:
			best, c.Knee, c.Passed = power, &c.Points[i].Load, false
		default:
			c.Passed = c.Knee != nil
		}
	}
}

func (r row) power() (float64, bool) {
	if r.Throughput == nil || r.Latency == nil {
		return 0, false
	}
	median := central(r.Latency.P50)
	if median == nil || !(*median > 0) {
		return 0, false
	}
	return r.Throughput.Value / *median, true
}

// The most curves that are shown; JSON has all.
const shownCurves = 6

func (v view) curveBlocks(curves []Curve) []Block {
	if len(curves) == 0 {
		return nil
	}
	blocks := []Block{Heading("Latency against throughput")}
	for _, c := range curves[:min(len(curves), shownCurves)] {
		first := v.all[c.Points[0].Row]
		words := ScenarioWords(unloaded(first.First.Scenario), first.First.Workload.Batch)
		name := v.nameOf(first, words)
		blocks = append(blocks, Paragraph{Text: name + v.sought(first) + ":"})
		blocks = append(blocks, brief(c.Points, v.curveFields(c))...)
		if f, ok := v.curveFigure(c, name); ok {
			blocks = append(blocks, f)
		}
		blocks = append(blocks, Paragraph{Text: v.kneeText(c)})
	}
	if left := len(curves) - shownCurves; left > 0 {
		blocks = append(blocks, Paragraph{Text: english.Count(left, "further curve") + " left out here; JSON has all."})
	}
	return append(blocks, Paragraph{Text: "The knee is the load with the largest throughput over median latency, Kleinrock's power " +
		"(ICC 1979): beyond it latency grows by a larger part than throughput."})
}

// sought says what a search looked for; empty if the row is of none.
func (v view) sought(r row) string {
	for _, p := range v.peaks {
		if probe := r.First.Scenario.Probe; probe != nil && probe.Search == p.Search {
			return ", searched for " + p.limits()
		}
	}
	return ""
}

func (v view) curveFields(c Curve) []field[CurvePoint] {
	of := func(write func(row) string) func(CurvePoint) string {
		return func(p CurvePoint) string { return write(v.all[p.Row]) }
	}
	fields := []field[CurvePoint]{
		{"Load", Right, func(p CurvePoint) string { return loadText(p.Load, c.Unit) }},
		{"Offered", Right, of(func(r row) string {
			if r.Delivery == nil {
				return none
			}
			return number(r.Delivery.Offered) + "/s"
		})},
		{"Throughput", Right, of(row.throughput)},
		{"p50", Right, of(func(r row) string { return r.latency(p50) })},
		{"p90", Right, of(func(r row) string { return r.latency(p90) })},
		{"p99", Right, of(func(r row) string { return r.latency(p99) })},
		{"Limits", Left, of(row.limitsMet)},
		{"Verdict", Left, of(func(r row) string { return english.Joined(", ", verdict(r), r.endedEarly()) })},
		{"Mark", Left, func(p CurvePoint) string { return v.mark(c, p) }},
	}
	if !slices.ContainsFunc(c.Points, func(p CurvePoint) bool { return len(v.all[p.Row].Limits) > 0 }) {
		fields = slices.Delete(fields, 6, 7)
	}
	if !slices.ContainsFunc(c.Points, func(p CurvePoint) bool { return v.all[p.Row].Delivery != nil }) {
		fields = slices.Delete(fields, 1, 2)
	}
	return fields
}

func (v view) mark(c Curve, p CurvePoint) string {
	var marks []string
	if c.Knee != nil && *c.Knee == p.Load && c.Passed {
		marks = append(marks, "knee")
	}
	if v.all[p.Row].atPeak {
		marks = append(marks, "peak")
	}
	return orNone(strings.Join(marks, ", "))
}

func (v view) kneeText(c Curve) string {
	last := c.Points[len(c.Points)-1].Load
	switch {
	case c.Knee == nil:
		return "No knee: no load has a valid throughput and a median latency."
	case c.Passed:
		return fmt.Sprintf("The knee is at %s: more load costs more in latency than it gives in throughput.", loadText(*c.Knee, c.Unit))
	case *c.Knee == last:
		return fmt.Sprintf("No knee was reached: throughput over median latency is largest at the last load, %s. Higher loads would tell.",
			loadText(last, c.Unit))
	}
	return fmt.Sprintf("No knee was reached: throughput over median latency is largest at %s, the highest load with valid figures.",
		loadText(*c.Knee, c.Unit))
}
