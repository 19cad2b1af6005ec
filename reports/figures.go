package reports

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/internal/english"
	"github.com/accelbench/accelbench/reports/chart"
)

// BadgeName is the name of the drawing of a document's badge.
const BadgeName = "badge"

// SVG draws the badge.
func (b Badge) SVG() string {
	judged := map[Outcome]chart.Judged{Passed: chart.Same, Failed: chart.Worse, Open: chart.Open, Broken: chart.Open}[b.Outcome]
	return chart.Badge{Label: b.Label, Text: b.Text, Judged: judged}.SVG()
}

// SaveFigures lets every figure of the document, and its badge if it has one, be saved, and returns the document with the paths
// at which they lie. With an error come the paths of those that were saved before.
func (d Document) SaveFigures(save func(name, svg string) (path string, err error)) (Document, error) {
	var failed error
	saved := func(name, svg string) string {
		if failed != nil {
			return ""
		}
		path, err := save(name, svg)
		failed = err
		return path
	}
	d.Blocks = withPaths(d.Blocks, saved)
	if d.Badge != nil {
		b := *d.Badge
		b.Path = saved(BadgeName, b.SVG())
		d.Badge = &b
	}
	return d, failed
}

func withPaths(blocks []Block, save func(name, svg string) string) []Block {
	out := slices.Clone(blocks)
	for i, b := range out {
		switch x := b.(type) {
		case Figure:
			x.Path = save(x.Name, x.SVG)
			out[i] = x
		case Details:
			x.Blocks = withPaths(x.Blocks, save)
			out[i] = x
		}
	}
	return out
}

// tellFiguresApart gives figures that would be saved under the same name numbers.
func tellFiguresApart(blocks []Block) {
	used := map[string]bool{BadgeName: true}
	for i, b := range blocks {
		f, ok := b.(Figure)
		if !ok {
			continue
		}
		name := f.Name
		for n := 2; used[name]; n++ {
			name = fmt.Sprintf("%s-%d", f.Name, n)
		}
		used[name] = true
		f.Name = name
		blocks[i] = f
	}
}

var unnamable = regexp.MustCompile(`[^a-z0-9]+`)

// figureName is the name of a figure of that kind about something; what no file name should have is left out.
func figureName(kind, about string) string {
	const most = 40
	about = strings.Trim(unnamable.ReplaceAllString(strings.ToLower(about), "-"), "-")
	return strings.Trim(english.Joined("-", kind, about[:min(len(about), most)]), "-")
}

// drawnFigure is a chart with its sentence, which may quote names of any length.
func drawnFigure(name, title, says string, draw func(chart.Head) string) Figure {
	says = shorten(says)
	return Figure{Name: name, Says: says, SVG: draw(chart.Head{Title: title, Says: says})}
}

// badge is the figure of the row that the headline is about.
func (v view) badge() *Badge {
	r := v.headlineRow()
	if r == nil {
		return &Badge{Label: "accelbench", Text: "no valid run", Outcome: Open}
	}
	r = v.atKnee(r)
	return &Badge{Label: shortName(r.workload), Text: throughput(&bench.Estimate{Value: r.Throughput.Value}, unitName(r.First)), Outcome: Passed}
}

// throughputs are bars of the throughput, a chart for each unit that several rows have.
func (v view) throughputs() []Block {
	var units []string
	byUnit := map[string][]row{}
	for _, r := range v.rows {
		if r.Throughput == nil {
			continue
		}
		unit := english.Plural(orNA(unitName(r.First)))
		if byUnit[unit] == nil {
			units = append(units, unit)
		}
		byUnit[unit] = append(byUnit[unit], r)
	}
	var out []Block
	for _, unit := range units {
		rows := byUnit[unit]
		if len(rows) < 2 {
			continue
		}
		c := chart.Bars{Axis: chart.Axis{Name: "Throughput", Unit: unit + "/s"}, Notes: barNotes(rows)}
		for _, r := range rows {
			c.Rows = append(c.Rows, chart.Bar{Name: r.name, Value: r.Throughput.Value, Interval: drawnInterval(r.Throughput.Interval),
				Text: barText(r.Throughput), Hollow: r.First.Engine.Kind == devices.Harness && severalKinds(rows)})
		}
		out = append(out, drawnFigure(figureName("throughput", unit), "Throughput in "+unit+"/s", fastest(rows, unit), func(h chart.Head) string {
			c.Head = h
			return c.SVG()
		}))
	}
	return out
}

func drawnInterval(i *bench.Interval) *chart.Interval {
	if i == nil {
		return nil
	}
	return &chart.Interval{Low: i.Low, High: i.High}
}

func barText(e *bench.Estimate) string {
	if e.Runs == 1 {
		return rate(e) + " (1 run)"
	}
	return rate(e)
}

func severalKinds(rows []row) bool {
	return slices.ContainsFunc(rows, func(r row) bool { return deployedFirst(r) != deployedFirst(rows[0]) })
}

func barNotes(rows []row) []string {
	var out []string
	if slices.ContainsFunc(rows, func(r row) bool { return r.Throughput.Interval != nil }) {
		out = append(out, "Whiskers are 95 % intervals over runs.")
	}
	if severalKinds(rows) {
		out = append(out, "Hollow: a harness engine, not for rankings.")
	}
	if len(out) == 0 {
		return nil
	}
	return []string{strings.Join(out, " ")}
}

// fastest says which row has the highest throughput, and no more than the intervals allow. Rows of several workloads are not
// compared: another model is another task.
func fastest(rows []row, unit string) string {
	order := slices.Clone(rows)
	slices.SortStableFunc(order, func(a, b row) int { return descending(a.Throughput.Value, b.Throughput.Value) })
	top, next := order[0], order[1]
	last := order[len(order)-1]
	value := func(r row) string { return number(r.Throughput.Value) }
	if slices.ContainsFunc(order, func(r row) bool { return r.First.Workload.Name != top.First.Workload.Name }) {
		return fmt.Sprintf("From %s %s/s (%s) to %s %s/s (%s); rows of different workloads are different tasks.",
			value(last), unit, last.name, value(top), unit, top.name)
	}
	switch alike := overlapping(order); {
	case alike == 2:
		return fmt.Sprintf("%s and %s are alike within their intervals: about %s %s/s.", top.name, next.name, value(top), unit)
	case alike > 2:
		return fmt.Sprintf("%s are alike within their intervals, at about %s %s/s; the highest figure is that of %s.", english.Count(alike, "row"), value(top), unit, top.name)
	}
	says := fmt.Sprintf("%s has the highest throughput: %s %s/s", top.name, value(top), unit)
	if next.Throughput.Value > 0 {
		says += fmt.Sprintf(", %s times the next (%s)", digits(top.Throughput.Value/next.Throughput.Value, 3), next.name)
	}
	if top.Throughput.Interval == nil || next.Throughput.Interval == nil {
		says += "; without intervals of both, which take several runs, this may be noise"
	}
	return says + "."
}

func descending(a, b float64) int {
	switch {
	case a > b:
		return -1
	case a < b:
		return 1
	}
	return 0
}

// overlapping counts the rows whose intervals overlap that of the first one; those without an interval do not count.
func overlapping(order []row) int {
	first := order[0].Throughput.Interval
	if first == nil {
		return 0
	}
	n := 0
	for _, r := range order {
		if i := r.Throughput.Interval; i != nil && i.High >= first.Low && i.Low <= first.High {
			n++
		}
	}
	return n
}

// listed joins names: a, b and c.
func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
