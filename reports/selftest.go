package reports

import (
	"fmt"

	"github.com/accelbench/accelbench/bench/selftest"
)

// SelftestSchema names the form of a self-test in JSON.
const SelftestSchema = "accelbench.selftest/v1"

// SelftestData is a self-test in JSON. Figures are in SI units, null where unknown; the other objects have the same keys,
// but only those for which there is something to say.
type SelftestData struct {
	Schema  string              `json:"schema"`
	Figures map[string]*float64 `json:"figures"`
	// Least are the least of the repeats, where a figure is the median of several.
	Least map[string]float64 `json:"least"`
	// Bars are what figures are held to, Met whether they keep to it here.
	Bars map[string]float64 `json:"bars"`
	Met  map[string]bool    `json:"met"`
	// LoadGen is what MLPerf's LoadGen took on another machine.
	LoadGen map[string]float64 `json:"loadgen_elsewhere"`
	Unknown map[string]string  `json:"unknown"`
	// OthersShare is the largest share of one CPU that other processes took within a part.
	OthersShare  *float64 `json:"others_cpu_share"`
	LoadAverage1 *float64 `json:"load_average_1"`
	Busy         bool     `json:"busy"`
}

// selfRow is a figure with what was measured of it.
type selfRow struct {
	selftest.Figure
	selftest.Measured
}

func (r selfRow) text(x *float64) string {
	return maybe(x, func(x float64) string {
		switch r.Unit {
		case selftest.Seconds:
			return nanoseconds(1e9 * x)
		case selftest.Bytes:
			return binary(x)
		case selftest.Share:
			return percent(x)
		}
		return NA
	})
}

// or is text, or a dash where there is nothing to be known.
func (r selfRow) or(x *float64) string {
	if x == nil {
		return "–"
	}
	return r.text(x)
}

func (r selfRow) verdict() string {
	met := r.Met(r.Measured)
	switch {
	case r.AtMost == nil:
		return "–"
	case met == nil:
		return NA
	case *met:
		return "yes"
	}
	return "no"
}

// Selftest draws the floor under the program's numbers.
func Selftest(report selftest.Report) Document {
	rows := make([]selfRow, len(report.Measured))
	for i, f := range selftest.Figures() {
		rows[i] = selfRow{f, report.Measured[i]}
	}
	d := Document{
		Title: "The floor under the numbers of accelbench on this machine",
		Blocks: []Block{tableOf(rows, []field[selfRow]{
			{"Figure", Left, func(r selfRow) string { return r.Text }},
			{"Here", Right, func(r selfRow) string { return r.text(r.Value) }},
			{"Least", Right, func(r selfRow) string { return r.or(r.Least) }},
			{"Bar", Right, func(r selfRow) string { return r.or(r.AtMost) }},
			{"Met here", Left, selfRow.verdict},
			{"LoadGen elsewhere", Right, func(r selfRow) string { return r.or(r.LoadGen) }},
		})},
		Sheet: sheetOf(rows, []key[selfRow]{
			{"figure", func(r selfRow) any { return r.Figure.Name }},
			{"unit", func(r selfRow) any { return string(r.Unit) }},
			{"value", func(r selfRow) any { return value(r.Value) }},
			{"least", func(r selfRow) any { return value(r.Least) }},
			{"bar", func(r selfRow) any { return value(r.AtMost) }},
			{"met", func(r selfRow) any { return value(r.Met(r.Measured)) }},
			{"loadgen_elsewhere", func(r selfRow) any { return value(r.LoadGen) }},
			{"unknown", func(r selfRow) any { return r.Reason }},
		}),
		Data: selftestData(report, rows),
	}
	if unknown := unknownFigures(rows); len(unknown) > 0 {
		d.Blocks = append(d.Blocks, Heading("Not measured"), unknown)
	}
	d.Blocks = append(d.Blocks, List{
		"The machine: " + surroundings(report),
		"Here is the median where a figure was measured several times, Least the least of these, which other work on the machine disturbs less.",
		"Overhead is what the generator takes for a query or sample of a system that answers at once, its preparation included; the " +
			"server's schedule is always behind. The clock is read twice a query.",
		"Lateness is from a query's scheduled time to its issue, in Poisson arrivals. Spin sleeps until shortly before the time and then keeps its CPU busy; " +
			"sleep leaves the CPU to others. The share of one CPU is that of the whole process.",
		"Hand-over is from a query's issue to the start of its execution on an idle lane of a queue, at 1000 queries/s.",
		"LoadGen elsewhere: MLPerf's LoadGen 6.0.17 with a null system and without its trace, on another machine (two virtual Zen 4 CPUs, Linux 6.18); it " +
			"sleeps, whatever the row says. A comparison has to run both on one machine.",
	})
	return d
}

func surroundings(r selftest.Report) string {
	text := "load average before the first part " + maybe(r.LoadAverage1, number) +
		fmt.Sprintf("; others took at most %s of one CPU", maybe(r.Others, percent))
	if r.Busy() {
		return text + ". It was busy: figures are higher than on a quiet machine"
	}
	return text
}

func unknownFigures(rows []selfRow) List {
	var out List
	for _, r := range rows {
		if r.Value == nil {
			out = append(out, r.Text+": "+r.Reason)
		}
	}
	return out
}

func selftestData(report selftest.Report, rows []selfRow) SelftestData {
	d := SelftestData{Schema: SelftestSchema, Figures: map[string]*float64{}, Least: map[string]float64{}, Bars: map[string]float64{},
		Met: map[string]bool{}, LoadGen: map[string]float64{}, Unknown: map[string]string{},
		OthersShare: report.Others, LoadAverage1: report.LoadAverage1, Busy: report.Busy()}
	for _, r := range rows {
		name := r.Figure.Name
		d.Figures[name] = r.Value
		for _, x := range []struct {
			into map[string]float64
			from *float64
		}{{d.Least, r.Least}, {d.Bars, r.AtMost}, {d.LoadGen, r.LoadGen}} {
			if x.from != nil {
				x.into[name] = *x.from
			}
		}
		if met := r.Met(r.Measured); met != nil {
			d.Met[name] = *met
		}
		if r.Value == nil {
			d.Unknown[name] = r.Reason
		}
	}
	return d
}
