package ab_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/ab"
)

// TestAPlanThatCannotRunFailsEveryTurn: it is tried once and told once, and fails its other turns for the same reason.
func TestAPlanThatCannotRunFailsEveryTurn(t *testing.T) {
	plan := bench.Plan{Device: "gone:0", Engine: "native", Workload: "gemm", Scenario: bench.Offline, Repeats: 5}
	p := ab.NewPlans(&bench.Runner{Command: []string{"/no/such/program"}}, []bench.Plan{plan, plan}, bench.Base{Session: "s"})
	require.Equal(t, 2, p.Pairs())
	first := p.Run(t.Context(), ab.Turn{Trial: "t", Side: bench.SideBase, Pair: 2, Round: 3, Place: 4})
	require.Contains(t, first.Failure, "device gone:0: absent")
	require.Len(t, first.Results, 1)
	require.Equal(t, &bench.Trial{ID: "t", Side: bench.SideBase, Pair: 2, Round: 3, Place: 4}, first.Results[0].Trial)
	require.Equal(t, 2, first.Results[0].Repeat, "rounds count from 1, repeats from 0")
	again := p.Run(t.Context(), ab.Turn{Trial: "t", Side: bench.SideBase, Pair: 2, Round: 4, Place: 4})
	require.Empty(t, again.Results)
	require.Equal(t, first.Failure, again.Failure)
}
