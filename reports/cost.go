package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/internal/english"
)

// cost is what the throughput is worth for the money, or why that is not known.
func (v view) cost() []Block {
	blocks := []Block{Heading("Cost")}
	if !v.severalEngines {
		blocks[0] = Heading("Cost with " + orNA(v.rows[0].engine))
	}
	var rows []row
	for _, r := range v.rows {
		if r.Performance != nil {
			rows = append(rows, r)
		}
	}
	if len(rows) > 0 {
		fields := append(v.identity(), []field[row]{
			{"Unit", Left, func(r row) string { return costUnit(r.First, r.Performance) }},
			{"Units/s per USD/h", Right, func(r row) string { return linear(r.Performance.PerDollarHour) }},
			{"Units per USD", Right, func(r row) string { return linear(r.Performance.UnitsPerDollar) }},
			{"USD per million units", Right, func(r row) string { return reciprocal(r.Performance.USDPerMillionUnits) }},
		}...)
		blocks = append(blocks, folded(rows, fields, costHovers()...)...)
		blocks = append(blocks, Paragraph{Text: "At utilisation 1: every hour that is paid for does this work. At 0.5 a unit costs " +
			"twice as much. The intervals are those of the throughput; the price counts as exact."})
		blocks = append(blocks, v.prices(rows))
		if slices.ContainsFunc(rows, func(r row) bool { return r.First.Engine.Kind == devices.Harness }) {
			blocks = append(blocks, Paragraph{Text: v.harness(rows)})
		}
	}
	if text := v.unpriced(); text != "" {
		blocks = append(blocks, Paragraph{Text: text})
	}
	return blocks
}

// linear writes a figure that grows with the throughput: its interval is as symmetric as that one's.
func linear(q price.Quantity) string {
	unit, by := "", 1.0
	for _, step := range []struct {
		unit string
		by   float64
	}{{" k", 1e3}, {" M", 1e6}, {" G", 1e9}} {
		if q.Value >= 10*step.by {
			unit, by = step.unit, step.by
		}
	}
	if q.Interval == nil {
		return number(q.Value/by) + unit
	}
	return plusMinus(q.Value/by, (q.Interval.High-q.Value)/by) + unit
}

// reciprocal writes a figure that falls with the throughput: its interval is not symmetric.
func reciprocal(q price.Quantity) string {
	out := number(q.Value)
	if q.Interval != nil {
		out += " (" + number(q.Interval.Low) + " to " + number(q.Interval.High) + ")"
	}
	return out
}

// prices lists the prices that the figures rest on, each once.
func (v view) prices(rows []row) List {
	var out List
	for _, r := range rows {
		if text := priceText(r.Performance.Price); !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// priceText is a price with everything that has to be said with it.
func priceText(p price.Price) string {
	out := fmt.Sprintf("Price: %s %s/h, %s", amount(p.AmountUSDPerHour), p.Currency, p.Market)
	if place := english.Joined(", ", english.Joined(" ", p.Provider, p.InstanceType), p.Region); place != "" {
		out += ", " + place
	}
	if p.Date != "" {
		out += ", of " + p.Date
	}
	out += "; source: " + orNA(p.Source)
	if p.Note != "" {
		out += "; " + p.Note
	}
	return shorten(out + "; before tax and discounts.")
}

func (v view) harness(rows []row) string {
	var engines []string
	for _, r := range rows {
		if e := r.First.Engine; e.Kind == devices.Harness && !slices.Contains(engines, e.Name) {
			engines = append(engines, e.Name)
		}
	}
	return strings.Join(engines, ", ") + ": shown as harness engine, not for rankings: what people deploy may well do more for the same money."
}

// unpriced says why rows have no price; rows without a valid run have no need of one.
func (v view) unpriced() string {
	var reasons []string
	valid, lacking := 0, 0
	for _, r := range v.rows {
		if r.Valid == 0 || r.member() && r.Performance == nil { // a device of several is priced with them
			continue
		}
		valid++
		if r.Performance != nil {
			continue
		}
		lacking++
		if reason := strings.TrimSuffix(r.Unpriced, "."); reason != "" && !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	const way = "Give one with --price (USD per hour of the whole instance) or --instance-type; accelbench report prices saved results as well."
	switch {
	case valid == 0:
		return "Nothing to price: no run is valid."
	case lacking == 0:
		return ""
	case lacking == valid:
		return shorten(english.Joined(": ", "No price", strings.Join(reasons, "; "))) + ". " + way
	}
	return shorten(english.Joined(": ", fmt.Sprintf("%s without a price", english.Count(lacking, "row")), strings.Join(reasons, "; "))) + ". " + way
}
