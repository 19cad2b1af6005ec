package reports

import (
	"fmt"
	"strings"
	"time"

	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/internal/english"
)

// PricesSchema names the form of a list of prices in JSON.
const PricesSchema = "accelbench.prices/v1"

// PricesData is a list of prices in JSON.
type PricesData struct {
	Schema string        `json:"schema"`
	Prices []price.Entry `json:"prices"`
}

// priceRow is an entry with what has to be said about it.
type priceRow struct {
	price.Entry
	caveats []string
}

func priceRows(entries []price.Entry, now time.Time) []priceRow {
	var out []priceRow
	for _, e := range entries {
		r := priceRow{Entry: e}
		switch p, ok := e.Price(); {
		case ok:
			r.caveats = p.Caveats(now)
		default:
			r.caveats = []string{english.Joined(": ", "no public price", e.Note)}
		}
		out = append(out, r)
	}
	return out
}

// Prices lists entries of the price catalogue; now tells how old they are.
func Prices(entries []price.Entry, now time.Time) Document {
	rows := priceRows(entries, now)
	d := priceDocument("Prices", rows)
	if len(rows) == 0 {
		d.Blocks = []Block{Paragraph{Text: "No prices are known."}}
		return d
	}
	d.Blocks = []Block{
		Paragraph{Text: "USD per hour of the whole instance, before tax and discounts. n/a is unknown or not public, never 0."},
		tableOf(rows, []field[priceRow]{
			{"Provider", Left, func(r priceRow) string { return r.Provider }},
			{"Instance type", Left, func(r priceRow) string { return r.InstanceType }},
			{"Accelerators", Left, func(r priceRow) string { return accelerators(r.Entry) }},
			{"vCPUs", Right, func(r priceRow) string { return maybe(r.VCPU, asFloat[int](amount)) }},
			{"GiB", Right, func(r priceRow) string { return maybe(r.MemoryGiB, amount) }},
			{"Region", Left, func(r priceRow) string { return r.Region }},
			{"Market", Left, func(r priceRow) string { return string(r.Market) }},
			{"USD/h", Right, func(r priceRow) string { return maybe(r.USDPerHour, amount) }},
			{"per accelerator", Right, func(r priceRow) string { return perAccelerator(r.Entry) }},
			{"Date", Left, func(r priceRow) string { return orNA(r.Date) }},
			{"Caveat", Left, mark},
		}),
		Paragraph{Text: "accelbench prices show TYPE gives the source, the notes and the reason of every doubt."},
	}
	return d
}

// Price shows all that is known about one instance type.
func Price(instanceType string, entries []price.Entry, now time.Time) Document {
	rows := priceRows(entries, now)
	d := priceDocument("Prices of "+instanceType, rows)
	if len(rows) == 0 {
		d.Blocks = []Block{Paragraph{Text: "No price of " + instanceType + " is known."}}
	}
	for _, r := range rows {
		memory := NA
		if r.MemoryGiB != nil {
			memory = amount(*r.MemoryGiB) + " GiB"
		}
		facts := [][]string{
			{"Price", maybe(r.USDPerHour, func(x float64) string { return amount(x) + " USD/h, before tax and discounts" })},
			{"Per accelerator", maybe(r.USDPerAcceleratorHour(), func(x float64) string { return amount(x) + " USD/h" })},
			{"Accelerators", accelerators(r.Entry)},
			{"vCPUs", maybe(r.VCPU, asFloat[int](amount))},
			{"Memory", memory},
			{"Date", orNA(r.Date)},
			{"Source", orNA(r.Source)},
			{"Note", orNone(r.Note)},
			{"Caveats", orNone(strings.Join(r.caveats, "; "))},
		}
		d.Blocks = append(d.Blocks, Heading(fmt.Sprintf("%s %s, %s, %s", r.Provider, r.InstanceType, r.Region, r.Market)),
			Table{Columns: []Column{{Name: "Fact"}, {Name: "Value"}}, Rows: facts})
	}
	return d
}

func priceDocument(title string, rows []priceRow) Document {
	entries := []price.Entry{} // never null in JSON
	for _, r := range rows {
		entries = append(entries, r.Entry)
	}
	return Document{Title: title, Data: PricesData{PricesSchema, entries}, Sheet: sheetOf(rows, []key[priceRow]{
		{"provider", func(r priceRow) any { return r.Provider }},
		{"instance_type", func(r priceRow) any { return r.InstanceType }},
		{"region", func(r priceRow) any { return r.Region }},
		{"accelerator", func(r priceRow) any { return r.Accelerator }},
		{"accelerator_count", func(r priceRow) any { return value(r.AcceleratorCount) }},
		{"vcpu", func(r priceRow) any { return value(r.VCPU) }},
		{"memory_gib", func(r priceRow) any { return value(r.MemoryGiB) }},
		{"market", func(r priceRow) any { return string(r.Market) }},
		{"usd_per_hour", func(r priceRow) any { return value(r.USDPerHour) }},
		{"usd_per_accelerator_hour", func(r priceRow) any { return value(r.USDPerAcceleratorHour()) }},
		{"source", func(r priceRow) any { return r.Source }},
		{"source_date", func(r priceRow) any { return r.Date }},
		{"doubtful", func(r priceRow) any { return r.Doubtful }},
		{"note", func(r priceRow) any { return r.Note }},
		{"caveats", func(r priceRow) any { return strings.Join(r.caveats, "; ") }},
	})}
}

func accelerators(e price.Entry) string {
	switch {
	case e.AcceleratorCount == nil:
		return english.Joined(" ", "part or unknown number of", orNA(e.Accelerator))
	case *e.AcceleratorCount == 0:
		return none
	}
	return fmt.Sprintf("%d x %s", *e.AcceleratorCount, orNA(e.Accelerator))
}

func perAccelerator(e price.Entry) string {
	if e.AcceleratorCount != nil && *e.AcceleratorCount == 0 {
		return none
	}
	return maybe(e.USDPerAcceleratorHour(), amount)
}

// mark is the caveats in a word each.
func mark(r priceRow) string {
	var words []string
	for _, c := range r.caveats {
		word, _, _ := strings.Cut(c, ":")
		words = append(words, strings.TrimSuffix(word, " price"))
	}
	return strings.Join(words, ", ")
}
