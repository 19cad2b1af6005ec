package reports

import (
	"fmt"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/internal/english"
	"github.com/accelbench/accelbench/workloads"
)

// headlineRow is the row that the headline tells about: of the rows with a valid run the first one, in the user's order,
// of a deployed engine with a model; without one the first with a model, and without that the first of all. Micro
// workloads are ceilings, not what anybody runs.
func (v view) headlineRow() *row {
	var best *row
	score := -1
	for i := range v.rows {
		r := &v.rows[i]
		if r.Valid == 0 || r.Throughput == nil {
			continue
		}
		if s := weight(*r); s > score {
			best, score = r, s
		}
	}
	return best
}

// weight is how much a row has to say to a reader of the headline alone.
func weight(r row) int {
	switch {
	case entry(r.First.Workload.Name).Family == "micro":
		return 0
	case r.First.Engine.Kind == devices.Deployed:
		return 2
	}
	return 1
}

func (v view) headline() string {
	if len(v.all) == 0 {
		return "Nothing was measured."
	}
	if p := v.headlinePeak(); p != nil {
		return v.peakHeadline(p)
	}
	r := v.headlineRow()
	if r == nil && len(v.peaks) > 0 {
		p := v.peaks[0]
		return shorten(fmt.Sprintf("%s, %s: %s.", deviceAndPlace(p.like.First), v.peakName(p), p.sentence()))
	}
	if r == nil {
		return "No valid measurement: " + v.outcomes() + "."
	}
	r = v.atKnee(r)
	first := r.First
	parts := []string{fmt.Sprintf("%s (%s): %s%s with %s", r.workload, r.scenario,
		throughput(r.Throughput, unitName(first)), headlineInterval(r.Throughput), engineClause(first))}
	if text := headlineLatency(r); text != "" {
		parts = append(parts, text)
	}
	parts = append(parts, v.headlineCost(r))
	return cut(fmt.Sprintf("%s runs %s.", deviceAndPlace(first), strings.Join(parts, "; ")), 2*longest, "…")
}

// atKnee is the row at the knee of the curve that a row is of; the row itself if it is of none.
func (v view) atKnee(r *row) *row {
	for _, c := range v.curves() {
		at, of := -1, false
		for _, p := range c.Points {
			of = of || v.all[p.Row].name == r.name
			if c.Knee != nil && p.Load == *c.Knee {
				at = p.Row
			}
		}
		if of && at >= 0 && v.all[at].Throughput != nil {
			return &v.all[at]
		}
	}
	return r
}

func deviceAndPlace(r bench.Result) string {
	name := orNA(r.Device.Name)
	if cloud := r.Cloud.InstanceType; cloud != nil {
		name += ", " + *cloud
	}
	return name + " (" + r.Device.ID + ")"
}

func headlineInterval(e *bench.Estimate) string {
	if e.Interval == nil {
		return ""
	}
	return fmt.Sprintf(" (95 %% interval of %s)", english.Count(e.Runs, "run"))
}

// engineClause names the engine, and says what a harness engine's figures are not.
func engineClause(r bench.Result) string {
	name := orNA(engineName(r))
	if r.Engine.Kind == devices.Harness {
		return name + ", this project's own engine (a harness engine: credible, but not what people deploy)"
	}
	return name
}

func headlineLatency(r *row) string {
	var parts []string
	add := func(name string, d *bench.Distribution) {
		if d == nil {
			return
		}
		var values []string
		for _, q := range []bench.Quantile{d.P50, d.P90, d.P99} {
			if x := central(q); x != nil {
				values = append(values, "p"+digits(100*q.P, 2)+" "+nanoseconds(*x))
			}
		}
		if len(values) > 0 {
			parts = append(parts, name+" "+strings.Join(values, ", "))
		}
	}
	add("latency", r.Latency)
	add("time to first token", r.TTFT)
	add("time per output token", r.TPOT)
	return strings.Join(parts, "; ")
}

func (v view) headlineCost(r *row) string {
	p := r.Performance
	if p == nil {
		if r.Price != nil && r.Unpriced != "" {
			return "not priced (see Cost)"
		}
		return "no price: give --price or --instance-type"
	}
	doubt := ""
	if len(p.Price.Caveats(v.opts.Now)) > 0 {
		doubt = "; see the findings on this price"
	}
	return fmt.Sprintf("%s USD per million %s at %s USD/h (%s%s)", number(p.USDPerMillionUnits.Value), english.Plural(costUnit(r.First, p)),
		amount(p.Price.AmountUSDPerHour), pricePlace(p.Price), doubt)
}

// pricePlace is where and when a price holds.
func pricePlace(p price.Price) string {
	return english.Joined(", ", string(p.Market), p.InstanceType, p.Region, p.Date)
}

// outcomes counts the rows by what became of them.
func (v view) outcomes() string {
	n := map[string]int{}
	for _, r := range v.all {
		n[r.outcome()]++
	}
	var parts []string
	for _, o := range []string{"failed", "invalid", endedOutcome, "interrupted", "unsupported"} {
		if n[o] > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", english.Count(n[o], "row"), o))
		}
	}
	return english.Joined(", ", parts...) + "; the reasons are among the findings"
}

// endedOutcome is that of a row all of whose runs were ended.
const endedOutcome = "ended early"

// outcome is a word or two about a row.
func (r row) outcome() string {
	switch {
	case r.Valid > 0:
		return "valid"
	case r.Ended > 0 && r.Invalid == 0 && r.Status == bench.OK:
		return endedOutcome
	case r.Status == bench.OK:
		return "invalid"
	}
	return string(r.Status)
}

// unitName is what a row's throughput counts; the tokens of decoders are output tokens.
func unitName(r bench.Result) string { return outputUnit(r, r.Workload.Unit) }

func costUnit(r bench.Result, p *price.Performance) string { return outputUnit(r, p.Unit) }

func outputUnit(r bench.Result, unit string) string {
	if unit == "token" && r.Workload.OSL != nil {
		return "output token"
	}
	return unit
}

// throughput writes a rate with half of its interval.
func throughput(e *bench.Estimate, unit string) string {
	if e == nil {
		return NA
	}
	text := number(e.Value)
	if e.Interval != nil {
		// Not half of the width: the lower end may have been cut off at 0.
		text = plusMinus(e.Value, e.Interval.High-e.Value)
	}
	text += " " + english.Plural(unit) + "/s"
	switch {
	case e.Runs == 1 && e.Within != nil:
		text += fmt.Sprintf(" (1 run; within it at least %s to %s)", number(e.Within.Low), number(e.Within.High))
	case e.Runs == 1:
		text += " (1 run)"
	}
	return text
}

// entry is the catalogue's entry of a workload; empty if it is not of the catalogue.
func entry(name string) workloads.Entry {
	for _, e := range workloads.Catalogue() {
		if e.Name == name {
			return e
		}
	}
	return workloads.Entry{}
}

// defaults are the options that a workload has without being asked; those of an unknown one are a batch of 1.
func defaults(name string) map[string]int {
	out := map[string]int{"batch": 1}
	for _, o := range entry(name).Options {
		out[o.Option] = o.Default
	}
	return out
}
