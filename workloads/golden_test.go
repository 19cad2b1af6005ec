package workloads_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

// apart is a difference of rows in the measure of checks, a hundred times the tolerance of f32.
const apart = 100 * 1e-4

// TestEmbedded: every standard workload has its golden values, at every batch, complete and with rows that differ by far
// more than a tolerance, so that no row passes for another.
func TestEmbedded(t *testing.T) {
	for _, test := range []struct {
		name    string
		options workloads.Options
	}{
		{"memcopy", workloads.Options{}}, {"gemm", workloads.Options{}}, {"resnet50", workloads.Options{}},
		{"bert-base", workloads.Options{SeqLen: 128}}, {"bert-base", workloads.Options{SeqLen: 256}},
		{"bert-base", workloads.Options{}}, {"bert-base", workloads.Options{SeqLen: 512}},
		{"resnet50", workloads.Options{Precision: "f16"}}, {"gemm", workloads.Options{Precision: "int8"}}, {"resnet50", workloads.Options{Precision: "int8"}},
		{"bert-base", workloads.Options{Precision: "int8"}}, {"bert-base", workloads.Options{Precision: "int8", SeqLen: 128}},
		{"resnet50", workloads.Options{Precision: "bf16"}}, {"gemm", workloads.Options{Precision: "fp8"}}, {"bert-base", workloads.Options{Precision: "fp8"}},
		{"bert-base", workloads.Options{Precision: "fp8", SeqLen: 128}},
		{"smollm2-135m", workloads.Options{Precision: "fp8"}}, {"llama3.2-1b", workloads.Options{Precision: "fp8"}},
		{"llama3.1-8b", workloads.Options{Precision: "fp8"}},
		{"bert-large", workloads.Options{}}, {"dlrm-v2-capped", workloads.Options{}}, {"whisper-tiny", workloads.Options{}},
		{"smollm2-135m", workloads.Options{}}, {"smollm2-135m", workloads.Options{ISL: 1000, OSL: 50}},
	} {
		for _, test.options.Batch = range []int{1, 5} {
			w := find(t, test.name, test.options)
			g, ok := w.Golden()
			require.True(t, ok, "%s %+v: no golden values; run: go run ./cmd/golden", test.name, test.options)
			require.Equal(t, workloads.Elements(w.NewOutputs(0)[0].Shape), g.Width*w.Options.Batch)
			require.Equal(t, workloads.GoldenElements(g.Width), g.Elements)
			require.Len(t, g.Rows, w.Pool*max(1, len(w.GoldenPositions())))
			near, pairs := 0, 0
			for i, a := range g.Rows {
				for _, b := range g.Rows[:i] {
					differ := 0.0
					for j := range a.Values {
						differ = max(differ, math.Abs(a.Values[j]-b.Values[j])/(b.RMS+math.Abs(b.Values[j])))
					}
					if pairs++; differ < apart {
						near++
					}
				}
			}
			if g.Width > 1 {
				require.Zero(t, near, w.Name)
			} else { // single values are near each other by chance
				require.Less(t, near, pairs/10, w.Name)
			}
		}
	}
	_, ok := find(t, "bert-base", workloads.Options{SeqLen: 100}).Golden()
	require.False(t, ok)
}

func TestCalls(t *testing.T) {
	tests := []struct {
		isl, osl int
		want     []int
	}{
		{32, 1, []int{0}}, {128, 1, []int{0}}, {1024, 1, []int{0}}, {128, 4, []int{0, 1}}, {100, 1, nil}, {100, 32, []int{28, 29}},
		{5, 4, []int{0, 1, 2, 3}}, {4000, 100, nil},
	}
	for _, test := range tests {
		w := find(t, "smollm2-135m", workloads.Options{ISL: test.isl, OSL: test.osl})
		g, ok := w.Golden()
		require.True(t, ok)
		require.Equal(t, test.want, g.Calls(w), "%d/%d", test.isl, test.osl)
	}
	w := find(t, "gemm", workloads.Options{})
	g, ok := w.Golden()
	require.True(t, ok)
	require.Equal(t, []int{0}, g.Calls(w))
}

// planted is a workload with made-up golden values, and outputs that fit them, for batch rows 1, 0 and 3.
func planted(t testing.TB) (*workloads.Workload, *workloads.Golden, []int, []workloads.Tensor) {
	w := find(t, "resnet50", workloads.Options{Batch: 3})
	key, err := w.GoldenKey()
	require.NoError(t, err)
	g := &workloads.Golden{Workload: w.Name, Key: key, Width: 1000, Elements: workloads.GoldenElements(1000)}
	samples, out := []int{1, 0, 8 + 3}, w.NewOutputs(0)
	for sample := range w.Pool {
		row := make([]float32, g.Width)
		v := workloads.Value{Name: "row", Param: &workloads.ParamSpec{Seed: uint64(sample), Scale: 1.0 / (1 << 20)}}
		require.NoError(t, v.Generate(0, row))
		golden := workloads.GoldenRow{Sample: sample}
		for _, v := range row {
			golden.RMS += float64(v) * float64(v) / float64(len(row))
		}
		golden.RMS = math.Sqrt(golden.RMS)
		for _, e := range g.Elements {
			golden.Values = append(golden.Values, float64(row[e]))
		}
		g.Rows = append(g.Rows, golden)
		for r, s := range samples {
			if s%w.Pool == sample {
				copy(out[0].F32[r*g.Width:], row)
			}
		}
	}
	return w, g, samples, out
}

// TestCheck plants errors: each must be found.
func TestCheck(t *testing.T) {
	tests := []struct {
		name   string
		damage func(g *workloads.Golden, out []float32)
		reason string
	}{
		{"right", func(*workloads.Golden, []float32) {}, ""},
		{"within tolerance", func(g *workloads.Golden, out []float32) { out[g.Elements[5]] += 0.9e-4 }, ""},
		{"one sampled element", func(g *workloads.Golden, out []float32) { out[2000+g.Elements[63]] += 1e-3 }, "above the tolerance"},
		{"NaN in an element that is not sampled", func(g *workloads.Golden, out []float32) {
			out[1000+unsampled(g)] = float32(math.NaN())
		}, "NaN or infinity in the output of sample 0 (batch row 1)"},
		{"infinity", func(g *workloads.Golden, out []float32) { out[unsampled(g)] = float32(math.Inf(-1)) }, "NaN or infinity"},
		{"NaN everywhere", func(_ *workloads.Golden, out []float32) {
			for i := range out {
				out[i] = float32(math.NaN())
			}
		}, "NaN or infinity"},
		{"nothing computed", func(_ *workloads.Golden, out []float32) { clear(out) }, "same output"},
		{"rest of the row wrong", func(g *workloads.Golden, out []float32) {
			for i := range 1000 {
				if !slices.Contains(g.Elements, i) {
					out[i] = 0
				}
			}
		}, "above the tolerance"},
		{"rows swapped", func(_ *workloads.Golden, out []float32) {
			first := slices.Clone(out[:1000])
			copy(out, out[1000:2000])
			copy(out[1000:], first)
		}, "above the tolerance"},
		{"one row for two samples", func(_ *workloads.Golden, out []float32) { copy(out[1000:], out[:1000]) },
			"samples 1 and 0 have the same output (batch rows 0 and 1)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w, g, samples, out := planted(t)
			test.damage(g, out[0].F32)
			check, err := g.Check(w, 0, samples, out)
			require.NoError(t, err)
			require.Equal(t, test.reason == "", check.Passed, check.Reason)
			require.Contains(t, check.Reason, test.reason)
			require.False(t, math.IsNaN(check.Error) || math.IsInf(check.Error, 0))
			require.Equal(t, 1e-4, check.Tolerance)
			if check.Passed {
				require.Equal(t, 3*64, check.Elements)
				require.Empty(t, check.Reason)
			}
		})
	}
}

func unsampled(g *workloads.Golden) int {
	for i := 0; ; i++ {
		if !slices.Contains(g.Elements, i) {
			return i
		}
	}
}

// TestCheckRepeats: the same sample twice in a batch may have the same output.
func TestCheckRepeats(t *testing.T) {
	w, g, _, out := planted(t)
	copy(out[0].F32[1000:], out[0].F32[:1000])
	check, err := g.Check(w, 0, []int{1, 1 + w.Pool, 3}, out)
	require.NoError(t, err)
	require.True(t, check.Passed, check.Reason)
}

// TestCheckWithoutValues: a call without golden values is neither passed nor failed, unless its outputs are no numbers.
func TestCheckWithoutValues(t *testing.T) {
	w := find(t, "smollm2-135m", workloads.Options{ISL: 100, OSL: 2})
	g, ok := w.Golden()
	require.True(t, ok)
	out := w.NewOutputs(0)
	check, err := g.Check(w, 0, []int{0}, out)
	require.NoError(t, err)
	require.Equal(t, workloads.Check{Tolerance: 1e-4}, check)
	out[0].F32[7] = float32(math.NaN())
	check, err = g.Check(w, 0, []int{0}, out)
	require.NoError(t, err)
	require.Contains(t, check.Reason, "NaN")
}

func TestCheckMisfits(t *testing.T) {
	w, g, samples, out := planted(t)
	_, err := g.Check(w, 0, samples[:2], out)
	require.ErrorIs(t, err, workloads.ErrGolden)
	_, err = g.Check(w, 0, nil, nil)
	require.ErrorIs(t, err, workloads.ErrGolden)
	_, err = g.Check(find(t, "bert-base", workloads.Options{}), 0, samples, out)
	require.ErrorIs(t, err, workloads.ErrGolden)
	w.Options.Precision = "f64"
	_, err = g.Check(w, 0, samples, out)
	require.ErrorIs(t, err, workloads.ErrPrecision)
}

func TestReferenceFLOPs(t *testing.T) {
	for name, want := range map[string]float64{"memcopy": 0, "gemm": 4 * 2.147483648e9, "resnet50": 8 * 8.178368512e9} {
		got, err := find(t, name, workloads.Options{Batch: 7}).ReferenceFLOPs()
		require.NoError(t, err)
		require.Equal(t, want, got, name)
	}
	long, err := find(t, "bert-base", workloads.Options{SeqLen: 512}).ReferenceFLOPs()
	require.NoError(t, err)
	require.Less(t, long, workloads.MaxReferenceFLOPs)
}

func TestGoldenElements(t *testing.T) {
	for _, width := range []int{1, 2, 63, 64, 65, 1000, 1 << 24} {
		e := workloads.GoldenElements(width)
		require.Len(t, e, min(width, 64))
		require.True(t, slices.IsSorted(e) && len(slices.Compact(slices.Clone(e))) == len(e))
		require.True(t, e[0] >= 0 && e[len(e)-1] < width)
	}
}

// TestGoldenFileRoundTrip: what is written is read again, to nine digits.
func TestGoldenFileRoundTrip(t *testing.T) {
	_, g, _, _ := planted(t)
	dir := t.TempDir()
	require.NoError(t, g.Write(dir))
	text, err := os.ReadFile(filepath.Join(dir, "resnet50.json"))
	require.NoError(t, err)
	back, err := workloads.ReadGolden(text)
	require.NoError(t, err)
	for i, r := range back.Rows {
		require.InDeltaSlice(t, g.Rows[i].Values, r.Values, 1e-8)
		require.InEpsilon(t, g.Rows[i].RMS, r.RMS, 1e-8)
		r.Values, r.RMS = g.Rows[i].Values, g.Rows[i].RMS
		back.Rows[i] = r
	}
	require.Equal(t, g, back)
	require.ErrorContains(t, g.Write(filepath.Join(dir, "missing")), "writing golden values of resnet50")
	g.Rows[0].Values[0] = math.NaN()
	require.Error(t, g.Write(dir))
}

func TestReadGoldenErrors(t *testing.T) {
	const head = `{"workload":"w","options":{},"key":"k","width":9,`
	tests := []struct{ text, want string }{
		{``, "EOF"},
		{`[]`, "cannot unmarshal"},
		{`{"other":1}`, "unknown field"},
		{head + `"elements":[],"rows":[]}`, "no elements or no rows"},
		{head + `"elements":[1,1],"rows":[{}]}`, "element 1 after 1 in rows of 9"},
		{head + `"elements":[-1],"rows":[{}]}`, "element -1 after -1 in rows of 9"},
		{head + `"elements":[9],"rows":[{}]}`, "element 9 after -1 in rows of 9"},
		{head + `"elements":[1],"rows":[{"sample":0,"position":0,"rms":1,"values":[1,2]}]}`, "row 0 has 2 values for 1 elements"},
		{head + `"elements":[1],"rows":[{"sample":0,"position":0,"rms":0,"values":[1]}]}`, "row 0 has rms 0"},
		{head + `"elements":[1],"rows":[{"sample":-1,"position":0,"rms":1,"values":[1]}]}`, "negative or again"},
		{head + `"elements":[1],"rows":[{"rms":1,"values":[1]},{"rms":1,"values":[1]}]}`, "negative or again"},
		{head + `"elements":[1],"rows":[{"rms":1,"values":[1]}]} {}`, "text after the record"},
		{head + `"elements":[1],"rows":[{"rms":1,"values":[1]}]}}`, "text after the record"},
	}
	for _, test := range tests {
		_, err := workloads.ReadGolden([]byte(test.text))
		require.ErrorIs(t, err, workloads.ErrGolden)
		require.ErrorContains(t, err, test.want)
	}
}

// FuzzReadGolden: whatever the bytes, an error or a record that can be written, read again and checked with.
func FuzzReadGolden(f *testing.F) {
	for _, name := range []string{"gemm", "memcopy", "bert-base-128"} {
		text, err := os.ReadFile("golden/" + name + ".json")
		require.NoError(f, err)
		f.Add(text)
	}
	f.Add([]byte(`{"workload":"w","options":{},"key":"k","width":9,"elements":[1],"rows":[{"rms":1e308,"values":[-1e308]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		g, err := workloads.ReadGolden(text)
		if err != nil {
			require.ErrorIs(t, err, workloads.ErrGolden)
			return
		}
		g.Workload = strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' {
				return r
			}
			return -1
		}, g.Workload[:min(len(g.Workload), 20)])
		g.Options.SeqLen = 0
		dir := t.TempDir()
		require.NoError(t, g.Write(dir))
		text, err = os.ReadFile(filepath.Join(dir, g.File()))
		require.NoError(t, err)
		_, err = workloads.ReadGolden(text)
		require.NoError(t, err)
	})
}
