package load_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/load/arrival"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// nullSession is null behind a queue.
type nullSession struct{}

func (nullSession) Run(context.Context, int, []workloads.Tensor, []workloads.Tensor) error {
	return nil
}
func (nullSession) Close() error { return nil }

// row is the least workload that a lane can be made for.
func row() *workloads.Workload {
	shape := []int{1, 1}
	x := &workloads.Value{ID: 0, Name: "x", Kind: workloads.Input, DType: workloads.F32, Shape: shape,
		Fill: &workloads.InputSpec{Kind: workloads.FillUniform}}
	y := &workloads.Value{ID: 1, Name: "y", Kind: workloads.Computed, DType: workloads.F32, Shape: shape}
	graph := &workloads.Graph{Batch: 1, Values: []*workloads.Value{x, y},
		Nodes:   []*workloads.Node{{Op: workloads.OpCopy, In: []*workloads.Value{x}, Out: y}},
		Outputs: []*workloads.Value{y}}
	return &workloads.Workload{Name: "row", UnitsPerSample: 1, Pool: 64, Seed: 1, Options: workloads.Options{Batch: 1},
		Phases: []workloads.Phase{{Name: "forward", Graph: graph}}}
}

// BenchmarkNullSystem is the overhead of the harness: nanoseconds and allocations per query, of offline per sample, set-up
// and outcome included. The server's schedule is always behind; concurrency goes through a queue to one lane and back.
func BenchmarkNullSystem(b *testing.B) {
	server := load.Server{Schedule: arrival.Spec{Process: arrival.Poisson, Rate: 1e9, Seed: 1}, Wait: load.SpinWait(runtime.Gosched)}
	for _, c := range []struct {
		name    string
		arrival load.Arrival
		queued  bool
	}{
		{"single-stream", load.Stream{Samples: 1}, false},
		{"multi-stream", load.Stream{Samples: 8}, false},
		{"server", server, false},
		{"offline", load.Offline{}, false},
		{"concurrency=1/queue", load.Concurrency{N: 1}, true},
		{"concurrency=16/queue", load.Concurrency{N: 16}, true},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var sys devices.System = null{}
			if c.queued {
				lane := devices.NewSystem(nullSession{}, row())
				sys = devices.NewQueue([]*devices.Batched{lane}, devices.BatchPolicy{})
			}
			defer func() { require.NoError(b, sys.Close()) }()
			g := load.New(sys, c.arrival, load.Settings{MinQueries: b.N, Pool: 64})
			_, err := g.WarmUp(b.Context())
			require.NoError(b, err)
			b.ResetTimer()
			out := g.Run(b.Context())
			b.StopTimer()
			require.NoError(b, out.FirstError)
			require.GreaterOrEqual(b, out.Samples, int64(b.N))
		})
	}
}
