package workloads_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/internal/half"
	"github.com/accelbench/accelbench/workloads"
)

// TestPinnedBits holds generated data to bits written down once: they must be the same on every platform for ever, or
// golden values and published results lose their meaning.
func TestPinnedBits(t *testing.T) {
	var bits []uint32
	pin := func(x []float32) {
		for _, v := range x {
			bits = append(bits, math.Float32bits(v))
		}
	}
	params := make([]float32, 3)
	for _, p := range find(t, "bert-base", workloads.Options{}).Phases[0].Graph.Params()[3:8] {
		require.NoError(t, p.Generate(1000, params))
		pin(params)
	}
	w := find(t, "resnet50", workloads.Options{})
	in := w.NewInputs(0)
	w.Fill(0, []int{5}, in)
	pin(in[0].F32[:3])
	require.Equal(t, []uint32{
		0x3f56016a, 0x3f50e74e, 0x3f54f558, 0xbd82f1f0, 0xbe0d5345, 0xbdb90012, 0x3d9eb902, 0xbdafe8a6, 0xbd054c17,
		0x3e2f65fd, 0xbd0f8b47, 0x3e12e5bf, 0x3d3dd73a, 0xbb923a96, 0x3db025bf, 0xbec55b20, 0x3f324010, 0x3f6bcf60,
	}, bits)

	w = find(t, "smollm2-135m", workloads.Options{ISL: 4})
	in = w.NewInputs(0)
	w.Fill(0, []int{1}, in)
	require.Equal(t, []int32{7539, 33137, 6119, 7020}, in[0].I32)
}

// TestDistributions: parameters have the deviation that was asked for, inputs fill their range.
func TestDistributions(t *testing.T) {
	moments := func(x []float32) (mean, deviation float64) {
		for _, v := range x {
			mean += float64(v) / float64(len(x))
		}
		for _, v := range x {
			deviation += (float64(v) - mean) * (float64(v) - mean) / float64(len(x))
		}
		return mean, math.Sqrt(deviation)
	}
	x := make([]float32, 1<<18)
	for _, v := range find(t, "gemm", workloads.Options{}).Phases[0].Graph.Params() {
		require.NoError(t, v.Generate(0, x))
	}
	mean, deviation := moments(x)
	require.InDelta(t, 0, mean, 3e-4)
	require.InDelta(t, math.Sqrt(3.0/1024), deviation, 1e-3*math.Sqrt(3.0/1024)*2)

	for _, v := range find(t, "bert-base", workloads.Options{}).Phases[0].Graph.Params() {
		if v.Name == "embedding.norm.gamma" {
			require.NoError(t, v.Generate(0, x))
		}
	}
	mean, deviation = moments(x)
	require.InDelta(t, 1, mean, 1e-3)
	require.InDelta(t, 0.25/math.Sqrt(3), deviation, 1e-3)
	require.GreaterOrEqual(t, slices.Min(x), float32(0.75))
	require.Less(t, slices.Max(x), float32(1.25))
}

// TestFillFromAnyPlace: filling from the middle gives the middle.
func TestFillFromAnyPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 100).Draw(t, "n")
		first := rapid.IntRange(0, n-1).Draw(t, "first")
		v := workloads.Value{Name: "name", Shape: []int{n}, Param: &workloads.ParamSpec{Seed: rapid.Uint64().Draw(t, "seed"), Scale: 0.5, Offset: 1 << 23}}
		whole, part := make([]float32, n), make([]float32, n-first)
		require.NoError(t, v.Generate(0, whole))
		require.NoError(t, v.Generate(first, part))
		require.Equal(t, whole[first:], part)
	})
}

// TestQuantisedParameters: every element is one of the levels around 0 times the scale of its group, all levels
// occur alike, and the deviation is the one asked for.
func TestQuantisedParameters(t *testing.T) {
	for _, test := range []struct {
		bits, block, k, n, stride int
		store                     workloads.DType
		levels                    int
	}{
		{4, 32, 256, 96, 96, "", 15}, {4, 32, 96, 256, 1, "", 15}, {8, 256, 256, 64, 64, "", 255}, {8, 32, 128, 64, 64, "", 255},
		{8, 256, 256, 64, 64, workloads.F8E4M3, 31}, {8, 96, 256, 96, 1, workloads.F8E4M3, 31},
	} {
		v := workloads.Value{Name: "w", Shape: []int{test.k, test.n}, Param: &workloads.ParamSpec{Seed: 3, Scale: 1.0 / (1 << 23),
			Bits: test.bits, Store: test.store, Block: test.block, Stride: test.stride}}
		n := test.k * test.n
		x, q, scales := make([]float32, n), make([]int8, n), make([]float32, v.Groups())
		require.NoError(t, v.Generate(0, x))
		v.Levels(0, q)
		v.Scales(0, scales)
		seen := map[int8]int{}
		var square float64
		for i := range x {
			group := i / test.block // of consecutive elements
			if test.stride > 1 {    // of a column
				group = i/test.n/test.block*test.n + i%test.n
			}
			require.Equal(t, float32(q[i])*scales[group], x[i], "element %d", i)
			seen[q[i]]++
			square += float64(x[i]) * float64(x[i]) / float64(n)
		}
		levels := test.levels
		require.Equal(t, levels, v.Param.LevelCount())
		require.Len(t, seen, levels)
		require.Zero(t, seen[int8(-levels/2-1)], "symmetric")
		require.InEpsilon(t, math.Sqrt(float64(levels*levels-1)/12*49/48), math.Sqrt(square), 0.02)
		require.GreaterOrEqual(t, slices.Min(scales), float32(0.75))
		require.Less(t, slices.Max(scales), float32(1.25))
		part := make([]float32, 50)
		require.NoError(t, v.Generate(n-50, part))
		require.Equal(t, x[n-50:], part)
		for level := range seen {
			if test.store == workloads.F8E4M3 {
				require.Equal(t, float32(level), half.FromE4M3(half.E4M3(float32(level))), "stored exactly")
			}
		}
	}
}

// TestInputsDependOnSampleOnly: whatever the batch and the place in it, a sample has the same data; other samples of the
// pool have others; beyond the pool they repeat.
func TestInputsDependOnSampleOnly(t *testing.T) {
	for _, test := range []struct {
		name    string
		options workloads.Options
	}{{"gemm", workloads.Options{}}, {"resnet50", workloads.Options{}}, {"bert-base", workloads.Options{SeqLen: 16}}, {"smollm2-135m", workloads.Options{ISL: 8}},
		{"dlrm-v2-capped", workloads.Options{}}, {"whisper-tiny", workloads.Options{ISL: 8}}, {"sdxl-unet", workloads.Options{}},
	} {
		single := find(t, test.name, test.options)
		rows := map[string]int{}
		var samples []int
		var want [][]workloads.Tensor
		for sample := range single.Pool {
			in := single.NewInputs(0)
			single.Fill(0, []int{sample}, in)
			key := ""
			for _, v := range in[0].F32[:min(64, len(in[0].F32))] {
				key += string(rune(math.Float32bits(v) % 50000))
			}
			for _, v := range in[0].I32 {
				key += string(v)
			}
			require.NotContains(t, rows, key, "%s: samples %d and %d", test.name, rows[key], sample)
			rows[key] = sample
			samples, want = append([]int{sample + single.Pool}, samples...), append([][]workloads.Tensor{in}, want...)
		}
		test.options.Batch = len(samples)
		batch := find(t, test.name, test.options)
		in := batch.NewInputs(0)
		batch.Fill(0, samples, in)
		for i, v := range batch.Phases[0].Graph.Inputs() {
			if v.Fill.Kind == workloads.FillPosition {
				require.Equal(t, []int32{0}, in[i].I32)
				continue
			}
			var f32 []float32
			var i32 []int32
			for r := range samples {
				f32, i32 = append(f32, want[r][i].F32...), append(i32, want[r][i].I32...)
			}
			require.True(t, slices.Equal(f32, in[i].F32) && slices.Equal(i32, in[i].I32), "%s %s", test.name, v.Name)
		}
	}
}

func TestBertInputs(t *testing.T) {
	w := find(t, "bert-base", workloads.Options{SeqLen: 5})
	in := w.NewInputs(0)
	w.Fill(0, []int{0}, in)
	require.Equal(t, []int32{0, 0, 0, 1, 1}, in[1].I32)
	require.Equal(t, []int32{0, 1, 2, 3, 4}, in[2].I32)
	for _, id := range in[0].I32 {
		require.True(t, id >= 0 && id < 30522)
	}
}

// TestTeacherForcing: the token at a position is the same in prefill and decode, for every split and batch.
func TestTeacherForcing(t *testing.T) {
	long := find(t, "smollm2-135m", workloads.Options{ISL: 20, OSL: 1})
	in := long.NewInputs(0)
	long.Fill(0, []int{1}, in)
	want := in[0].I32
	split := find(t, "smollm2-135m", workloads.Options{ISL: 7, OSL: 14, Batch: 2})
	var got []int32
	for c := range split.Calls() {
		phase, position := split.Phase(c)
		in := split.NewInputs(phase)
		split.Fill(c, []int{0, 1}, in)
		require.Equal(t, []int32{int32(position)}, in[1].I32)
		got = append(got, in[0].I32[len(in[0].I32)/2:]...)
	}
	require.Equal(t, want, got)
}
