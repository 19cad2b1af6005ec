package workloads_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/reference"
)

func small(t testing.TB, family string, o workloads.Options) *workloads.Workload {
	t.Helper()
	w, err := workloads.Small(family, o)
	require.NoError(t, err)
	return w
}

// families are small models of the families, at options for a single call.
var families = []struct {
	name    string
	options workloads.Options
}{
	{"recommender", workloads.Options{}}, {"unet", workloads.Options{}}, {"speech", workloads.Options{ISL: 12, OSL: 1}},
}

// all runs the first phase for a sample and returns every computed value.
func all(t testing.TB, w *workloads.Workload, in []workloads.Tensor) (names []string, out [][]float64) {
	t.Helper()
	g := *w.Phases[0].Graph
	g.Outputs = nil
	for _, n := range g.Nodes {
		g.Outputs, names = append(g.Outputs, n.Out), append(names, n.Out.Name)
	}
	out, err := reference.Run(t.Context(), &g, in, nil)
	require.NoError(t, err)
	return names, out
}

func rms(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v * v / float64(len(x))
	}
	return math.Sqrt(sum)
}

func distance(a, b []float64) float64 {
	d := make([]float64, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	return rms(d)
}

// TestActivationsStayNearOne: nothing explodes or fades on the way, whatever the depth. What a branch of a decoder adds is
// small on purpose.
func TestActivationsStayNearOne(t *testing.T) {
	for _, f := range families {
		w := small(t, f.name, f.options)
		in := w.NewInputs(0)
		w.Fill(0, []int{0}, in)
		names, out := all(t, w, in)
		for i, x := range out {
			require.Greater(t, rms(x), 0.05, "%s %s", f.name, names[i])
			require.Less(t, rms(x), 3.0, "%s %s", f.name, names[i])
		}
	}
}

// TestEveryInputMatters: replacing one input by that of another sample changes the output by far more than a tolerance, so
// that a check sees what becomes of each.
func TestEveryInputMatters(t *testing.T) {
	for _, f := range families {
		w := small(t, f.name, f.options)
		in, other := w.NewInputs(0), w.NewInputs(0)
		w.Fill(0, []int{0}, in)
		w.Fill(0, []int{1}, other)
		_, out := all(t, w, in)
		want := out[len(out)-1]
		for i, v := range w.Phases[0].Graph.Inputs() {
			if v.Fill.Kind == workloads.FillIota || v.Fill.Kind == workloads.FillPosition {
				continue // the same for all samples
			}
			mixed := append([]workloads.Tensor{}, in...)
			mixed[i] = other[i]
			_, out := all(t, w, mixed)
			require.Greater(t, distance(want, out[len(out)-1]), 0.02*rms(want), "%s %s", f.name, v.Name)
		}
	}
}

// TestSpeechDecodes: prefill and decoding against the caches and the stored encoder meet what one long prefill leaves, for
// both samples of a batch.
func TestSpeechDecodes(t *testing.T) {
	for _, precision := range []string{workloads.Full, workloads.Int8} {
		w := small(t, "speech", workloads.Options{ISL: 2, OSL: 4, Batch: 2, Precision: precision})
		g, err := reference.Compute(t.Context(), w, nil)
		require.NoError(t, err)
		var states reference.States
		for c := range w.Calls() {
			phase, _ := w.Phase(c)
			in := w.NewInputs(phase)
			w.Fill(c, []int{1, 0}, in)
			out, err := reference.Run(t.Context(), w.Phases[phase].Graph, in, &states)
			require.NoError(t, err)
			found := 0
			for _, r := range g.Rows {
				if r.Position != w.OutputPosition(c) {
					continue
				}
				found++
				row := out[0][(1-r.Sample)*g.Width:][:g.Width]
				require.InDelta(t, r.RMS, rms(row), 1e-9)
				for i, e := range g.Elements {
					require.InDelta(t, r.Values[i], row[e], 1e-9, "%s, call %d, sample %d", precision, c, r.Sample)
				}
			}
			require.Equal(t, 2, found)
		}
	}
}

func narrow(out []float64) []workloads.Tensor {
	f := make([]float32, len(out))
	for i, v := range out {
		f[i] = float32(v)
	}
	return []workloads.Tensor{{DType: workloads.F32, Shape: []int{len(f)}, F32: f}}
}

// TestOneValuePerSample: checks of a model with one output per sample find it wrong, tell samples apart, and allow two that
// a low precision makes equal.
func TestOneValuePerSample(t *testing.T) {
	w := small(t, "recommender", workloads.Options{Batch: 64})
	g, err := reference.Compute(t.Context(), w, nil)
	require.NoError(t, err)
	require.Equal(t, 1, g.Width)
	require.Len(t, g.Rows, 64)
	samples, out := make([]int, 64), make([]float64, 64)
	for i, r := range g.Rows {
		samples[i], out[i] = r.Sample, r.Values[0]
	}
	check := func(out []float64) workloads.Check {
		c, err := g.Check(w, 0, samples, narrow(out))
		require.NoError(t, err)
		return c
	}
	right := check(out)
	require.True(t, right.Passed, right.Reason)
	require.Equal(t, 64, right.Elements)

	out[3], out[7] = out[7], out[3]
	require.False(t, check(out).Passed)
	out[3], out[7] = out[7], out[3]
	g.Rows[5].Values[0], g.Rows[5].RMS, out[5] = out[4], out[4], out[4]
	require.True(t, check(out).Passed, "two samples of one value")
	for i := range out {
		out[i] = out[0]
	}
	require.False(t, check(out).Passed)
}
