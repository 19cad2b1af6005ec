package bench

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Runs of a plan, and devices of a run, each draw a schedule of their own; the first run has the plan's seed.
func TestEveryRunHasAScheduleOfItsOwn(t *testing.T) {
	s := sequence{}
	p := planned{Plan: Plan{Device: "a", Peers: []string{"b", "c"}, Seed: 5, Scenario: Server, Arrivals: Arrivals{Rate: 3}}}
	seen := map[uint64]string{}
	note := func(plan Plan, what string) {
		seed := plan.Settings().Arrival.Seed
		require.Empty(t, seen[seed], "%s has the schedule of %s", what, seen[seed])
		seen[seed] = what
	}
	for _, m := range s.members(&p) {
		for repeat := range 4 {
			note(m.ofRun(repeat), m.Device)
		}
	}
	require.Equal(t, "a", seen[5], "the first run has the seed that was given")
	alone := p.Plan
	alone.Probe = &Probe{Step: 7}
	note(alone.ofRun(0), "a probe")
	require.Equal(t, alone.ofRun(0), alone.ofRun(3))

	closed := Plan{Scenario: Concurrency, Seed: 5, Arrivals: Arrivals{Concurrency: 2}}
	require.Equal(t, closed, closed.ofRun(2))
}
