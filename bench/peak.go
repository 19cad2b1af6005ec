package bench

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// PeakStatus is the outcome of a search.
type PeakStatus string

// A peak is reached when a load met the limits in every confirming run; not reached when every load that was tried missed them; not
// exceeded when none did; and unfinished when the search did not come to its end.
const (
	PeakReached     PeakStatus = "reached"
	PeakNotReached  PeakStatus = "not reached"
	PeakNotExceeded PeakStatus = "not exceeded"
	PeakUnfinished  PeakStatus = "unfinished"
)

// LoadPeak is the highest load at which limits were met, as the runs of one search tell.
type LoadPeak struct {
	Search string     `json:"search"`
	Limits []Limit    `json:"limits"`
	Status PeakStatus `json:"status"`
	// Load is the highest that met the limits, in Unit (queries/s or in flight); nil if none did. Missed is the lowest above it
	// that did not; nil if there is none.
	Load   *float64 `json:"load"`
	Missed *float64 `json:"missed"`
	Unit   string   `json:"unit"`
	// Confirmed is the number of runs at Load that met the limits, Tried that of all runs of the search under load.
	Confirmed int `json:"confirmed"`
	Tried     int `json:"tried"`
	// Reason says why there is no more to say.
	Reason string `json:"reason,omitempty"`
	// Doubtful tells that the runs at Missed, or at the lowest load, counted as missed because they were invalid: on a quieter machine
	// the peak may be higher.
	Doubtful bool `json:"doubtful"`
	// First is the first run of the search.
	First Result `json:"-"`
}

// trial is what became of one load.
type trial struct {
	load                   float64
	met, missed, confirmed int
	invalid                int      // those of missed that are for want of a valid run
	undecided              int      // runs in sequence
	reasons                []string // for which runs did not count
}

// decided tells whether a run at the load said anything of the limits.
func (t trial) decided() bool { return t.met > 0 || t.missed > t.invalid }

// doubtful tells whether the load was missed for want of valid runs alone.
func (t trial) doubtful() bool { return t.missed > 0 && t.missed == t.invalid }

// LoadPeaks are the outcomes of the searches among the results, in the order in which each first occurs. Runs that were made on several
// devices at once count as one.
func LoadPeaks(results []Result) []LoadPeak {
	var order []string
	probes := map[string][]Result{}
	for _, r := range withGroups(results) {
		if r.Scenario.Probe == nil || r.Group != nil && r.Group.Index != Whole {
			continue
		}
		id := r.Scenario.Probe.Search
		if probes[id] == nil {
			order = append(order, id)
		}
		probes[id] = append(probes[id], r)
	}
	var out []LoadPeak
	for _, id := range order {
		out = append(out, peakOf(id, probes[id]))
	}
	return out
}

func peakOf(id string, probes []Result) LoadPeak {
	slices.SortStableFunc(probes, func(a, b Result) int { return cmp.Compare(a.Scenario.Probe.Step, b.Scenario.Probe.Step) })
	p := LoadPeak{Search: id, First: probes[0]}
	trials, broken := p.trials(probes)
	bounds := probes[len(probes)-1].Scenario.Probe // the first may be that which finds them
	need := bounds.Confirm
	p.choose(trials, need)
	switch {
	case broken != "":
		p.Status, p.Reason = PeakUnfinished, broken
	case len(trials) == 0:
		p.Status, p.Reason = PeakUnfinished, "no run under load was made"
	case !slices.ContainsFunc(trials, trial.decided):
		p.Status, p.Reason = PeakUnfinished, "no run was valid: "+strings.Join(trials[0].reasons, "; ")
	case p.Load == nil && (trials[0].load > bounds.Least || trials[0].missed == 0), p.Load != nil && p.Missed == nil && trials[len(trials)-1].load < bounds.Most:
		p.Status, p.Reason = PeakUnfinished, "it was cut off before it came to its end"
		if why := trials[0].reasons; p.Load == nil && len(why) > 0 {
			p.Reason = "no run was valid at " + settingText(trials[0].load, p.Unit) + ": " + strings.Join(why, "; ")
		}
	case p.Load == nil:
		p.Doubtful = trials[0].doubtful()
		p.Status, p.Reason = PeakNotReached, fmt.Sprintf("missed even at %s, the lowest load tried", settingText(trials[0].load, p.Unit))
		if why := trials[0].reasons; len(why) > 0 {
			p.Reason += ", where runs were invalid: " + strings.Join(why, "; ")
		}
	case p.Missed == nil:
		p.Status, p.Reason = PeakNotExceeded, "no load that was tried missed the limits"
	case p.Confirmed < need:
		p.Status, p.Reason = PeakUnfinished, fmt.Sprintf("%d of %d confirming runs were made", p.Confirmed, need)
	default:
		p.Status = PeakReached
		if p.Doubtful {
			p.Reason = fmt.Sprintf("the runs at %s were invalid and so counted as missed; on a quieter machine the peak may be higher",
				settingText(*p.Missed, p.Unit))
		}
	}
	return p
}

// choose takes the highest load that was confirmed, or that met the limits if none was. The search may have stepped over a load
// that met them once: it lay nearer to one whose confirmation failed than a search looks.
func (p *LoadPeak) choose(trials []trial, need int) {
	for i, t := range trials {
		switch {
		case t.missed > 0 && p.Load != nil && p.Missed == nil:
			p.Missed, p.Doubtful = &trials[i].load, t.doubtful()
		case t.missed == 0 && t.met > 0 && (t.confirmed >= need || p.Confirmed < need):
			p.Load, p.Confirmed, p.Missed, p.Doubtful = &trials[i].load, t.confirmed, nil, false
		}
	}
}

// trials are the loads that were tried, lowest first, and what broke the search off, if anything did.
func (p *LoadPeak) trials(probes []Result) (trials []trial, broken string) {
	at := map[float64]*trial{}
	for i := range probes {
		r := &probes[i]
		if r.Status != OK {
			broken = string(r.Status) + ": " + r.Reason
			continue
		}
		if r.Scenario.Probe.Role == RoleCapacity {
			continue
		}
		p.Tried++
		for _, l := range r.Limits {
			if !slices.Contains(p.Limits, l.Limit) {
				p.Limits = append(p.Limits, l.Limit)
			}
		}
		load, unit := r.setting()
		p.Unit = unit
		t := at[load]
		if t == nil {
			t = &trial{load: load}
			at[load] = t
		}
		switch {
		case r.meets() && r.Scenario.Probe.Role == RoleConfirm:
			t.met, t.confirmed = t.met+1, t.confirmed+1
		case r.meets():
			t.met++
		case r.undecided():
			t.reasons = append(t.reasons, r.Validity.Reasons...)
			if t.undecided++; t.undecided == invalidTries {
				t.missed, t.invalid, t.undecided = t.missed+1, t.invalid+1, 0
			}
			continue
		default:
			t.missed++
		}
		t.undecided = 0
	}
	for _, t := range at {
		slices.Sort(t.reasons)
		t.reasons = slices.Compact(t.reasons)
		trials = append(trials, *t)
	}
	slices.SortFunc(trials, func(a, b trial) int { return cmp.Compare(a.load, b.load) })
	return trials, broken
}
