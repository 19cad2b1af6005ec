package claim

import (
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/bench/rank"
)

// Turn is the price of one side at which the claim turns, everything else as it is.
type Turn struct {
	// Of is the side: an instance type, or a device.
	Of         string  `json:"of"`
	USDPerHour float64 `json:"usd_per_hour"`
	// Interval is that of the price, at the confidence of the claim's: the claim is supported beyond the one end and refuted beyond the other. Nil with too
	// few runs.
	Interval *bench.Interval `json:"interval"`
	// Below tells that the claim holds at prices up to this one, and not from it on.
	Below bool `json:"holds_below"`
	// Part tells that the price is of what ran, and not of a whole instance.
	Part bool `json:"of_what_ran,omitempty"`
}

// turnOf is the price of the whole instance of the left side. The ratio falls with that price, or rises for costs, in proportion:
// at the price p now and the ratio r it reaches the factor f at p*r/f, or at p*f/r for costs.
func turnOf(c Claim, left *Side, ratio rank.Ratio, confidence float64) *Turn {
	if !c.Metric.Priced() || left.Summary.Price == nil {
		return nil
	}
	now := left.Summary.Price.AmountUSDPerHour
	at := func(r float64) float64 { return now * r / c.Factor }
	if c.Metric.Better() == compare.Lower {
		at = func(r float64) float64 { return now * c.Factor / r }
	}
	t := &Turn{Of: left.Name, USDPerHour: at(ratio.Value), Below: c.Relation.upwards() == (c.Metric.Better() == compare.Higher)}
	t.Interval = turned(ratio.Interval(confidence), at)
	return t
}

func turned(in *bench.Interval, at func(float64) float64) *bench.Interval {
	if in == nil {
		return nil
	}
	a, b := at(in.Low), at(in.High)
	return &bench.Interval{Low: min(a, b), High: max(a, b)}
}

// breakEven is what can be said where a side has no price: at which price the claim would turn. It follows from the throughputs of both
// and the price of the other.
func (j *Judgement) breakEven(left, right []bench.Summary) string {
	c := j.Claim
	var reason string
	comparable := func(s bench.Summary) bool {
		return s.Performance != nil && (c.Market == "" || s.Performance.Price.Market == c.Market)
	}
	pricedLeft, pricedRight := keep(left, comparable), keep(right, comparable)
	why := unpricedWords(c.Left, left) + unpricedWords(c.Right, right)
	why = strings.TrimPrefix(why, "; ")
	switch {
	case len(pricedLeft) > 0:
		left = pricedLeft
	case len(pricedRight) > 0:
		right = pricedRight
	default:
		return why
	}
	if j.Left, reason = c.best(c.Left, left, rank.Throughput); reason != "" {
		return why
	}
	if j.Right, reason = c.best(c.Right, right, rank.Throughput); reason != "" {
		return why
	}
	j.Confidence = j.confidence()
	ratio, _ := rank.Throughput.Compare(j.Left.Sample, j.Right.Sample)
	// On the metric the ratio is that of the throughputs over that of the prices, or the inverse for costs.
	factor := c.Factor
	if c.Metric.Better() == compare.Lower {
		factor = 1 / c.Factor
	}
	t := &Turn{Of: j.Left.Name, Part: true, Below: c.Relation.upwards() == (c.Metric.Better() == compare.Higher)}
	var at func(r float64) float64
	if len(pricedLeft) == 0 {
		at = func(r float64) float64 { return r / factor * j.Right.Summary.Performance.Price.AmountUSDPerHour }
	} else {
		at = func(r float64) float64 { return factor / r * j.Left.Summary.Performance.Price.AmountUSDPerHour }
		t.Of, t.Below = j.Right.Name, !t.Below
	}
	t.USDPerHour, t.Interval = at(ratio.Value), turned(ratio.Interval(j.Confidence), at)
	j.Turn = t
	j.Left.Value, j.Right.Value = c.figure(j.Left), c.figure(j.Right) // the throughputs are not the metric
	return why
}

// unpricedWords say why a side has no price; empty if it has.
func unpricedWords(s Selector, rows []bench.Summary) string {
	if len(keep(rows, isPriced)) > 0 {
		return ""
	}
	return "; " + s.String() + ": " + rank.NoPrice(rows[0])
}

// figure is that of a side on the metric of the claim; nil without a price.
func (c Claim) figure(s *Side) *float64 {
	if s.Summary.Performance == nil {
		return nil
	}
	x := c.Metric.At(rank.Throughput.Value(s.Sample), s.Summary.Performance.Price.AmountUSDPerHour)
	return &x
}
