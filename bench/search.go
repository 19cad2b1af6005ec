package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/accelbench/accelbench/bench/stat"
)

// Probe marks a run of a search for the highest rate, or concurrency, at which limits are met.
type Probe struct {
	Search string `json:"search"` // shared by the runs of one search
	Step   int    `json:"step"`   // 0-based
	Role   Role   `json:"role"`
	// Confirm is the number of runs that must meet the limits at the rate that is found.
	Confirm int `json:"confirm"`
	// Least and Most bound the loads that the search would try.
	Least float64 `json:"least"`
	Most  float64 `json:"most"`
}

// Role says what a probe is for.
type Role string

// A search first looks how much the device can do at most, then doubles or halves until the limits are met on one side and
// missed on the other, then halves the gap, and confirms what it has found with fresh runs.
const (
	RoleCapacity Role = "capacity"
	RoleBracket  Role = "bracket"
	RoleBisect   Role = "bisect"
	RoleConfirm  Role = "confirm"
)

const (
	// searchStep is the ratio of rates at which a search is content.
	searchStep = 1.05
	// mostStep is the largest ratio by which a failed confirmation lowers a load.
	mostStep = 2
	// mostTop bounds the concurrency that is tried; the rate is bounded by a multiple of what the device can do offline.
	mostTop       = 4096
	rateTop       = 4.0
	rateBottom    = 1.0 / 1024
	rateStart     = 0.7 // of what the device can do offline
	invalidTries  = 3   // runs at one load that may be invalid before it counts as missed
	blindLoads    = 3   // loads one after the other that may count so before the search ends
	capacityShare = 0.5 // of the duration of a probe
)

// searching is a search in the making.
type searching struct {
	*sequence
	p      *planned
	plan   Plan
	id     string
	step   int
	finder *finder
}

// search makes the runs of a search and reports whether the sequence goes on.
func (s *sequence) search(ctx context.Context, p *planned) bool {
	least := float64(1 + len(p.Peers)) // one in flight for every device
	h := &searching{sequence: s, p: p, plan: p.Plan, id: NewID(), finder: newFinder(least, least, mostTop, p.Repeats)}
	for _, l := range p.Limits {
		if n, ok := stat.EarlyStoppingNeeds(l.Percentile, 1); ok {
			h.plan.MinQueries = max(h.plan.MinQueries, int(n))
		}
	}
	h.finder.whole = true
	switch {
	case h.plan.Scenario == Server:
		if more, ok := h.bound(ctx); !ok {
			return more
		}
	case h.plan.Concurrency > 0:
		h.finder.x = max(float64(h.plan.Concurrency), least)
	}
	return h.find(ctx)
}

// probe makes one run of the search.
func (h *searching) probe(ctx context.Context, role Role, change func(*Plan)) (r Result, more bool) {
	h.p.Plan, h.p.over = h.plan, false
	h.p.Probe = &Probe{Search: h.id, Step: h.step, Role: role, Confirm: h.plan.Repeats, Least: h.finder.bottom, Most: h.finder.top}
	change(&h.p.Plan)
	results, more := h.make(ctx, h.p, 0)
	h.step++
	h.run++
	return merged(results), more
}

// bound finds out what the device can do at most, and with it where to look for the rate; ok is false if that could not be found.
func (h *searching) bound(ctx context.Context) (more, ok bool) {
	var r Result
	for tries := 0; tries == 0 || !r.Validity.Valid && tries < invalidTries; tries++ {
		r, more = h.probe(ctx, RoleCapacity, func(p *Plan) {
			p.Scenario, p.Limits, p.MinQueries = Offline, nil, 1
			p.Duration = time.Duration(capacityShare * float64(p.Duration))
		})
		if !more || r.Status != OK {
			return more, false
		}
	}
	units, ok := r.Throughput()
	if !ok {
		return true, false
	}
	capacity := units * float64(r.Counts.Samples) / float64(max(r.Counts.Units, 1))
	start := rateStart * capacity
	if h.plan.Rate > 0 {
		start = h.plan.Rate
	}
	h.finder = newFinder(threeDigits(start), threeDigits(rateBottom*min(capacity, start)), threeDigits(rateTop*max(capacity, start)), h.plan.Repeats)
	return true, true
}

// find makes the runs under load.
func (h *searching) find(ctx context.Context) (more bool) {
	tries, blind := 0, blindLoads-1 // at the first load it ends at once
	for {
		x, role, ok := h.finder.next()
		if !ok {
			return true
		}
		r, more := h.probe(ctx, role, func(p *Plan) {
			if p.Scenario == Server {
				p.Rate = x
			} else {
				p.Concurrency = int(x)
			}
		})
		if !more || r.Status != OK {
			return more
		}
		tries++
		switch undecided := r.undecided(); {
		case !undecided:
			blind = 0
		case tries < invalidTries:
			continue // once more
		default:
			if blind++; blind == blindLoads {
				return true // nothing is valid here, whatever the load
			}
		}
		tries = 0
		h.finder.observe(r.meets())
	}
}

// meets tells whether a run is valid and meets all its limits.
func (r *Result) meets() bool {
	if !r.Validity.Valid || r.Ended != "" || len(r.Limits) == 0 {
		return false
	}
	for _, l := range r.Limits {
		if met, _ := l.Met(r.population(l.Limit.Metric)); !met {
			return false
		}
	}
	return true
}

// undecided tells whether a run says nothing about its limits, because it is invalid for another reason than too much load: what
// disturbs a run makes it miss limits, and overloads the system, too. A generator that is late beside an overloaded system is so by the
// load.
func (r *Result) undecided() bool {
	if r.Validity.Valid {
		return false
	}
	loaded := slices.ContainsFunc(r.Validity.Reasons, Overloaded)
	return !loaded || slices.ContainsFunc(r.Validity.Reasons, func(reason string) bool { return !Overloaded(reason) && !strings.Contains(reason, late) })
}

// setting is the rate, or the concurrency, of a run, with its unit.
func (r *Result) setting() (x float64, unit string) {
	switch {
	case r.Scenario.Arrival != nil:
		return r.Scenario.Arrival.RatePerSecond, "queries/s"
	case r.Scenario.Concurrency != nil:
		return float64(*r.Scenario.Concurrency), "in flight"
	}
	return 0, ""
}

func settingText(x float64, unit string) string { return fmt.Sprintf("%.4g %s", x, unit) }
