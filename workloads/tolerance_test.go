package workloads_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

// TestTolerances: a wider one would let through what it was measured to keep out, see Tolerance.
func TestTolerances(t *testing.T) {
	for name, want := range map[string]map[string]float64{
		"bert-base":    {workloads.Full: 1e-4, workloads.Half: 2e-2, workloads.BFloat16: 0.1, workloads.Int8: 0.08, workloads.Float8: 0.15},
		"resnet50":     {workloads.Full: 1e-4, workloads.Half: 2e-2, workloads.BFloat16: 0.1, workloads.Int8: 0.08},
		"smollm2-135m": {workloads.Full: 1e-4, workloads.Half: 2e-2, workloads.BFloat16: 0.2, workloads.Int8: 0.2, workloads.Float8: 0.35, workloads.Int4: 0.2},
	} {
		for precision, tolerance := range want {
			got, ok := find(t, name, workloads.Options{Precision: precision}).Tolerance()
			require.True(t, ok)
			require.Equal(t, tolerance, got, "%s %s", name, precision)
		}
	}
}

// TestIndependent: an engine is not held to rows that it made itself.
func TestIndependent(t *testing.T) {
	g := &workloads.Golden{Rows: []workloads.GoldenRow{{Sample: 0}, {Sample: 1, Engine: "native on cpu"}}}
	others, ok := g.Independent("native on cpu")
	require.True(t, ok)
	require.Equal(t, []workloads.GoldenRow{{Sample: 0}}, others.Rows)
	all, ok := g.Independent("native on nvml")
	require.True(t, ok)
	require.Equal(t, g.Rows, all.Rows)
	own := &workloads.Golden{Rows: g.Rows[1:]}
	_, ok = own.Independent("native on cpu")
	require.False(t, ok)

	w := find(t, "sdxl-unet", workloads.Options{})
	made, ok := w.Golden()
	require.True(t, ok)
	_, ok = made.Independent("native on cpu")
	require.False(t, ok, "native made them")
}

// TestUncheckedPhases: the reference's values end somewhere, and beyond it computing them is of no use.
func TestUncheckedPhases(t *testing.T) {
	for _, test := range []struct {
		name     string
		isl, osl int
		want     []string
	}{
		{"smollm2-135m", 128, 128, nil}, {"llama3.1-8b", 32, 2, nil}, {"llama3.1-8b", 128, 128, []string{"prefill", "decode"}},
		{"llama3.1-8b", 33, 1, nil}, {"llama3.1-8b", 20, 13, []string{"prefill"}},
	} {
		require.Equal(t, test.want, find(t, test.name, workloads.Options{ISL: test.isl, OSL: test.osl}).UncheckedPhases(), "%+v", test)
	}
	require.Empty(t, find(t, "gemm", workloads.Options{}).UncheckedPhases())
}
