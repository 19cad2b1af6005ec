package load_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
)

// BenchmarkNullSystem is the overhead of the harness: nanoseconds and allocations per query, set-up and outcome included.
func BenchmarkNullSystem(b *testing.B) {
	for _, c := range []struct {
		name    string
		arrival load.Arrival
	}{{"single-stream", load.Stream{Samples: 1}}, {"offline", load.Offline{}}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			g := load.New(null{}, c.arrival, load.Settings{MinQueries: b.N, Pool: 64})
			_, err := g.WarmUp(b.Context())
			require.NoError(b, err)
			b.ResetTimer()
			out := g.Run(b.Context())
			require.GreaterOrEqual(b, out.Samples, int64(b.N))
		})
	}
}
