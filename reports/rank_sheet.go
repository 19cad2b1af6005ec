package reports

import (
	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/rank"
)

// placed is a row with the board and the list that it stands in.
type placed struct {
	ranked
	board  rank.Board
	market price.Market
	kind   string
}

// sheet holds all rows, those without a rank included.
func (v ranking) sheet() Sheet {
	var rows []placed
	add := func(b rank.Board, m price.Market, kind string, of []ranked) {
		for _, r := range of {
			rows = append(rows, placed{r, b, m, kind})
		}
	}
	for _, b := range v.boards {
		for _, l := range b.Lists {
			add(b, l.Market, "ranked", entriesOf(l))
			add(b, l.Market, "further configuration", othersOf(l))
		}
		for _, m := range b.Matrix {
			add(b, m.Market, "best at its crossing", cellsOf(m))
		}
		add(b, "", "not ranked", outOf(b))
	}
	var keys []key[placed]
	for i, d := range v.how.By {
		keys = append(keys, key[placed]{string(d), func(r placed) any { return orNil(r.Group[i]) }})
	}
	if v.how.Across != "" {
		keys = append(keys, key[placed]{string(v.how.Across), func(r placed) any { return orNil(r.Column) }})
	}
	return sheetOf(rows, append(keys, rankKeys(v.how.Metric)...))
}

func cellsOf(m rank.Matrix) []ranked {
	var out []ranked
	for _, line := range m.Lines {
		for _, c := range line.Cells {
			if c.Row != nil {
				out = append(out, ranked{Entry: rank.Entry{Row: *c.Row}})
			}
		}
	}
	return out
}

func rankKeys(m rank.Metric) []key[placed] {
	paid := func(of func(price.Performance) any) func(placed) any {
		return func(r placed) any {
			if r.Summary.Performance == nil {
				return nil
			}
			return of(*r.Summary.Performance)
		}
	}
	against := func(of func(rank.Pair) any) func(placed) any {
		return func(r placed) any {
			if r.Against == nil {
				return nil
			}
			return of(*r.Against)
		}
	}
	return []key[placed]{
		{"contest", func(r placed) any { return r.board.Contest.String() }},
		{"market", func(r placed) any { return orNil(string(r.market)) }},
		{"place", func(r placed) any { return r.kind }},
		{"first_rank", func(r placed) any { return rankOrNil(r.First) }},
		{"last_rank", func(r placed) any { return rankOrNil(r.Last) }},
		{"metric", func(placed) any { return string(m) }},
		{"value", func(r placed) any { return value(r.Value) }},
		{"first_over_this", against(func(p rank.Pair) any { return p.Ratio })},
		{"first_over_this_low", against(func(p rank.Pair) any { return end(p.Interval, low) })},
		{"first_over_this_high", against(func(p rank.Pair) any { return end(p.Interval, high) })},
		{"confidence", against(func(p rank.Pair) any { return p.Confidence })},
		{"first_best_of", against(func(p rank.Pair) any { return p.Of[0] })},
		{"this_best_of", against(func(p rank.Pair) any { return p.Of[1] })},
		{"configuration", func(r placed) any { return r.Configuration }},
		{"engine_kind", func(r placed) any { return string(r.Summary.First.Engine.Kind) }},
		{"runs", func(r placed) any { return r.Sample.Runs }},
		{"sessions", func(r placed) any { return r.Sample.Sessions }},
		{"unit", func(r placed) any { return r.board.Contest.Unit }},
		{"throughput_per_s", func(r placed) any {
			return estimated(func(e bench.Estimate) any { return e.Value })(r.row())
		}},
		{"p50_ns", func(r placed) any { return quantileOf(r.Summary, p50) }},
		{"p99_ns", func(r placed) any { return quantileOf(r.Summary, p99) }},
		{"usd_per_hour", paid(func(p price.Performance) any { return p.Price.AmountUSDPerHour })},
		{"perf_per_dollar_hour", paid(func(p price.Performance) any { return p.PerDollarHour.Value })},
		{"units_per_dollar", paid(func(p price.Performance) any { return p.UnitsPerDollar.Value })},
		{"usd_per_million_units", paid(func(p price.Performance) any { return p.USDPerMillionUnits.Value })},
		{"joules_per_unit", func(r placed) any {
			if r.Summary.Energy == nil {
				return nil
			}
			return r.Summary.Energy.JoulesPerUnit
		}},
		{"price_date", paid(func(p price.Performance) any { return orNil(p.Price.Date) })},
		{"price_source", paid(func(p price.Performance) any { return p.Price.Source })},
		{"reason", func(r placed) any { return orNil(r.reason) }},
	}
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func rankOrNil(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

func quantileOf(s bench.Summary, of func(bench.Distribution) bench.Quantile) any {
	if s.Latency == nil {
		return nil
	}
	return value(of(*s.Latency).Value)
}
