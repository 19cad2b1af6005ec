package rank

import (
	"cmp"
	"maps"
	"slices"

	"github.com/accelbench/accelbench/bench/price"
)

// Matrix shows groups against the values of one more dimension under one kind of contract.
type Matrix struct {
	Market  price.Market `json:"market,omitempty"`
	Columns []string     `json:"columns"`
	Lines   []Line       `json:"lines"`
}

// Line is one group.
type Line struct {
	Name  string `json:"name"`
	Cells []Cell `json:"cells"`
}

// Cell is the best configuration at a crossing; Row is nil where there is none, as Reason says.
type Cell struct {
	Row    *Row   `json:"row"`
	Reason string `json:"reason,omitempty"`
}

// matrix has lines and columns by their names, those of rows of other markets and of rows without a rank included.
func matrix(market price.Market, ranked map[price.Market][]Row, out []Out, m Metric) Matrix {
	t := Matrix{Market: market}
	var lines []string
	var missing []Out
	for _, other := range slices.Sorted(maps.Keys(ranked)) {
		for _, r := range ranked[other] {
			lines, t.Columns = append(lines, r.Name()), append(t.Columns, r.column())
			if other != market {
				missing = append(missing, Out{r, "its price is " + string(other)})
			}
		}
	}
	for _, o := range out {
		lines, t.Columns = append(lines, o.Name()), append(t.Columns, o.column())
	}
	missing = append(missing, out...)
	lines, t.Columns = sorted(lines), sorted(t.Columns)
	for _, name := range lines {
		line := Line{Name: name}
		for _, column := range t.Columns {
			here := func(r Row) bool { return r.Name() == name && r.column() == column }
			line.Cells = append(line.Cells, cell(ranked[market], missing, here, m))
		}
		t.Lines = append(t.Lines, line)
	}
	return t
}

func (r Row) column() string { return cmp.Or(r.Column, Unknown) }

func sorted(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}

// cell is the best of the rows that are here, or the reason why there is none.
func cell(rows []Row, missing []Out, here func(Row) bool, m Metric) Cell {
	var c Cell
	for i := range rows {
		if here(rows[i]) && (c.Row == nil || m.Before(rows[i], *c.Row)) {
			c.Row = &rows[i]
		}
	}
	if c.Row != nil {
		return c
	}
	c.Reason = "not measured"
	if i := slices.IndexFunc(missing, func(o Out) bool { return here(o.Row) }); i >= 0 {
		c.Reason = missing[i].Reason
	}
	return c
}
