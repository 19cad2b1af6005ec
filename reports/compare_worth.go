package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/bench/price"
)

// worth is what the change is worth for the money: information, which decides nothing.
func (v comparison) worth() []Block {
	if len(v.opts.Worth) == 0 {
		return nil
	}
	blocks := []Block{Heading("Price-performance, for information")}
	var rows []compare.Worth
	var reasons, harness []string
	for _, w := range v.opts.Worth {
		if w.Base != nil && w.Head != nil {
			rows = append(rows, w)
		} else if !slices.Contains(reasons, w.Unpriced) {
			reasons = append(reasons, w.Unpriced)
		}
		for _, name := range w.Harness {
			if !slices.Contains(harness, name) {
				harness = append(harness, name)
			}
		}
	}
	if len(rows) > 0 {
		blocks = append(blocks, worthTable(rows, len(v.opts.Worth) > 1)...)
		if len(v.opts.Worth) == 1 {
			blocks = append(blocks, Paragraph{Text: perDollar(rows[0])})
		}
		blocks = append(blocks, worthPrices(rows), Paragraph{Text: "At utilisation 1, both sides priced by the same rule. The intervals are those of " +
			"the throughput; the prices count as exact, and a change of price is no regression."})
	}
	if len(harness) > 0 {
		blocks = append(blocks, Paragraph{Text: strings.Join(harness, ", ") + ": shown as harness engine, not for rankings: what people deploy may well do more for the same money."})
	}
	if len(reasons) > 0 {
		blocks = append(blocks, Paragraph{Text: shorten("No price: "+strings.Join(reasons, "; ")) + ". Give one for both sides with --price (USD per hour of the whole instance) or --instance-type."})
	}
	return blocks
}

func worthTable(rows []compare.Worth, several bool) []Block {
	var fields []field[compare.Worth]
	if several {
		fields = append(fields, field[compare.Worth]{"Case", Left, func(w compare.Worth) string { return shortName(w.Case) }})
	}
	side := func(of func(compare.Worth) *price.Performance, write func(price.Performance) string) func(compare.Worth) string {
		return func(w compare.Worth) string { return write(*of(w)) }
	}
	base := func(w compare.Worth) *price.Performance { return w.Base }
	head := func(w compare.Worth) *price.Performance { return w.Head }
	cost := func(p price.Performance) string { return reciprocal(p.USDPerMillionUnits) }
	hourly := func(p price.Performance) string { return amount(p.Price.AmountUSDPerHour) }
	return folded(rows, append(fields, []field[compare.Worth]{
		{"Units per USD", Right, func(w compare.Worth) string { return changeText(w.Ratio, w.Interval) }},
		{"Cost per unit", Right, func(w compare.Worth) string { return changeText(inverse(w.Ratio, w.Interval)) }},
		{"USD per million units, base", Right, side(base, cost)},
		{"head", Right, side(head, cost)},
		{"USD/h, base", Right, side(base, hourly)},
		{"head", Right, side(head, hourly)},
		{"Unit", Left, func(w compare.Worth) string { return w.Base.Unit }},
	}...))
}

// inverse are the ratio and the interval of cost per unit, of those of units per dollar.
func inverse(ratio *float64, in *compare.Interval) (*float64, *compare.Interval) {
	if ratio == nil || *ratio <= 0 {
		return nil, nil
	}
	out := 1 / *ratio
	if in == nil || in.Low <= 0 {
		return &out, nil
	}
	return &out, &compare.Interval{Low: 1 / in.High, High: 1 / in.Low}
}

// perDollar says one change in both ways that people say it.
func perDollar(w compare.Worth) string {
	cost, in := inverse(w.Ratio, w.Interval)
	dollar, unit := compare.Delta{Ratio: w.Ratio, Interval: w.Interval}, compare.Delta{Ratio: cost, Interval: in}
	words, same := changeWords(dollar), changeWords(unit)
	if !strings.Contains(words, "er (") {
		return fmt.Sprintf("Units per dollar changed by %s, the cost per unit by %s.", changeText(w.Ratio, w.Interval), changeText(cost, in))
	}
	words = strings.NewReplacer("higher", "better", "lower", "worse").Replace(words)
	return fmt.Sprintf("Head is %s per dollar than base, which is the same as %s cost per unit.", words, same)
}

// worthPrices lists the prices, each once.
func worthPrices(rows []compare.Worth) List {
	var out List
	for _, w := range rows {
		for _, p := range []price.Price{w.Base.Price, w.Head.Price} {
			if text := priceText(p); !slices.Contains(out, text) && len(out) < briefRows {
				out = append(out, text)
			}
		}
	}
	return out
}
