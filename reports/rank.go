package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/rank"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/internal/english"
)

// RankingSchema names the form of a ranking in JSON.
const RankingSchema = "accelbench.ranking/v1"

// RankingData is a ranking in JSON.
type RankingData struct {
	Schema   string           `json:"schema"`
	Headline string           `json:"headline"`
	By       []rank.Dimension `json:"group_by"`
	Across   rank.Dimension   `json:"pivot,omitempty"`
	Metric   rank.Metric      `json:"metric"`
	Files    []string         `json:"files,omitempty"`
	Boards   []rank.Board     `json:"boards"`
	Warnings []string         `json:"warnings"`
}

// Ranking draws boards that were made with those options: machines, or whatever they are grouped by, in the order of a metric. Of
// the options of a report, the files and the warnings are shown.
func Ranking(boards []rank.Board, how rank.Options, opts Options) Document {
	how.Metric = cmp.Or(how.Metric, rank.PerDollarHour)
	v := ranking{boards: boards, how: how}
	headline := v.headline()
	d := Document{
		Title:  "accelbench ranking by " + v.groups(),
		Blocks: []Block{Paragraph{Text: headline, Strong: true}},
		Sheet:  v.sheet(),
		Data: RankingData{Schema: RankingSchema, Headline: headline, By: how.By, Across: how.Across, Metric: how.Metric, Files: opts.Files,
			Boards: boards, Warnings: append([]string{}, opts.Warnings...)},
	}
	for _, b := range boards {
		for _, l := range b.Lists {
			d.Blocks = append(d.Blocks, v.list(b, l)...)
			d.Blocks = append(d.Blocks, v.bars(b, l)...)
			d.Blocks = append(d.Blocks, v.front(b, l)...)
		}
		for _, m := range b.Matrix {
			d.Blocks = append(d.Blocks, v.matrix(b, m)...)
		}
		d.Blocks = append(d.Blocks, v.out(b)...)
	}
	if prices := v.prices(); len(prices) > 0 {
		d.Blocks = append(d.Blocks, Heading("Prices"), prices)
	}
	if notes := append(v.doubts(), opts.Warnings...); len(notes) > 0 {
		d.Blocks = append(d.Blocks, Heading("Warnings"), List(notes))
	}
	d.Blocks = append(d.Blocks, Heading("How the ranks come about"), v.rules())
	tellFiguresApart(d.Blocks)
	d.Badge = v.badge()
	return d
}

// ranking is such a report in the making.
type ranking struct {
	boards []rank.Board
	how    rank.Options
}

// groups name the dimensions.
func (v ranking) groups() string {
	text := groupWords(v.how.By)
	if v.how.Across != "" {
		text += " and " + groupWords([]rank.Dimension{v.how.Across})
	}
	return text
}

// headline says of each list how its first entries stand against each other, and of each matrix what is best.
func (v ranking) headline() string {
	var out []string
	for _, b := range v.boards {
		for _, l := range b.Lists {
			out = append(out, shortName(b.Contest.String())+marketWords(l.Market)+": "+leadWords(v.how.Metric, b.Contest.Unit, l))
		}
		for _, m := range b.Matrix {
			out = append(out, shortName(b.Contest.String())+marketWords(m.Market)+": "+bestCell(v.how.Metric, b, m))
		}
	}
	const most = 5
	switch {
	case len(out) == 0:
		return "Nothing can be ranked: the reasons are below."
	case len(out) > most:
		return strings.Join(out[:most], ". ") + fmt.Sprintf(". And %s below.", english.Count(len(out)-most, "further ranking"))
	}
	return strings.Join(out, ". ") + "."
}

func marketWords(m price.Market) string {
	if m == "" {
		return ""
	}
	return ", " + string(m)
}

// leadWords say how the first entry of a list stands against the others: those that may be as good, and the best of those that are not.
func leadWords(m rank.Metric, unit string, l rank.List) string {
	first := shortName(l.Entries[0].Name())
	if len(l.Entries) == 1 {
		return first + " is the only one that can be ranked"
	}
	var ties []string
	for _, e := range l.Entries[1:] {
		name := shortName(e.Name())
		switch p := e.Against; {
		case p.Differs && len(ties) == 0:
			return first + " is " + advantage(m, unit, *p, name) + choiceNote(*p)
		case p.Differs:
			return tieWords(first, ties) + "; " + first + " is " + advantage(m, unit, *p, name) + choiceNote(*p)
		case p.Interval == nil && len(ties) == 0:
			return first + " and " + name + " cannot be told apart: " + p.Reason
		}
		ties = append(ties, name)
	}
	return tieWords(first, ties)
}

func choiceNote(p rank.Pair) string {
	if words := choiceWords(p.Confidence, p.Of[0], p.Of[1]); words != "" {
		return " (" + words + ")"
	}
	return ""
}

func tieWords(first string, ties []string) string {
	const most = 4
	text := strings.Join(ties[:min(len(ties), most)], ", ")
	if left := len(ties) - most; left > 0 {
		text += fmt.Sprintf(" and %d more", left)
	}
	return first + " and " + text + " are alike within their intervals"
}

// advantage says by how much the first of a pair is better than the one named. 40 % better for the same money is 28.6 % lower cost: both
// are said.
func advantage(m rank.Metric, unit string, p rank.Pair, than string) string {
	more := gain(func(ratio float64) float64 { return ratio - 1 }, p)
	less := gain(func(ratio float64) float64 { return 1 - 1/ratio }, p)
	switch {
	case m.Priced():
		return more + " better per dollar than " + than + " = " + less + " lower cost per " + unit
	case m == rank.Throughput:
		return more + " faster than " + than
	case m == rank.JoulesPerUnit:
		return "better than " + than + ": " + less + " less energy per " + unit
	}
	return "better than " + than + ": " + less + " lower " + metricName(m, unit)
}

// gain writes a share with its range in percent, with as many decimals as the range asks for: 34 % (31 to 37).
func gain(of func(float64) float64, p rank.Pair) string {
	share := of(p.Ratio)
	if p.Interval == nil {
		return fmt.Sprintf("%.1f %%", 100*share)
	}
	low, high := of(p.Interval.Low), of(p.Interval.High)
	decimals := 0
	for width := 100 * (high - low); width < 2 && decimals < 3; width *= 10 {
		decimals++
	}
	return fmt.Sprintf("%.*f %% (%.*f to %.*f)", decimals, 100*share, decimals, 100*low, decimals, 100*high)
}

// metricName is a metric for a reader.
func metricName(m rank.Metric, unit string) string {
	unit = cmp.Or(unit, "unit")
	switch m {
	case rank.PerDollarHour:
		return english.Plural(unit) + "/s per USD/h"
	case rank.PerDollar:
		return english.Plural(unit) + " per USD"
	case rank.PerMillion:
		return "USD per million " + english.Plural(unit)
	case rank.P50:
		return "p50"
	case rank.P99:
		return "p99"
	case rank.JoulesPerUnit:
		return "J per " + unit
	}
	return "throughput"
}

// metricValue writes a figure of a metric.
func metricValue(m rank.Metric, x float64) string {
	switch m {
	case rank.P50, rank.P99:
		return nanoseconds(x)
	case rank.PerDollar:
		return linear(price.Quantity{Value: x})
	}
	return number(x)
}

// prices are those that the figures rest on, each once.
func (v ranking) prices() List {
	var out List
	v.each(func(r rank.Row) {
		if p := r.Summary.Performance; p != nil {
			if text := priceText(p.Price); !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	})
	return out
}

// doubts are what has to be said about the figures, each with the rows that it is about.
func (v ranking) doubts() []string {
	var order []string
	about := map[string][]string{}
	v.each(func(r rank.Row) {
		warnings := slices.Clone(r.Summary.Warnings)
		if r.Sample.Sessions == 1 && v.how.Across == "" {
			warnings = append(warnings, oneSession)
		}
		for _, w := range warnings {
			if about[w] == nil {
				order = append(order, w)
			}
			if name := r.Name(); !slices.Contains(about[w], name) {
				about[w] = append(about[w], name)
			}
		}
	})
	var out []string
	for _, w := range order {
		out = append(out, shorten(strings.Join(about[w], ", ")+": "+w))
	}
	return out
}

// each visits all rows.
func (v ranking) each(do func(rank.Row)) {
	for _, b := range v.boards {
		for _, l := range b.Lists {
			for _, e := range l.Entries {
				do(e.Row)
				for _, o := range e.Others {
					do(o)
				}
			}
		}
		for _, m := range b.Matrix {
			for _, line := range m.Lines {
				for _, c := range line.Cells {
					if c.Row != nil {
						do(*c.Row)
					}
				}
			}
		}
		for _, o := range b.Out {
			do(o.Row)
		}
	}
}

// chosen says what the choice of the best costs, see TestTheChoiceOfTheBestIsPaidFor of package rank.
const chosen = "The best of many is partly the luckiest, so the chance to err is shared out among the pairs of configurations that might have been " +
	"compared (Bonferroni): what is held to 95 % where one stands against one is held to 99.5 % where the best of ten does. For a narrower interval, " +
	"measure the best anew and give its results alone."

// choiceWords say at which confidence an interval is, and for what choice; empty where nothing was chosen.
func choiceWords(confidence float64, of, ofOther int) string {
	var best []string
	for _, n := range []int{of, ofOther} {
		if n > 1 {
			best = append(best, fmt.Sprintf("the best of %d", n))
		}
	}
	switch len(best) {
	case 0:
		return ""
	case 1:
		return level(confidence) + " interval, since " + best[0] + " was chosen"
	}
	return level(confidence) + " interval, since " + best[0] + " and " + best[1] + " were chosen"
}

// rules say what the order means.
func (v ranking) rules() List {
	out := List{"What is in one table is comparable: one workload, precision, scenario, and one kind of contract. Batch size, load and " +
		"engine are each machine's choice: the best configuration of each group is ranked, the others are listed below it. The figure of a best one is a little too good, the more so the more it was chosen from."}
	if v.how.Across == "" {
		out = append(out, "A rank is one more than the number of entries that are better beyond chance; at 2–3 it may be either. Beyond chance means that the "+
			"interval of the ratio, over runs and by Student's t on logarithms after Welch (by ranks for percentiles, from six runs a side, and from more where the level is high), leaves out 1 at the "+
			"level that Holm's procedure gives the pair, which is that of the interval shown: all ranks of a table hold together with 95 % confidence. "+
			"Being alike is not passed on: A may tie with B, and B with C, where A is better than C.",
			chosen,
			"Each run is one value; where a row has runs of enough sessions (two, or six for percentiles), each session is one. Runs of one session share "+
				"the machine and the day.")
	}
	if v.how.Metric.Priced() {
		out = append(out, "At utilisation 1: every hour that is paid for does this work. List prices count as exact, and so do spot prices, "+
			"of which the catalogue has no variance.")
	}
	return append(out, "Only deployed engines whose output was checked have a rank; a "+string(devices.Harness)+" engine is this project's own, and what people deploy may "+
		"well do more for the same money.")
}
