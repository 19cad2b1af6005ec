package reports

import (
	"fmt"

	"github.com/accelbench/accelbench/bench"
)

// load is the table of how the load came and how full the sessions were.
func (v view) load() []Block {
	var rows []row
	scheduled := false
	for _, r := range v.rows {
		if r.Delivery != nil || r.Occupancy != nil {
			rows = append(rows, r)
			scheduled = scheduled || r.Delivery != nil
		}
	}
	if len(rows) == 0 {
		return nil
	}
	fields := v.identity()
	if scheduled {
		fields = append(fields, []field[row]{
			{"Offered/s", Right, delivered(func(d bench.Delivery) string { return number(d.Offered) })},
			{"Issued/s", Right, delivered(func(d bench.Delivery) string { return number(d.Issued) })},
			{"Answered/s", Right, delivered(func(d bench.Delivery) string { return number(d.Answered) })},
			{"Late p50", Right, late(p50)},
			{"Late p99", Right, late(p99)},
			{"Late max", Right, delivered(func(d bench.Delivery) string { return nanoseconds(d.Lateness.Max) })},
			{"Generator's CPU", Right, delivered(func(d bench.Delivery) string { return percent(d.Awake) })},
			{"Wait", Left, func(r row) string {
				if a := r.First.Scenario.Arrival; a != nil {
					return orNA(a.Wait)
				}
				return none
			}},
		}...)
	}
	fields = append(fields, []field[row]{
		{"Samples/batch", Right, occupied(func(o bench.Occupancy) string { return number(o.SamplesPerBatch) })},
		{"Busy", Right, occupied(func(o bench.Occupancy) string { return percent(o.Busy) })},
		{"Most in flight", Right, func(r row) string { return orNone(r.mostInFlight()) }},
	}...)
	if scheduled {
		fields = append(fields, field[row]{"Schedule", Left, delivered(func(d bench.Delivery) string { return hashes(d.Hashes) })})
	}
	blocks := append([]Block{Heading("Load")}, brief(rows, fields)...)
	if !scheduled {
		return blocks
	}
	return append(blocks, Paragraph{Text: "Rates are queries per second, means over runs; late is the time from schedule to issue. " +
		"The generator's CPU is the share of one CPU that it took at most. The same schedule has the same hash on every machine."})
}

func delivered(of func(bench.Delivery) string) func(row) string {
	return func(r row) string {
		if r.Delivery == nil {
			return none
		}
		return of(*r.Delivery)
	}
}

func late(of func(bench.Distribution) bench.Quantile) func(row) string {
	return delivered(func(d bench.Delivery) string { return quantile(&d.Lateness, of) })
}

func occupied(of func(bench.Occupancy) string) func(row) string {
	return func(r row) string {
		if r.Occupancy == nil {
			return none
		}
		return of(*r.Occupancy)
	}
}

// mostInFlight is the largest number over the valid runs of a row; empty where it was not counted.
func (r row) mostInFlight() string {
	var most int64
	for _, x := range r.runs() {
		if x.Status == bench.OK && x.Validity.Valid {
			most = max(most, x.Counts.MostInFlight)
		}
	}
	if most == 0 {
		return ""
	}
	return fmt.Sprint(most)
}

// hashes are the beginning of the first schedule's hash and the number of the others; CSV has all.
func hashes(all []string) string {
	const digits = 8
	if len(all) == 0 {
		return NA
	}
	out := cut(all[0], digits, "")
	if left := len(all) - 1; left > 0 {
		out += fmt.Sprintf(" and %d more", left)
	}
	return out
}
