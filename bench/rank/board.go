package rank

import (
	"cmp"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/stat"
)

// Unknown is the value of a dimension that a row does not tell.
const Unknown = "unknown"

// Options say what to rank.
type Options struct {
	// By are the dimensions whose values make a group, at least one.
	By []Dimension
	// Across is the dimension of the columns of a matrix; empty for none.
	Across Dimension
	// Metric is what the order is by; empty stands for [PerDollarHour].
	Metric Metric
}

func (o Options) metric() Metric { return cmp.Or(o.Metric, PerDollarHour) }

// Row is one configuration of one group.
type Row struct {
	Group []string `json:"group"` // the values of the dimensions; empty is unknown
	// Column is the value of the dimension across; empty without one, and where it is unknown.
	Column        string        `json:"column,omitempty"`
	Configuration string        `json:"configuration"`
	Value         *float64      `json:"value"` // of the metric; nil if it is not known
	Sample        Sample        `json:"sample"`
	Summary       bench.Summary `json:"summary"`
}

// Name is the group in one cell.
func (r Row) Name() string {
	var out []string
	for _, g := range r.Group {
		out = append(out, cmp.Or(g, Unknown))
	}
	return strings.Join(out, ", ")
}

// Pair is how a row stands against another: Ratio is the figure of the better one over that of the other, or the other way round where
// less is better, so that above 1 the first is better.
type Pair struct {
	Ratio    float64         `json:"ratio"`
	Interval *bench.Interval `json:"interval"` // at Confidence; nil with too few runs, as Reason says
	// Of are the numbers of configurations that the better one and the other were chosen from.
	Of [2]int `json:"best_of"`
	// Confidence is that which Holm's procedure leaves to the pair among all pairs of the list, after the choice among Of.
	Confidence float64 `json:"confidence"`
	Differs    bool    `json:"differs"` // at that confidence
	Reason     string  `json:"reason,omitempty"`
}

// Entry is the best configuration of a group, in the order of the metric.
type Entry struct {
	Row
	// First and Last are the ranks that it may have: one more than the entries that are significantly better, and what is left after
	// those that are significantly worse. All these ranges hold at once with 95 % confidence.
	First int `json:"first_rank"`
	Last  int `json:"last_rank"`
	// Against is the first entry against this one; nil for the first.
	Against *Pair `json:"against"`
	// Others are the further configurations of the group, best first.
	Others []Row `json:"others,omitempty"`
}

// List is a ranking under one kind of contract; the market is empty for a metric that is not about money.
type List struct {
	Market  price.Market `json:"market,omitempty"`
	Entries []Entry      `json:"entries"`
	Pairs   int          `json:"pairs"`
}

// Out is a row without a rank.
type Out struct {
	Row
	Reason string `json:"reason"`
}

// Board is what is comparable.
type Board struct {
	Contest Contest  `json:"contest"`
	Lists   []List   `json:"lists"`
	Out     []Out    `json:"unranked,omitempty"`
	Matrix  []Matrix `json:"matrices,omitempty"` // one a market, with a dimension across
}

// Boards ranks the rows: one board for each contest, in the order in which each first occurs.
func Boards(rows []bench.Summary, opts Options) []Board {
	var order []Contest
	in := map[Contest][]bench.Summary{}
	for _, s := range Candidates(rows) {
		c := opts.metric().ContestOf(s, append(slices.Clone(opts.By), opts.Across)...)
		if in[c] == nil {
			order = append(order, c)
		}
		in[c] = append(in[c], s)
	}
	var out []Board
	for _, c := range order {
		out = append(out, board(c, in[c], opts))
	}
	return out
}

func board(c Contest, rows []bench.Summary, opts Options) Board {
	b := Board{Contest: c}
	var markets []price.Market
	ranked := map[price.Market][]Row{}
	for _, s := range rows {
		row, reason := rowOf(s, opts)
		if reason != "" {
			b.Out = append(b.Out, Out{row, reason})
			continue
		}
		market := price.Market("")
		if opts.metric().Priced() {
			market = s.Performance.Price.Market
		}
		if ranked[market] == nil {
			markets = append(markets, market)
		}
		ranked[market] = append(ranked[market], row)
	}
	for _, m := range markets {
		if opts.Across != "" {
			b.Matrix = append(b.Matrix, matrix(m, ranked, b.Out, opts.metric()))
			continue
		}
		b.Lists = append(b.Lists, list(m, ranked[m], opts.metric()))
	}
	return b
}

// rowOf is the row, and the reason why it has no rank.
func rowOf(s bench.Summary, opts Options) (Row, string) {
	m := opts.metric()
	row := Row{Configuration: Configuration(s), Summary: s}
	for _, d := range opts.By {
		row.Group = append(row.Group, d.Of(s))
	}
	row.Column = opts.Across.Of(s)
	sample, reason := m.Sample(s)
	row.Sample = sample
	if reason == "" {
		x := m.Value(sample)
		row.Value = &x
	}
	return row, cmp.Or(Excluded(s), reason)
}

// Before tells whether a row with a value comes before another: the better one, or the first by its name, so that the order of the
// files does not matter.
func (m Metric) Before(a, b Row) bool { return m.order(a, b) < 0 }

func (m Metric) order(a, b Row) int {
	c := cmp.Compare(*a.Value, *b.Value)
	if m.Better() == compare.Higher {
		c = -c
	}
	return cmp.Or(c, cmp.Compare(a.Name(), b.Name()), cmp.Compare(a.Configuration, b.Configuration))
}

// list ranks the best rows of the groups.
func list(market price.Market, rows []Row, m Metric) List {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, m.order)
	out := List{Market: market}
	at := map[string]int{}
	for _, r := range rows {
		name := r.Name()
		if i, known := at[name]; known {
			out.Entries[i].Others = append(out.Entries[i].Others, r)
			continue
		}
		at[name] = len(out.Entries)
		out.Entries = append(out.Entries, Entry{Row: r})
	}
	out.place(m)
	return out
}

// duel is a pair of entries, the better one first by its figure.
type duel struct {
	a, b  int
	ratio Ratio
	pair  Pair
}

// place gives the entries their ranks.
func (l *List) place(m Metric) {
	var duels []duel
	for i := range l.Entries {
		l.Entries[i].First, l.Entries[i].Last = 1, len(l.Entries)
		for j := i + 1; j < len(l.Entries); j++ {
			duels = append(duels, m.duel(l.Entries, i, j))
		}
	}
	l.Pairs = len(duels)
	holm(duels)
	for _, d := range duels {
		if d.a == 0 {
			pair := d.pair
			l.Entries[d.b].Against = &pair
		}
		if d.pair.Differs {
			l.Entries[d.b].First++
			l.Entries[d.a].Last--
		}
	}
}

func (m Metric) duel(entries []Entry, i, j int) duel {
	a, b := entries[i].Sample, entries[j].Sample
	if m.Better() == compare.Lower {
		a, b = b, a
	}
	ratio, reason := m.Compare(a, b)
	of := [2]int{1 + len(entries[i].Others), 1 + len(entries[j].Others)}
	return duel{a: i, b: j, ratio: ratio, pair: Pair{Ratio: ratio.Value, Reason: reason, Of: of}}
}

// level is the p-value of the hypothesis that the two are alike, whichever of their configurations had turned out best.
func (d duel) level() float64 { return min(1, d.ratio.Level(1)*float64(d.pair.Of[0]*d.pair.Of[1])) }

// holm judges the pairs by Holm's procedure (S. Holm, Scandinavian Journal of Statistics 6, 1979): in the order of their levels, the
// k-th of m is held to alpha/(m-k+1) until one does not differ at its level, and it and all after it, whose own levels are larger,
// are held to that. That two entries differ is then wrong for any pair at all with probability alpha at most, from which the ranges of
// ranks follow (M. Mogstad, J. P. Romano, A. Shaikh and D. Wilhelm, Review of Economic Studies 91, 2024).
func holm(duels []duel) {
	slices.SortStableFunc(duels, func(a, b duel) int { return cmp.Compare(a.level(), b.level()) })
	const alpha = 1 - stat.Confidence
	left := len(duels)
	for i := range duels {
		d := &duels[i]
		level := alpha / float64(left)
		d.pair.Confidence = AfterChoice(1-level, d.pair.Of[0], d.pair.Of[1])
		d.pair.Interval = d.ratio.Interval(d.pair.Confidence)
		d.pair.Reason = cmp.Or(d.pair.Reason, d.ratio.Missing(d.pair.Confidence))
		if d.level() > level {
			continue
		}
		left--
		// One whose figure is worse after all, in the median of the differences, stays a tie.
		d.pair.Differs = d.ratio.Value > 1
	}
}
