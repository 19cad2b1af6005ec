package reports

import (
	"fmt"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/rank"
	"github.com/accelbench/accelbench/internal/english"
)

// ranked is a row of a ranking as tables need it: with or without a rank.
type ranked struct {
	rank.Entry
	reason string // why it has no rank
}

func entriesOf(l rank.List) []ranked {
	out := make([]ranked, len(l.Entries))
	for i, e := range l.Entries {
		out[i].Entry = e
	}
	return out
}

func othersOf(l rank.List) []ranked {
	var out []ranked
	for _, e := range l.Entries {
		for _, o := range e.Others {
			out = append(out, ranked{Entry: rank.Entry{Row: o}})
		}
	}
	return out
}

func outOf(b rank.Board) []ranked {
	out := make([]ranked, len(b.Out))
	for i, o := range b.Out {
		out[i] = ranked{rank.Entry{Row: o.Row}, o.Reason}
	}
	return out
}

func (r ranked) row() row { return row{Summary: r.Summary} }

// list is the table of a ranking, with the further configurations of its groups folded away.
func (v ranking) list(b rank.Board, l rank.List) []Block {
	entries := entriesOf(l)
	fields := append([]field[ranked]{{"Rank", Left, ranked.rank}, v.name()}, v.figures(b)...)
	fields = append(fields, field[ranked]{"First is better by", Left, func(r ranked) string { return against(v.how.Metric, r) }},
		field[ranked]{"Interval at", Right, atLevel}, field[ranked]{"Best of", Right, func(r ranked) string { return fmt.Sprint(1 + len(r.Others)) }}, made(), runs())
	blocks := []Block{Heading(b.Contest.String() + marketWords(l.Market))}
	blocks = append(blocks, folded(entries, fields)...)
	if others := othersOf(l); len(others) > 0 {
		fields := append([]field[ranked]{v.name()}, append(v.figures(b), made(), runs())...)
		blocks = append(blocks, Details{Summary: english.Count(len(others), "further configuration") + " of these groups", Blocks: folded(others, fields)})
	}
	return blocks
}

// out lists what has no rank.
func (v ranking) out(b rank.Board) []Block {
	rows := outOf(b)
	if len(rows) == 0 {
		return nil
	}
	fields := append([]field[ranked]{v.name()}, v.figures(b)...)
	fields = append(fields, made(), field[ranked]{"Not ranked", Left, func(r ranked) string { return shorten(r.reason) }})
	return append([]Block{Heading(b.Contest.String() + ": not ranked")}, folded(rows, fields)...)
}

func (v ranking) name() field[ranked] {
	head := groupWords(v.how.By)
	if v.how.Across != "" {
		head += ", " + groupWords([]rank.Dimension{v.how.Across})
	}
	return field[ranked]{sentence(head), Left, func(r ranked) string {
		name := r.Name()
		if v.how.Across != "" {
			name += ", " + r.Column
		}
		return shortName(name)
	}}
}

// figures are the columns of what people choose by. Those that no row of the board can fill are left out.
func (v ranking) figures(b rank.Board) []field[ranked] {
	unit := b.Contest.Unit
	has := func(of func(bench.Summary) bool) bool {
		found := false
		ranking{boards: []rank.Board{b}}.each(func(r rank.Row) { found = found || of(r.Summary) })
		return found
	}
	fields := []field[ranked]{{"Throughput", Right, func(r ranked) string { return r.row().throughput() }}}
	if has(func(s bench.Summary) bool { return s.Latency != nil }) {
		fields = append(fields, field[ranked]{"p50", Right, func(r ranked) string { return r.row().latency(p50) }},
			field[ranked]{"p99", Right, func(r ranked) string { return r.row().latency(p99) }})
	}
	if v.how.Metric.Priced() || has(func(s bench.Summary) bool { return s.Performance != nil }) {
		fields = append(fields,
			field[ranked]{"USD/h", Right, paid(func(p price.Performance) string { return amount(p.Price.AmountUSDPerHour) })},
			field[ranked]{"USD per million " + english.Plural(unit), Right, paid(func(p price.Performance) string { return reciprocal(p.USDPerMillionUnits) })},
			field[ranked]{sentence(english.Plural(unit)) + " per USD", Right, paid(func(p price.Performance) string { return linear(p.UnitsPerDollar) })})
	}
	if has(func(s bench.Summary) bool { return s.Energy != nil }) {
		fields = append(fields, field[ranked]{"Energy per " + unit, Right, func(r ranked) string {
			return maybe(r.Summary.Energy, func(x bench.Energy) string {
				return joules(x.JoulesPerUnit) + " (" + r.Summary.First.Device.Metered() + ")"
			})
		}})
	}
	return fields
}

func paid(of func(price.Performance) string) func(ranked) string {
	return func(r ranked) string {
		if r.Summary.Performance == nil && r.Summary.Valid > 0 {
			return "no price"
		}
		return maybe(r.Summary.Performance, of)
	}
}

// made is how a row was measured, runs how often.
func made() field[ranked] {
	return field[ranked]{"With", Left, func(r ranked) string {
		text := r.Configuration
		if c := r.Summary.First.Checks; c != nil {
			text += checkNote(c)
		}
		return text
	}}
}

func runs() field[ranked] {
	return field[ranked]{"Runs", Right, func(r ranked) string { return sampleWords(r.Sample) }}
}

func sampleWords(s rank.Sample) string {
	if s.Sessions > 1 {
		return fmt.Sprintf("%d in %d sessions", s.Runs, s.Sessions)
	}
	return fmt.Sprint(s.Runs)
}

// rank is the rank, or the first and the last that it may be.
func (r ranked) rank() string {
	if r.First == r.Last {
		return fmt.Sprint(r.First)
	}
	return fmt.Sprintf("%d–%d", r.First, r.Last)
}

// against says by how much the first entry is better; without an interval, or with one that holds 1, that this is not known.
func against(m rank.Metric, r ranked) string {
	p := r.Against
	switch {
	case p == nil:
		return none
	case p.Interval == nil:
		return NA + ": " + p.Reason
	}
	text := gain(func(ratio float64) float64 { return ratio - 1 }, *p)
	if m == rank.P50 || m == rank.P99 || m == rank.JoulesPerUnit {
		text = gain(func(ratio float64) float64 { return 1 - 1/ratio }, *p)
	}
	if !p.Differs {
		return text + ", a tie"
	}
	return text
}

// atLevel is the confidence of the interval of how the first entry stands against the row.
func atLevel(r ranked) string {
	if p := r.Against; p != nil && p.Interval != nil {
		return level(p.Confidence)
	}
	return none
}

// matrix is a table with a column for each value of the dimension across.
func (v ranking) matrix(b rank.Board, m rank.Matrix) []Block {
	table := Table{Columns: []Column{{sentence(groupWords(v.how.By)), Left}}}
	for _, c := range m.Columns {
		table.Columns = append(table.Columns, Column{c, Right})
	}
	var reasons List
	for _, line := range m.Lines {
		cells := []string{shortName(line.Name)}
		for i, c := range line.Cells {
			if c.Row == nil {
				cells = append(cells, NA)
				reasons = append(reasons, shorten(NA+" at "+line.Name+", "+m.Columns[i]+": "+c.Reason))
				continue
			}
			cells = append(cells, withRange(v.how.Metric, *c.Row))
		}
		table.Rows = append(table.Rows, cells)
	}
	blocks := []Block{Heading(b.Contest.String() + marketWords(m.Market)), Paragraph{Text: sentence(metricName(v.how.Metric, b.Contest.Unit)) + "."}, table}
	if len(reasons) > 0 {
		blocks = append(blocks, reasons)
	}
	return blocks
}

// withRange writes the figure of a row with the interval that its summary has for it.
func withRange(m rank.Metric, r rank.Row) string {
	s := r.Summary
	if p := s.Performance; p != nil {
		switch m {
		case rank.PerDollarHour:
			return linear(p.PerDollarHour)
		case rank.PerDollar:
			return linear(p.UnitsPerDollar)
		case rank.PerMillion:
			return reciprocal(p.USDPerMillionUnits)
		}
	}
	if m == rank.Throughput {
		return throughput(s.Throughput, s.First.Workload.Unit)
	}
	return metricValue(m, *r.Value)
}

// bestCell says which crossing of a matrix has the best figure.
func bestCell(metric rank.Metric, b rank.Board, m rank.Matrix) string {
	var best *rank.Row
	for _, line := range m.Lines {
		for _, c := range line.Cells {
			if c.Row != nil && (best == nil || metric.Before(*c.Row, *best)) {
				best = c.Row
			}
		}
	}
	text := "the best figure is that of " + shortName(best.Name()+", "+best.Column) + ", " + withRange(metric, *best)
	if metric != rank.Throughput && metric != rank.P50 && metric != rank.P99 {
		text += " " + metricName(metric, b.Contest.Unit)
	}
	return text
}

// groupWords name dimensions.
func groupWords(dimensions []rank.Dimension) string {
	var out []string
	for _, d := range dimensions {
		out = append(out, strings.ReplaceAll(string(d), "_", " "))
	}
	return strings.Join(out, ", ")
}
