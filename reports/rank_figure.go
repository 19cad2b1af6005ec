package reports

import (
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/rank"
	"github.com/accelbench/accelbench/internal/english"
	"github.com/accelbench/accelbench/reports/chart"
)

// bars draw a ranking; nothing where there is nothing to compare.
func (v ranking) bars(b rank.Board, l rank.List) []Block {
	if len(l.Entries) < 2 {
		return nil
	}
	name := metricName(v.how.Metric, b.Contest.Unit)
	c := chart.Bars{Axis: chart.Axis{Name: sentence(name)}, Notes: []string{"Whiskers are 95 % intervals over runs, each row by itself; the ranks are in the table."}}
	if m := v.how.Metric; m == rank.P50 || m == rank.P99 {
		c.Axis.Unit = chart.Nanoseconds
	} else if m == rank.Throughput {
		c.Axis.Unit = english.Plural(b.Contest.Unit) + "/s"
	}
	for _, e := range l.Entries {
		c.Rows = append(c.Rows, chart.Bar{Name: shortName(e.Name()), Value: *e.Value, Interval: drawnInterval(ownInterval(v.how.Metric, e.Summary)),
			Text: metricValue(v.how.Metric, *e.Value)})
	}
	about := b.Contest.String() + marketWords(l.Market)
	return []Block{drawnFigure(figureName("ranking", about), sentence(name)+", "+shortName(about), leadWords(v.how.Metric, b.Contest.Unit, l)+".",
		func(h chart.Head) string {
			c.Head = h
			return c.SVG()
		})}
}

// ownInterval is the interval that a row has for a figure by itself; nil if there is none.
func ownInterval(m rank.Metric, s bench.Summary) *bench.Interval {
	overRuns := func(q bench.Quantile) *bench.Interval {
		if q.Runs == nil {
			return nil
		}
		return &q.Runs.Interval
	}
	switch {
	case m == rank.Throughput && s.Throughput != nil:
		return s.Throughput.Interval
	case m == rank.P50 && s.Latency != nil:
		return overRuns(s.Latency.P50)
	case m == rank.P99 && s.Latency != nil:
		return overRuns(s.Latency.P99)
	case s.Performance == nil:
		return nil
	}
	q := map[rank.Metric]price.Quantity{rank.PerDollarHour: s.Performance.PerDollarHour, rank.PerDollar: s.Performance.UnitsPerDollar,
		rank.PerMillion: s.Performance.USDPerMillionUnits}[m]
	if q.Interval == nil {
		return nil
	}
	return &bench.Interval{Low: q.Interval.Low, High: q.Interval.High}
}

// front draws cost against latency of all rows of a list that have both, a chart for each kind of contract: a ranking that is not about
// money has all kinds in one list.
func (v ranking) front(b rank.Board, l rank.List) []Block {
	var markets []price.Market
	offers := map[price.Market][]row{}
	add := func(r rank.Row) {
		s := r.Summary
		if s.Performance == nil || s.Latency == nil || central(s.Latency.P50) == nil {
			return
		}
		m := s.Performance.Price.Market
		if offers[m] == nil {
			markets = append(markets, m)
		}
		offers[m] = append(offers[m], row{Summary: s, name: shortName(r.Name() + ", " + r.Configuration)})
	}
	for _, e := range l.Entries {
		add(e.Row)
		for _, o := range e.Others {
			add(o)
		}
	}
	var out []Block
	for _, m := range markets {
		if rows := offers[m]; len(rows) > 1 {
			about := shortName(b.Contest.String() + marketWords(m))
			out = append(out, pareto(rows, about, about, english.Plural(b.Contest.Unit)))
		}
	}
	return out
}

// badge names what is best, of the first list.
func (v ranking) badge() *Badge {
	label := map[bool]string{true: "best per dollar", false: "best " + metricName(v.how.Metric, "")}[v.how.Metric.Priced()]
	i := slices.IndexFunc(v.boards, func(b rank.Board) bool { return len(b.Lists) > 0 })
	if i < 0 {
		return &Badge{Label: label, Text: NA, Outcome: Open}
	}
	entries, ties := v.boards[i].Lists[0].Entries, 0
	for _, e := range entries[1:] {
		if e.First == 1 {
			ties++
		}
	}
	text := shortName(entries[0].Name())
	if ties > 0 {
		text += fmt.Sprintf(" or %d more", ties)
	}
	return &Badge{Label: label, Text: text, Outcome: Passed}
}
