package bench_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
)

func TestTurnsMakeRunsInAnyOrder(t *testing.T) {
	clean(t)
	server := plan("good", short)
	server.Scenario, server.Rate = bench.Server, 200
	turns := runner().Turns([]bench.Plan{server, plan("good", short)}, base())
	second := turns.Make(t.Context(), 1, 4)
	first := turns.Make(t.Context(), 0, 0)
	later := turns.Make(t.Context(), 0, 4)
	for _, results := range [][]bench.Result{first, second, later} {
		require.Len(t, results, 1)
		require.Equal(t, bench.OK, results[0].Status, results[0].Reason)
	}
	require.Equal(t, bench.SingleStream, second[0].Scenario.Name)
	require.Equal(t, 4, second[0].Repeat)
	require.NotEqual(t, first[0].ID, later[0].ID)
	require.NotEqual(t, first[0].Scenario.Arrival.Seed, later[0].Scenario.Arrival.Seed, "each round has a schedule of its own")

	other := runner().Turns([]bench.Plan{server}, base()).Make(t.Context(), 0, 4)
	require.Equal(t, later[0].Scenario.Arrival.Seed, other[0].Scenario.Arrival.Seed, "which both sides of a round have in common")
}

func TestTurnsOfWhatCannotRun(t *testing.T) {
	clean(t)
	absent := plan("good", short)
	absent.Device = "fake:9"
	turns := runner().Turns([]bench.Plan{absent}, base())
	results := turns.Make(t.Context(), 0, 0)
	require.Len(t, results, 1)
	require.Equal(t, bench.Unsupported, results[0].Status)
	require.Empty(t, turns.Make(t.Context(), 0, 1), "it was told")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	results = runner().Turns([]bench.Plan{plan("good", short)}, base()).Make(ctx, 0, 0)
	require.Equal(t, bench.Interrupted, results[0].Status)
}
