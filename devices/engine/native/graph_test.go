package native

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/devices/engine/native/kernel"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/reference"
)

// testGraph builds a graph; a shape that does not fit panics.
type testGraph struct{ *devicetest.Graph }

func newTestGraph(name string) *testGraph {
	return &testGraph{devicetest.NewGraph(name, 1)}
}

func (g *testGraph) linear(x *workloads.Value, name string, n int) *workloads.Value {
	k := x.Shape[len(x.Shape)-1]
	return g.Node(workloads.OpLinear, workloads.Attr{}, x, g.Param(name, k, n), g.Param(name+".bias", n))
}

// workload makes a workload of graphs that are its phases; the last graph given may run several times.
func workload(osl int, graphs ...*testGraph) *workloads.Workload {
	w := &workloads.Workload{Name: "test", Seed: 3, Pool: 4, Options: workloads.Options{Batch: 1, ISL: 1, OSL: osl}}
	for i, g := range graphs {
		if len(g.Outputs) == 0 {
			g.Outputs = []*workloads.Value{g.Nodes[len(g.Nodes)-1].Out}
		}
		w.Phases = append(w.Phases, workloads.Phase{Name: fmt.Sprint("phase", i), Graph: &g.Graph.Graph})
	}
	return w
}

// open loads a workload and closes it at the end of the test.
func open(t testing.TB, set *kernel.Set, threads int, w *workloads.Workload) devices.Session {
	t.Helper()
	loaded, err := load(t.Context(), set, threads, w)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, loaded.Session.Close()) })
	return loaded.Session
}

// call runs call c of the workload for batch row samples and returns its inputs and outputs.
func call(t testing.TB, s devices.Session, w *workloads.Workload, c int, samples ...int) (in, out []workloads.Tensor) {
	t.Helper()
	phase, _ := w.Phase(c)
	in, out = w.NewInputs(phase), w.NewOutputs(phase)
	w.Fill(c, samples, in)
	require.NoError(t, s.Run(t.Context(), phase, in, out))
	return in, out
}

// tolerance bounds an element's error relative to the output's root mean square plus the element: float32 sums of hundreds of
// terms of one size end below a tenth of this.
const tolerance = 3e-5

func requireNear(t testing.TB, want [][]float64, got []workloads.Tensor) {
	t.Helper()
	require.Len(t, got, len(want))
	for o := range want {
		require.Len(t, got[o].F32, len(want[o]))
		square := 0.0
		for _, v := range want[o] {
			square += v * v
		}
		rms := math.Sqrt(square / float64(len(want[o])))
		for i, v := range want[o] {
			diff := math.Abs(v - float64(got[o].F32[i]))
			if !(diff <= tolerance*(rms+math.Abs(v))) {
				require.Failf(t, "wrong element", "output %d, element %d: got %g, want %g (rms %g)", o, i, got[o].F32[i], v, rms)
			}
		}
	}
}

// requireReference runs all calls of the workload on the engine and on the reference.
func requireReference(t testing.TB, set *kernel.Set, threads int, w *workloads.Workload) {
	t.Helper()
	s := open(t, set, threads, w)
	for range 2 { // the second query starts the states anew
		var states reference.States
		for c := range w.Calls() {
			in, out := call(t, s, w, c, 1)
			phase, _ := w.Phase(c)
			want, err := reference.Run(context.Background(), w.Phases[phase].Graph, in, &states)
			require.NoError(t, err)
			requireNear(t, want, out)
		}
	}
}
