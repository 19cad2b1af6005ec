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
		{"bert-large", workloads.Options{SeqLen: 384}, 334094338, 246.43, 0.005},
		// The tables of 4,026,480 rows in all, and the dense part.
		{"dlrm-v2-capped", workloads.Options{}, 4026480*128 + 16044545, 0.03206, 0.000005},
		// Encoder, keys and values for the decoder, and a token at a context of one.
		{"whisper-tiny", workloads.Options{ISL: 1, OSL: 1}, 37760640, 36.94 + 3.539 + 0.0656, 0.006},
		{"whisper-large-v3", workloads.Options{ISL: 1, OSL: 1}, 1543490560, 2273.8 + 314.6 + 1.8465, 0.11},
		{"whisper-large-v3", workloads.Options{ISL: 1, OSL: 1, Precision: "int8"}, 1543490560, 2273.8 + 314.6 + 1.8465, 0.11},
		{"sdxl-unet", workloads.Options{}, 2567463684, 6761, 0.5},
		{"llama3.2-1b", workloads.Options{ISL: 1024, OSL: 1}, 1235814400, 2062, 0.5},
		{"llama3.2-1b", workloads.Options{ISL: 1024, OSL: 1, Precision: "int4"}, 1235814400, 2062, 0.5},
		{"llama3.1-8b", workloads.Options{ISL: 2048, OSL: 1}, 8030261248, 29688, 0.5},
		{"mixtral-8x7b", workloads.Options{ISL: 1, OSL: 1}, 46702792704, 25.497 + 0.000524, 0.0005},
		{"gpt-oss-20b", workloads.Options{ISL: 1, OSL: 1}, 20914757184, 7.214 + 0.0004, 0.0005},
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
