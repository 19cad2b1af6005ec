package bench

import (
	"context"
	"fmt"
	"slices"
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
	invalidTries  = 3   // runs at one rate that may be invalid before it counts as missed
	capacityShare = 0.5 // of the duration of a probe
)

// search makes the runs of a search and reports whether the sequence goes on.
func (s *sequence) search(ctx context.Context, p *planned) bool {
	plan := p.Plan
	id := NewID()
	for _, l := range plan.Limits {
		if n, ok := stat.EarlyStoppingNeeds(l.Percentile, 1); ok {
			plan.MinQueries = max(plan.MinQueries, int(n))
		}
	}
	least := float64(1 + len(plan.Peers)) // one for every device
	f := newFinder(least, least, mostTop, plan.Repeats)
	probe := func(step int, role Role, change func(*Plan)) (Result, bool) {
		p.Plan, p.over = plan, false
		p.Probe = &Probe{Search: id, Step: step, Role: role, Confirm: plan.Repeats, Least: f.bottom, Most: f.top}
		change(&p.Plan)
		results, more := s.make(ctx, p, 0)
		s.run++
		return merged(results), more
	}
	f.whole = true
	step := 0
	if plan.Scenario == Server {
		var first Result
		for tries := 0; tries == 0 || !first.Validity.Valid && tries < invalidTries; tries++ {
			var more bool
			first, more = probe(step, RoleCapacity, func(p *Plan) {
				p.Scenario, p.Limits, p.MinQueries = Offline, nil, 1
				p.Duration = time.Duration(capacityShare * float64(plan.Duration))
			})
			if !more || first.Status != OK {
				return more
			}
			step++
		}
		capacity, ok := perSecond(&first)
		if !ok {
			return true
		}
		capacity *= float64(first.Counts.Samples) / float64(max(first.Counts.Units, 1))
		start := rateStart * capacity
		if plan.Rate > 0 {
			start = plan.Rate
		}
		f = newFinder(threeDigits(start), threeDigits(rateBottom*min(capacity, start)), threeDigits(rateTop*max(capacity, start)), plan.Repeats)
	} else if plan.Concurrency > 0 {
		f.x = max(float64(plan.Concurrency), least)
	}
	for tries, valid := 0, false; ; step++ {
		x, role, ok := f.next()
		if !ok {
			return true
		}
		r, more := probe(step, role, func(p *Plan) {
			if p.Scenario == Server {
				p.Rate = x
			} else {
				p.Concurrency = int(x)
			}
		})
		if !more || r.Status != OK {
			return more
		}
		valid = valid || !r.undecided()
		if tries++; !valid && tries == invalidTries {
			return true // nothing is valid here, whatever the load
		}
		if r.undecided() && tries < invalidTries {
			continue
		}
		tries = 0
		f.observe(r.meets())
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
// disturbs a run makes it miss limits, too.
func (r *Result) undecided() bool {
	if r.Validity.Valid {
		return false
	}
	return !slices.ContainsFunc(r.Validity.Reasons, Overloaded)
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
