package workloads_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/workloads"
)

// TestQuantisedCostsTheSame: quantised weights are read in fewer bytes and multiplied as often. Each is counted once, a
// tied table too, which quantised models store twice.
func TestQuantisedCostsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"smollm2-135m", "llama3.2-1b", "llama3.1-8b", "mixtral-8x7b", "gpt-oss-20b", "whisper-tiny"}).Draw(t, "name")
		o := workloads.Options{ISL: rapid.IntRange(1, 200).Draw(t, "isl"), OSL: rapid.IntRange(1, 3).Draw(t, "osl"),
			Batch: rapid.IntRange(1, 8).Draw(t, "batch")}
		plain, err := workloads.Find(name, o)
		require.NoError(t, err)
		o.Precision = rapid.SampledFrom([]string{workloads.Int8, workloads.Float8, workloads.Int4}).Draw(t, "precision")
		if name == "whisper-tiny" || o.Precision == workloads.Float8 && (name == "mixtral-8x7b" || name == "gpt-oss-20b") {
			o.Precision = workloads.Int8
		}
		quantised, err := workloads.Find(name, o)
		require.NoError(t, err)
		require.Equal(t, plain.Parameters, quantised.Parameters)
		for c := range plain.Calls() {
			require.Equal(t, plain.Cost(c).FLOPs, quantised.Cost(c).FLOPs)
			require.Less(t, quantised.Cost(c).Bytes, plain.Cost(c).Bytes)
		}
	})
}

// TestWindowsAndExperts: beyond its window, half of the layers of gpt-oss cost the same for every token, 24,576 bytes of
// keys and values at bf16 grow per token, and a batch reads the experts that independent choices make distinct.
func TestWindowsAndExperts(t *testing.T) {
	w := find(t, "gpt-oss-20b", workloads.Options{ISL: 1000, OSL: 3, Precision: workloads.Half})
	grow := func(of func(workloads.Cost) int64) int64 { return of(w.Cost(2)) - of(w.Cost(1)) }
	require.EqualValues(t, 12*4*64*64, grow(func(c workloads.Cost) int64 { return c.FLOPs }))
	require.EqualValues(t, 24576, grow(func(c workloads.Cost) int64 { return c.Bytes }))

	bytes := func(batch int) float64 {
		return float64(find(t, "mixtral-8x7b", workloads.Options{ISL: 1, OSL: 1, Batch: batch, Precision: workloads.Half}).Cost(0).Bytes)
	}
	const experts = 2 * 32 * 3 * 8 * 4096 * 14336 // bytes of all
	// A token reads 2 of 8; two read 8 (1 - (3/4)^2) = 3.5 of them, besides a row of the table, a row of the caches and logits.
	rest := float64(2*4096 + 131072 + 2*32000 + 4)
	require.InDelta(t, experts*(3.5-2)/8+rest, bytes(2)-bytes(1), 64)
	all := bytes(1) - experts/4
	require.InEpsilon(t, float64(experts)+all, bytes(100)-99*rest, 1e-9)
}

// TestStoredIsWrittenOnceAndReadLater: the encoder's keys and values count once in the call that stores them, and are read
// in each later one.
func TestStoredIsWrittenOnceAndReadLater(t *testing.T) {
	w := find(t, "whisper-tiny", workloads.Options{ISL: 1, OSL: 3})
	var heard int64
	for _, v := range w.Phases[0].Graph.States() {
		if v.Shape[1] == 1500 {
			heard += 4 * int64(workloads.Elements(v.Shape))
		}
	}
	require.EqualValues(t, 4*2*4*1500*384, heard) // 8.79 MiB at f16
	params := func(phase int) (sum int64) {
		for _, v := range w.Phases[phase].Graph.Params() {
			if v.Name != "decoder.positions" {
				sum += 4 * int64(workloads.Elements(v.Shape))
			}
		}
		return sum
	}
	row, kv, logits := int64(4*384), int64(4*2*4*384), int64(4*51865)
	require.Equal(t, params(1)+heard+row+2*kv+logits+3*4, w.Cost(1).Bytes)
	require.Equal(t, params(0)+heard+row+kv+logits+3*4+4*(3000*80+1500), w.Cost(0).Bytes)
	require.EqualValues(t, 4*384*4, w.Cost(2).FLOPs-w.Cost(1).FLOPs) // 0.0061 MFLOP per token of context
}

// TestGathered: a bag reads its rows, and every table that is not all read counts by them.
func TestGathered(t *testing.T) {
	w := find(t, "dlrm-v2-capped", workloads.Options{Batch: 3})
	const dense, rows = 16044545, 214
	require.EqualValues(t, 4*(dense+3*(rows*128+rows+13+1)), w.Cost(0).Bytes)
	require.EqualValues(t, 109568, 4*rows*128)
}

// TestAttentionShare: of the work of the U-Net, 0.784 TFLOP are attention products.
func TestAttentionShare(t *testing.T) {
	var sum float64
	for _, n := range find(t, "sdxl-unet", workloads.Options{}).Phases[0].Graph.Nodes {
		if n.Op == workloads.OpAttention {
			q, k := n.In[0].Shape, n.In[1].Shape
			sum += 4 * float64(workloads.Elements(q)) * float64(workloads.Elements(k[1:len(k)-1]))
		}
	}
	require.Equal(t, 0.784, math.Round(sum/1e9)/1e3)
}
