package bench

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/accelbench/accelbench/internal/names"
	"github.com/accelbench/accelbench/workloads"
)

// ErrBadPlan marks a plan that asks for what cannot be.
var ErrBadPlan = errors.New("bad plan")

// Selection is a wish for plans: every workload under every scenario. Empty lists mean all of them, and what is then not
// possible is left out; what was named must be possible.
type Selection struct {
	// Plan holds what all plans share; its Workload, Scenario and Asked are set per plan.
	Plan
	Workloads []string
	Scenarios []ScenarioName
}

// Plans multiplies the selection out, workload by workload. The error wraps ErrBadPlan, or is that of workloads.Find.
//
// An option reaches the workloads that have it; one that none of them has is an error. More than one sample per batch
// needs the offline scenario, since single-stream has one sample per query.
func (s Selection) Plans() ([]Plan, error) {
	list, asked := s.Workloads, true
	if len(list) == 0 {
		list, asked = workloads.Names(), false
	}
	if err := s.check(list); err != nil {
		return nil, err
	}
	scenarios, named := s.Scenarios, true
	if len(scenarios) == 0 {
		scenarios, named = Scenarios(), false
	}
	var out []Plan
	for _, name := range list {
		options, err := reaching(name, s.Options)
		if err != nil {
			return nil, err
		}
		for _, scenario := range scenarios {
			p := s.Plan
			p.Workload, p.Options, p.Scenario, p.Asked = name, options, scenario, asked
			if err := p.Validate(); err != nil {
				if named || scenario == Offline {
					return nil, err
				}
				continue
			}
			out = append(out, p)
		}
	}
	return out, nil
}

// check refuses options that none of the workloads has.
func (s Selection) check(list []string) error {
	known := map[string]bool{}
	for _, e := range workloads.Catalogue() {
		if slices.Contains(list, e.Name) {
			for _, o := range e.Options {
				known[o.Option] = true
			}
		}
	}
	if len(known) == 0 {
		return nil // only unknown workloads: Find says so
	}
	for _, o := range options(&s.Options) {
		if *o.value != 0 && !known[o.name] {
			return fmt.Errorf("%w: option %s (got %d) is of no use to %s", ErrBadPlan, o.name, *o.value, strings.Join(list, ", "))
		}
	}
	return nil
}

// reaching are the options that a workload has, checked.
func reaching(name string, o workloads.Options) (workloads.Options, error) {
	for _, e := range workloads.Catalogue() {
		if e.Name != name {
			continue
		}
		for _, field := range options(&o) {
			if !slices.ContainsFunc(e.Options, func(r workloads.Range) bool { return r.Option == field.name }) {
				*field.value = 0
			}
		}
	}
	_, err := workloads.Find(name, o)
	if errors.Is(err, workloads.ErrPrecision) {
		err = nil // a result will say that it is unsupported
	}
	return o, err
}

type option struct {
	name  string
	value *int
}

func options(o *workloads.Options) []option {
	return []option{{"batch", &o.Batch}, {"seq-len", &o.SeqLen}, {"isl", &o.ISL}, {"osl", &o.OSL}}
}

// The most that a plan may ask for: beyond are slips of the finger, and sums that overflow.
const (
	maxDuration = 24 * time.Hour
	maxRepeats  = 10_000
	maxQueries  = 1_000_000_000
)

// Validate reports what makes the plan impossible on any device; the error wraps ErrBadPlan.
func (p Plan) Validate() error {
	switch {
	case !slices.Contains(Scenarios(), p.Scenario):
		var known []string
		for _, s := range Scenarios() {
			known = append(known, string(s))
		}
		return fmt.Errorf("%w: unknown scenario %q: the scenarios are, nearest first, %s", ErrBadPlan, p.Scenario,
			strings.Join(names.Nearest(string(p.Scenario), known), ", "))
	case p.Scenario == SingleStream && p.Options.Batch > 1:
		return fmt.Errorf("%w: batch %d with %s, which has one sample per query: use --scenario %s", ErrBadPlan, p.Options.Batch,
			SingleStream, Offline)
	case p.Duration <= 0 || p.Duration > maxDuration:
		return fmt.Errorf("%w: duration %s: it must be above 0 and at most %s", ErrBadPlan, p.Duration, maxDuration)
	case p.Repeats < 1 || p.Repeats > maxRepeats:
		return fmt.Errorf("%w: repeats %d: from 1 to %d", ErrBadPlan, p.Repeats, maxRepeats)
	case p.MinQueries < 1 || p.MinQueries > maxQueries:
		return fmt.Errorf("%w: min-queries %d: from 1 to %d", ErrBadPlan, p.MinQueries, maxQueries)
	}
	return nil
}
