package compare

import (
	"slices"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/devices"
)

// Worth is what the throughput of a case is worth for the money on both sides. It is information: a price that changed is no
// regression.
type Worth struct {
	Case string `json:"case"`
	// Base and Head are those of the throughputs that were compared; nil without a price, and Unpriced then says why.
	Base     *price.Performance `json:"base"`
	Head     *price.Performance `json:"head"`
	Unpriced string             `json:"unpriced,omitempty"`
	// Ratio is units per dollar, head over base: that of the throughputs times the price of base over that of head. Its
	// interval is that of the throughputs, since the prices count as exact. That of the cost per unit is the inverse.
	Ratio      *float64  `json:"ratio"`
	Interval   *Interval `json:"interval"`
	Confidence float64   `json:"confidence"`
	// Harness are the engines of either side that are not what people deploy.
	Harness []string `json:"harness_engines,omitempty"`
}

// Worths prices the cases that have a throughput; opts say how, for both sides alike.
func Worths(c Comparison, base, head []bench.Result, opts bench.SummarizeOptions) []Worth {
	var out []Worth
	baseRows, headRows := bench.Summarize(base, opts), bench.Summarize(head, opts)
	for _, k := range c.Cases {
		i := slices.IndexFunc(k.Deltas, func(d Delta) bool { return d.Metric.Name == Throughput })
		if i < 0 {
			continue
		}
		out = append(out, worthOf(k, k.Deltas[i], rowsOf(k.Base, baseRows), rowsOf(k.Head, headRows)))
	}
	return out
}

// rowsOf are the summaries of the runs of a subject.
func rowsOf(s Subject, rows []bench.Summary) []bench.Summary {
	ours := map[string]bool{}
	for _, id := range s.IDs {
		ours[id] = true
	}
	var out []bench.Summary
	for _, row := range rows {
		if slices.ContainsFunc(row.Results, func(r bench.Result) bool { return ours[r.ID] }) && row.Valid > 0 {
			out = append(out, row)
		}
	}
	return out
}

func worthOf(k Case, d Delta, base, head []bench.Summary) Worth {
	w := Worth{Case: k.Name, Confidence: d.Confidence}
	b, reason := charged(base, "base")
	h, other := charged(head, "head")
	if b == nil || h == nil {
		w.Unpriced = reason
		if reason == "" || other != reason && b != nil {
			w.Unpriced = other
		}
		return w
	}
	w.Base = price.Of(&price.Quantity{Value: d.Base}, base[0].First.Workload.Unit, *b)
	w.Head = price.Of(&price.Quantity{Value: d.Head}, head[0].First.Workload.Unit, *h)
	if w.Base == nil || w.Head == nil {
		w.Base, w.Head, w.Unpriced = nil, nil, "no price-performance of a throughput of 0"
		return w
	}
	by := b.AmountUSDPerHour / h.AmountUSDPerHour
	if d.Ratio != nil {
		ratio := *d.Ratio * by
		w.Ratio = &ratio
	}
	if d.Interval != nil {
		w.Interval = &Interval{Low: d.Interval.Low * by, High: d.Interval.High * by}
	}
	for _, row := range slices.Concat(base, head) {
		if e := row.First.Engine; e.Kind == devices.Harness && !slices.Contains(w.Harness, e.Name) {
			w.Harness = append(w.Harness, e.Name)
		}
	}
	return w
}

// charged is the one price that the rows of a side bear.
func charged(rows []bench.Summary, side string) (*price.Price, string) {
	var out *price.Price
	for _, row := range rows {
		switch {
		case row.Performance == nil:
			return nil, row.Unpriced
		case out != nil && out.AmountUSDPerHour != row.Performance.Price.AmountUSDPerHour:
			return nil, "the runs of " + side + " have different prices"
		}
		out = &row.Performance.Price
	}
	if out == nil {
		return nil, "no valid run of " + side
	}
	return out, ""
}
