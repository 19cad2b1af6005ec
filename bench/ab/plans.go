package ab

import (
	"context"

	"github.com/accelbench/accelbench/bench"
)

// Plans is a side whose turns are the runs of plans, each in a fresh process.
type Plans struct {
	turns *bench.Turns
	count int
	last  []string // by plan: why it gave no figures
}

// NewPlans prepares the plans of a side. Whatever their repeats say, a plan runs once a round.
func NewPlans(runner *bench.Runner, plans []bench.Plan, base bench.Base) *Plans {
	return &Plans{turns: runner.Turns(plans, base), count: len(plans), last: make([]string, len(plans))}
}

// Pairs is the number of plans.
func (p *Plans) Pairs() int { return p.count }

// Run runs the plan of the turn's pair. Both sides of a round have the same schedule of arrivals, if their plans have one.
func (p *Plans) Run(ctx context.Context, t Turn) Output {
	results := p.turns.Make(ctx, t.Pair-1, t.Round-1)
	for i := range results {
		results[i].Trial = t.trial()
	}
	out := Output{Results: results, Failure: failure(results)}
	if len(results) == 0 { // it cannot run, which was told before
		out.Failure = p.last[t.Pair-1]
	}
	p.last[t.Pair-1] = out.Failure
	return out
}

// failure says why none of a turn's results has figures; empty if one has, even if it is not valid.
func failure(results []bench.Result) string {
	reason := ""
	for _, r := range results {
		if r.Status == bench.OK {
			return ""
		}
		if reason == "" {
			reason = r.Reason
		}
	}
	return reason
}
