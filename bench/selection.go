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

// Selection is a wish for plans: every workload, model file and folder of weights in every engine under every scenario.
// Empty lists mean the everyday workloads, the preferred engine and all scenarios, and what is then not possible is left
// out; what was named must be possible.
type Selection struct {
	// Plan holds what all plans share; its Workload, Own, Engine, Scenario and Asked are set per plan.
	Plan
	Workloads []string
	// Owns are run besides the named workloads; with them, no workload is added by itself.
	Owns      []Own
	Engines   []string
	Scenarios []ScenarioName
	// Sweep makes a plan for each of several loads; nil makes one for that of Plan.
	Sweep *Sweep
}

// AllWorkloads stands for every standard workload.
const AllWorkloads = "all"

// subject is what a plan runs.
type subject struct {
	name    string
	options workloads.Options
	own     *Own
	asked   bool
}

// Plans multiplies the selection out, workload by workload. The error wraps ErrBadPlan, or is that of [FindWorkload].
//
// An option reaches the workloads and the scenarios that have it; one that none of them has is an error.
func (s Selection) Plans() ([]Plan, error) {
	subjects, err := s.subjects()
	if err != nil {
		return nil, err
	}
	scenarios, named, err := s.scenarios()
	if err != nil {
		return nil, err
	}
	engines := s.Engines
	if len(engines) == 0 {
		engines = []string{""}
	}
	var out []Plan
	for _, subject := range subjects {
		for _, scenario := range scenarios {
			for _, engine := range engines {
				p := s.Plan
				p.Workload, p.Own, p.Options, p.Asked = subject.name, subject.own, subject.options, subject.asked
				p.Engine, p.Scenario = engine, scenario
				for _, p := range s.loads(p) {
					if err := errors.Join(p.Validate(), p.hasTokens()); err == nil {
						out = append(out, p)
					} else if named || scenario == Offline {
						return nil, err
					}
				}
			}
		}
	}
	return out, nil
}

// subjects are the things to run, with their options.
func (s Selection) subjects() ([]subject, error) {
	var out []subject
	for _, o := range s.Owns {
		found, err := s.ofOwn(o)
		if err != nil {
			return nil, err
		}
		out = append(out, found)
	}
	list, asked := s.Workloads, true
	switch {
	case len(list) == 0 && len(out) == 0:
		list, asked = everyday(), false
	case slices.Equal(list, []string{AllWorkloads}):
		list, asked = workloads.Names(), false
	}
	if len(list) > 0 {
		if err := s.check(list); err != nil {
			return nil, err
		}
	}
	for _, name := range list {
		options, err := reaching(name, s.Options)
		if err != nil {
			return nil, err
		}
		out = append(out, subject{name: name, options: options, asked: asked})
	}
	return out, nil
}

// ofOwn reads the file or folder once, so that its mistakes are found before anything runs, and keeps its digest.
func (s Selection) ofOwn(o Own) (subject, error) {
	p := s.Plan
	p.Own = &o
	if o.File != nil {
		p.Options = workloads.Options{}
		file := *o.File
		o.File = &file
	}
	w, err := FindWorkload(p)
	if err != nil && o.Among {
		return subject{name: o.File.Name, options: p.Options, own: &o, asked: true}, nil // the run will say why
	}
	if errors.Is(err, workloads.ErrPrecision) {
		return subject{}, fmt.Errorf("%w: %w", ErrBadPlan, err)
	}
	if err != nil {
		return subject{}, err
	}
	if o.File != nil {
		o.File.SHA256 = w.File.SHA256
	}
	o.Digest = w.WeightsDigest
	return subject{name: w.Name, options: p.Options, own: &o, asked: true}, nil
}

// everyday are the workloads that a selection without names runs.
func everyday() []string {
	var out []string
	for _, e := range workloads.Catalogue() {
		if e.Everyday {
			out = append(out, e.Name)
		}
	}
	return out
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
		return unknownScenario(p.Scenario)
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
	for _, check := range []func() error{p.validArrivals, p.validService, p.validLength, p.validLimits} {
		if err := check(); err != nil {
			return fmt.Errorf("%w: %w", ErrBadPlan, err)
		}
	}
	return nil
}

func unknownScenario(name ScenarioName) error {
	var known []string
	for _, s := range Scenarios() {
		known = append(known, string(s))
	}
	return fmt.Errorf("%w: unknown scenario %q: the scenarios are, nearest first, %s", ErrBadPlan, name,
		strings.Join(names.Nearest(string(name), known), ", "))
}
