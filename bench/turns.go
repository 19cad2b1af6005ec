package bench

import "context"

// Turns makes the runs of plans one by one, in whatever order the caller asks for them. What was found out about a plan before
// its first run (workload, golden values) is kept for the next.
type Turns struct{ s *sequence }

// Turns prepares to run the plans.
func (r *Runner) Turns(plans []Plan, base Base) *Turns {
	s := &sequence{Runner: r, base: base, golden: map[string]golden{}, yield: func(Result) bool { return true }}
	for i := range plans {
		s.plans = append(s.plans, planned{Plan: plans[i], index: i})
	}
	return &Turns{s}
}

// Make makes one run of the plan with that index, in a fresh process: a Result for each of its devices. Repeats differ in the
// schedule of their server scenario; runs of two plans with the same repeat have the same. As with [Runner.Run] nothing that
// happens to a run is an error, and the end of the context gives an interrupted Result. A plan that cannot run, or whose worker
// hung, is over: Make then gives nothing.
func (t *Turns) Make(ctx context.Context, plan, repeat int) []Result {
	p := &t.s.plans[plan]
	if p.over {
		return nil
	}
	results, _ := t.s.make(ctx, p, repeat)
	return results
}
