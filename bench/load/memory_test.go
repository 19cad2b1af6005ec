package load_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
)

func TestSteadyStateAllocatesNothing(t *testing.T) {
	run := func(queries int) float64 {
		g := load.New(null{}, load.Stream{Samples: 1}, load.Settings{MinQueries: queries, Pool: 8})
		_, err := g.WarmUp(t.Context())
		require.NoError(t, err)
		return testing.AllocsPerRun(3, func() { g.Run(t.Context()) })
	}
	require.InDelta(t, run(10), run(10000), 5)
}
