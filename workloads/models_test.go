package workloads_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

func find(t testing.TB, name string, o workloads.Options) *workloads.Workload {
	t.Helper()
	w, err := workloads.Find(name, o)
	require.NoError(t, err)
	return w
}

// TestPublishedFigures holds the models to what is published about their originals.
func TestPublishedFigures(t *testing.T) {
	tests := []struct {
		name       string
		options    workloads.Options
		parameters int64
		gflops     float64 // per query
		within     float64
	}{
		{"memcopy", workloads.Options{}, 0, 0, 0},
		{"gemm", workloads.Options{}, 1 << 20, 2.147483648, 0},
		{"resnet50", workloads.Options{}, 25557032 - 26560, 8.178368512, 1e-9},
		{"bert-base", workloads.Options{SeqLen: 384}, 108893186, 70.67, 0.005},
		{"bert-base", workloads.Options{SeqLen: 128}, 108893186, 22.35, 0.005},
		{"smollm2-135m", workloads.Options{ISL: 1024, OSL: 1}, 134515008, 253.8, 0.05},
		{"smollm2-135m", workloads.Options{ISL: 2048, OSL: 1}, 134515008, 580, 0.5},
	}
	for _, test := range tests {
		for _, batch := range []int{1, 3} {
			test.options.Batch = batch
			w := find(t, test.name, test.options)
			require.Equal(t, test.parameters, w.Parameters, test.name)
			require.InDelta(t, test.gflops, w.FLOPsPerUnit()*float64(w.UnitsPerSample)/1e9, test.within, test.name)
		}
	}
}
