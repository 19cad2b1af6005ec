package workloads_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/workloads"
)

// TestDecoderFormulas: decoding at context c takes A + B c operations, prefill of s tokens their closed sum.
func TestDecoderFormulas(t *testing.T) {
	const a, b = 268959744, 69120 // 0.26896 GFLOP per token and 0.0691 GFLOP per 1000 tokens of context
	const logits = 2 * 49152 * 576
	rapid.Check(t, func(t *rapid.T) {
		isl, batch := rapid.IntRange(1, 4000).Draw(t, "isl"), rapid.IntRange(1, 8).Draw(t, "batch")
		w, err := workloads.Find("smollm2-135m", workloads.Options{ISL: isl, OSL: 9, Batch: batch})
		require.NoError(t, err)
		prefill := int64(isl)*(a-logits) + logits + b*int64(isl)*int64(isl+1)/2
		require.Equal(t, int64(batch)*prefill, w.Cost(0).FLOPs)
		total := prefill
		for c := 1; c < 9; c++ {
			require.Equal(t, int64(batch)*(a+b*int64(isl+c)), w.Cost(c).FLOPs)
			total += a + b*int64(isl+c)
		}
		require.InEpsilon(t, float64(total)/9, w.FLOPsPerUnit(), 1e-12)
	})
}

func TestBytes(t *testing.T) {
	const weights = 4 * 134515008
	w := find(t, "smollm2-135m", workloads.Options{ISL: 1023, OSL: 2, Batch: 2})
	// The tied table is read for the logits. 46,080 bytes of keys and values per position at f32: 23,040 at bf16. Inputs
	// are a token per batch row and a position.
	require.EqualValues(t, weights+2*46080*1024+3*4+2*4*49152, w.Cost(1).Bytes)
	require.EqualValues(t, weights+2*46080*1023+(2*1023+1)*4+2*4*49152, w.Cost(0).Bytes)
	require.InEpsilon(t, float64(w.Cost(0).Bytes+w.Cost(1).Bytes)/4, w.BytesPerUnit(), 1e-12)

	w = find(t, "memcopy", workloads.Options{Batch: 3})
	require.EqualValues(t, 2<<20, w.BytesPerUnit())
	require.EqualValues(t, 0, w.FLOPsPerUnit())
	require.EqualValues(t, 4*3<<20, find(t, "gemm", workloads.Options{}).BytesPerUnit())

	w = find(t, "bert-base", workloads.Options{SeqLen: 128})
	tables := (30522 + 512 + 2) * 768
	gathered, ids, out := 3*128*768, 3*128, 128*2
	require.EqualValues(t, 4*(108893186-tables+gathered+ids+out), w.Cost(0).Bytes)
}

func TestMemory(t *testing.T) {
	for precision, size := range map[string]int64{"f32": 4, "f16": 2, "bf16": 2} {
		w := find(t, "smollm2-135m", workloads.Options{ISL: 1000, OSL: 24, Batch: 2, Precision: precision})
		m := w.Memory()
		require.Equal(t, size*134515008, m.Parameters)
		require.Equal(t, size*11520*2*1024, m.States)
		// At most two results of ffn width and three of model width are alive, and the logits.
		require.Positive(t, m.Activations)
		require.LessOrEqual(t, m.Activations, size*2*(1000*(3*1536+2*576)+2*49152)+4*2001)
		require.Equal(t, m.Parameters+m.States+m.Activations, m.Total())
	}
	// Half a byte and an eighth for its share of a scale per weight; the table, kept twice, and the norms in f32.
	w := find(t, "smollm2-135m", workloads.Options{Precision: "int4"})
	table, norms := int64(49152*576), int64(61*576)
	require.Equal(t, (134515008-norms)*5/8+4*(table+norms), w.Memory().Parameters)
	require.EqualValues(t, 134515008, w.Parameters)
	// One byte per weight and four per output of a product; the table, kept twice, the norms and the rest in bf16.
	w = find(t, "smollm2-135m", workloads.Options{ISL: 1000, OSL: 24, Batch: 2, Precision: "fp8"})
	outputs := int64(30*(576+192+192+576+1536+1536+576) + 49152)
	require.Equal(t, 134515008-norms+4*outputs+2*(table+norms), w.Memory().Parameters)
	require.EqualValues(t, 134515008, w.Parameters)
	half := find(t, "smollm2-135m", workloads.Options{ISL: 1000, OSL: 24, Batch: 2, Precision: "bf16"})
	require.Equal(t, half.Memory().States, w.Memory().States)
	require.Equal(t, half.Memory().Activations, w.Memory().Activations)

	m := find(t, "memcopy", workloads.Options{}).Memory()
	require.Equal(t, workloads.Memory{Activations: 128 << 20}, m)
	// The largest moment of ResNet-50 is the first block's sum: shortcut, branch and sum at 56 x 56 x 256.
	m = find(t, "resnet50", workloads.Options{}).Memory()
	require.EqualValues(t, 4*(3*56*56*256+224*224*3+1000), m.Activations)
}
