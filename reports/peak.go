package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/internal/english"
)

// peak is the outcome of a search with what names it.
type peak struct {
	bench.LoadPeak
	like row  // a row of the search under load, else the first of it
	at   *row // the row of the highest load that met the limits; nil unless the peak was reached
}

// searches are the outcomes of the searches of the rows.
func (v view) searches() []peak {
	first := map[string]int{}
	var probes []bench.Result
	for _, r := range v.all {
		for _, x := range r.runs() {
			if p := x.Scenario.Probe; p != nil {
				if _, known := first[p.Search]; !known {
					first[p.Search] = len(first)
				}
				probes = append(probes, x)
			}
		}
	}
	// Rows have the runs of one load together; a search is judged in the order in which it went.
	slices.SortStableFunc(probes, func(a, b bench.Result) int {
		p, q := a.Scenario.Probe, b.Scenario.Probe
		return cmp.Or(first[p.Search]-first[q.Search], p.Step-q.Step)
	})
	var out []peak
	for _, p := range bench.LoadPeaks(probes) {
		out = append(out, v.peakOf(p))
	}
	return out
}

func (v view) peakOf(p bench.LoadPeak) peak {
	out := peak{LoadPeak: p}
	named := false
	for i := range v.all {
		r := &v.all[i]
		probe := r.First.Scenario.Probe
		if probe == nil || probe.Search != p.Search || r.member() {
			continue
		}
		x, unit := loadOf(r.First.Scenario)
		if under := probe.Role != bench.RoleCapacity; !named && (under || out.like.name == "") {
			out.like, named = *r, under
		}
		if p.Status == bench.PeakReached && unit != "" && x == *p.Load {
			out.at = r
		}
	}
	return out
}

// name is that of the search: its rows without the load.
func (v view) peakName(p peak) string {
	return v.nameOf(p.like, ScenarioWords(unloaded(p.like.First.Scenario), p.like.First.Workload.Batch))
}

func (p peak) limits() string {
	var out []string
	for _, l := range p.Limits {
		out = append(out, limitText(l))
	}
	return orNA(strings.Join(out, " and "))
}

// limitText is a limit for a reader: "p99 <= 15 ms".
func limitText(l bench.Limit) string {
	name := "p" + amount(100*l.Percentile)
	if l.Metric != load.Latency && l.Metric != "" {
		name = strings.ToUpper(string(l.Metric)) + " " + name
	}
	return name + " <= " + exactTime(float64(l.Bound))
}

// confirm is the number of confirming runs that the search was to make.
func (p peak) confirm() int {
	if probe := p.First.Scenario.Probe; probe != nil {
		return probe.Confirm
	}
	return 0
}

// peakBlocks are the highest loads within limits.
func (v view) peakBlocks() []Block {
	if len(v.peaks) == 0 {
		return nil
	}
	fields := []field[peak]{
		{"Workload", Left, func(p peak) string { return p.like.workload }},
		{"Scenario", Left, func(p peak) string {
			return ScenarioWords(unloaded(p.like.First.Scenario), p.like.First.Workload.Batch)
		}},
	}
	if v.severalEngines {
		fields = append(fields, field[peak]{"Engine", Left, func(p peak) string { return orNA(p.like.engine) }})
	}
	if v.severalDevices {
		fields = append(fields, field[peak]{"Device", Left, func(p peak) string { return v.labels[place(p.like.First)] }})
	}
	fields = append(fields, []field[peak]{
		{"Limits", Left, peak.limits},
		{"Met up to", Right, func(p peak) string { return p.loadText(p.Load) }},
		{"Missed at", Right, func(p peak) string {
			if p.Doubtful {
				return p.loadText(p.Missed) + " (invalid runs)"
			}
			return p.loadText(p.Missed)
		}},
		{"Confirming runs", Right, func(p peak) string { return fmt.Sprintf("%d of %d", p.Confirmed, p.confirm()) }},
		{"Runs tried", Right, func(p peak) string { return fmt.Sprint(p.Tried) }},
		{"Outcome", Left, func(p peak) string { return string(p.Status) }},
	}...)
	blocks := append([]Block{Heading("Peak load")}, brief(v.peaks, fields)...)
	var list List
	for _, p := range v.peaks {
		if p.Status != bench.PeakReached || p.Reason != "" {
			list = append(list, shorten(v.peakName(p)+", "+p.limits()+": "+p.sentence()))
		}
	}
	if len(list) > 0 {
		blocks = append(blocks, list[:min(len(list), briefRows)])
	}
	return append(blocks, Paragraph{Text: "The highest load of a search at which every confirming run met all limits, by MLPerf's rule of early " +
		"stopping. The next higher load that was tried missed them: that they are kept was not shown with this certainty. More queries, by --duration or " +
		"--min-queries, show it closer to the truth."})
}

// loadText is a load of the search; there may be none that met the limits, or none that missed them.
func (p peak) loadText(load *float64) string {
	if load == nil {
		return none
	}
	return loadText(*load, p.Unit)
}

// sentence says what else is to be known of a search.
func (p peak) sentence() string {
	switch p.Status {
	case bench.PeakReached:
		return english.Joined(": ", "reached, with a doubt", p.Reason)
	case bench.PeakNotReached:
		return english.Joined(": ", "not reached, no load keeps "+p.limits(), p.Reason)
	case bench.PeakNotExceeded:
		return english.Joined(": ", "not exceeded, "+p.limits()+" is kept even at "+p.loadText(p.Load)+" and the peak is higher", p.Reason)
	}
	return english.Joined(": ", "the search for the peak is unfinished", p.Reason)
}

// otherThanOverload are the reasons for which runs of a search were invalid, each once, but for overload, which a search looks for: they
// make it take loads for too high that are not.
func (v view) otherThanOverload(p peak) []string {
	var probes row
	for _, r := range v.all {
		probe := r.First.Scenario.Probe
		if probe == nil || probe.Search != p.Search || r.atPeak || r.First.Group != nil && r.First.Group.Index != bench.Whole {
			continue
		}
		for _, x := range r.runs() {
			x.Validity.Reasons = slices.DeleteFunc(slices.Clone(x.Validity.Reasons), bench.Overloaded)
			if x.Status == bench.OK && x.Ended == "" && len(x.Validity.Reasons) > 0 {
				probes.Results = append(probes.Results, x)
				probes.Invalid++
			}
		}
	}
	return probes.reasons("invalid")
}

// headlinePeak is the reached peak that the headline tells about; nil without any.
func (v view) headlinePeak() *peak {
	var best *peak
	for i := range v.peaks {
		p := &v.peaks[i]
		if p.at != nil && (best == nil || weight(*p.at) > weight(*best.at)) {
			best = p
		}
	}
	return best
}

// offeredDiffers is how far the rate of the schedules may be from the one that was asked for without being said.
const offeredDiffers = 0.02

func (v view) peakHeadline(p *peak) string {
	r := p.at
	missed := "missed at " + maybe(p.Missed, amount)
	if p.Doubtful {
		missed = "runs at " + maybe(p.Missed, amount) + " were invalid: the peak may be higher"
	}
	if d := r.Delivery; d != nil && math.Abs(d.Offered / *p.Load - 1) > offeredDiffers {
		missed = "chance offered " + number(d.Offered) + "; " + missed
	}
	parts := []string{fmt.Sprintf("%s keeps %s up to %s (%s; %d of %s): %s (%s) with %s", deviceAndPlace(r.First), p.limits(),
		loadText(*p.Load, p.Unit), missed, p.Confirmed, english.Count(p.confirm(), "confirming run"), r.workload, r.scenario, engineClause(r.First))}
	if r.Throughput != nil {
		parts = append(parts, throughput(r.Throughput, unitName(r.First))+headlineInterval(r.Throughput))
	}
	if text := headlineLatency(r); text != "" {
		parts = append(parts, text)
	}
	return cut(strings.Join(append(parts, v.headlineCost(r)), "; ")+".", 2*longest, "…")
}
