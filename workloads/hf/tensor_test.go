package hf_test

import (
	"encoding/binary"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/workloads/hf"
	"github.com/accelbench/accelbench/workloads/hf/hftest"
)

// folder is a valid folder with the given tensors besides its own.
func folder(t *testing.T, extra map[string]hftest.Tensor) *hf.Folder {
	t.Helper()
	config, tensors := hftest.Llama(t, "F32")
	for name, x := range extra {
		tensors[name] = x
	}
	return open(t, write(t, config, tensors, 1))
}

// ieee is the value of a binary floating-point number by its definition: sign, exponent bits, fraction bits.
func ieee(bits uint64, exponentBits, fractionBits int) float64 {
	fraction := float64(bits & (1<<fractionBits - 1))
	exponent := int(bits >> fractionBits & (1<<exponentBits - 1))
	bias := 1<<(exponentBits-1) - 1
	v := 0.0
	switch {
	case exponent == 1<<exponentBits-1 && fraction == 0:
		v = math.Inf(1)
	case exponent == 1<<exponentBits-1:
		return math.NaN()
	case exponent == 0:
		v = math.Ldexp(fraction, 1-bias-fractionBits)
	default:
		v = math.Ldexp(fraction+float64(uint64(1)<<fractionBits), exponent-bias-fractionBits)
	}
	if bits>>(exponentBits+fractionBits)&1 == 1 {
		v = math.Copysign(v, -1)
	}
	return v
}

// TestSixteenBitsExactly: all 65536 values of both types, subnormals, infinities and NaN among them.
func TestSixteenBitsExactly(t *testing.T) {
	var data []byte
	for b := range 1 << 16 {
		data = binary.LittleEndian.AppendUint16(data, uint16(b))
	}
	f := folder(t, map[string]hftest.Tensor{
		"f16":  {DType: "F16", Shape: []int{256, 256}, Data: data},
		"bf16": {DType: "BF16", Shape: []int{1 << 16}, Data: data},
	})
	for _, test := range []struct {
		name               string
		exponent, fraction int
	}{{"f16", 5, 10}, {"bf16", 8, 7}} {
		x, ok := f.Tensor(test.name)
		require.True(t, ok)
		for b, got := range all(t, x) {
			want := ieee(uint64(b), test.exponent, test.fraction)
			if math.IsNaN(want) {
				require.True(t, math.IsNaN(float64(got)), "%s %#x", test.name, b)
				continue
			}
			require.Equal(t, math.Float64bits(want), math.Float64bits(float64(got)), "%s %#x", test.name, b)
		}
	}
}

func TestWideFloats(t *testing.T) {
	third := 1.0 / 3
	wide := []float64{0, math.Copysign(0, -1), third, -1e300, 0x1p-149, 0x1p-151, math.Inf(1), 1 + 0x1p-24, 1 + 0x3p-24}
	var f32, f64 []byte
	for _, v := range wide {
		f64 = binary.LittleEndian.AppendUint64(f64, math.Float64bits(v))
		f32 = binary.LittleEndian.AppendUint32(f32, math.Float32bits(float32(v)))
	}
	f := folder(t, map[string]hftest.Tensor{
		"f32": {DType: "F32", Shape: []int{9}, Data: f32}, "f64": {DType: "F64", Shape: []int{9}, Data: f64},
		"scalar": {DType: "F64", Data: f64[2*8 : 3*8]}, "empty": {DType: "F64", Shape: []int{3, 0}},
	})
	want := []float32{0, float32(math.Copysign(0, -1)), float32(third), float32(math.Inf(-1)), 0x1p-149, 0, float32(math.Inf(1)), 1, 1 + 0x1p-22}
	for _, name := range []string{"f32", "f64"} {
		x, _ := f.Tensor(name)
		require.Equal(t, want, all(t, x), name)
	}
	scalar, _ := f.Tensor("scalar")
	require.Equal(t, []float32{float32(third)}, all(t, scalar))
	empty, _ := f.Tensor("empty")
	require.Empty(t, all(t, empty))
	require.NoError(t, empty.FillTransposed(0, nil))
}

// TestFillInParts: any range gives the same elements as the whole, straight and transposed, for rows that are read at one go
// and for rows that are read in pieces.
func TestFillInParts(t *testing.T) {
	type matrix struct {
		dtype      string
		rows, cols int
	}
	matrices := map[string]matrix{
		"f32": {"F32", 70, 1030}, "f64": {"F64", 130, 17}, "f16": {"F16", 1, 300}, "bf16": {"BF16", 300, 1},
		"wide": {"BF16", 67, 2100}, "tall": {"F16", 2100, 67}, "long": {"F32", 3, 70000},
	}
	extra := map[string]hftest.Tensor{}
	for name, m := range matrices {
		extra[name] = hftest.Random(t, m.dtype, name, m.rows, m.cols)
	}
	f := folder(t, extra)
	for name, m := range matrices {
		x, ok := f.Tensor(name)
		require.True(t, ok)
		whole := all(t, x)
		turned := make([]float32, 0, len(whole))
		for c := range m.cols {
			for r := range m.rows {
				turned = append(turned, whole[r*m.cols+c])
			}
		}
		require.NotEqual(t, whole[0], whole[1])
		got := make([]float32, len(whole))
		require.NoError(t, x.FillTransposed(0, got))
		require.Equal(t, turned, got, name)
		rapid.Check(t, func(t *rapid.T) {
			first := rapid.IntRange(0, len(whole)).Draw(t, "first")
			n := rapid.IntRange(0, len(whole)-first).Draw(t, "n")
			if rapid.Bool().Draw(t, "short") {
				n = min(n, 3*m.rows)
			}
			part := make([]float32, n)
			require.NoError(t, x.Fill(first, part))
			require.True(t, slices.Equal(whole[first:first+n], part))
			require.NoError(t, x.FillTransposed(first, part))
			require.True(t, slices.Equal(turned[first:first+n], part))
		})
	}
}

func TestFillRefuses(t *testing.T) {
	f := folder(t, map[string]hftest.Tensor{
		"ids":    {DType: "I64", Shape: []int{2}, Data: make([]byte, 16)},
		"packed": {DType: "F4", Shape: []int{2, 2}, Data: make([]byte, 2)},
	})
	for _, name := range []string{"ids", "packed"} {
		x, ok := f.Tensor(name)
		require.True(t, ok)
		require.ErrorIs(t, x.Fill(0, make([]float32, 1)), hf.ErrUnsupported)
		require.ErrorIs(t, x.FillTransposed(0, make([]float32, 1)), hf.ErrUnsupported)
	}
	norm, _ := f.Tensor("model.norm.weight")
	require.ErrorContains(t, norm.FillTransposed(0, make([]float32, 8)), "shape [8] is not a matrix")
	table, _ := f.Tensor("lm_head.weight")
	for _, test := range []struct{ first, n int }{{-1, 1}, {0, 161}, {160, 1}, {math.MaxInt, 1}, {math.MinInt, 1}} {
		require.ErrorContains(t, table.Fill(test.first, make([]float32, test.n)), "lm_head.weight of model.safetensors: elements ")
		require.ErrorContains(t, table.FillTransposed(test.first, make([]float32, test.n)), " of 160")
	}
	require.NoError(t, table.Fill(160, nil))
	require.NoError(t, table.FillTransposed(160, nil))
}

func TestConcurrentFills(t *testing.T) {
	f := folder(t, map[string]hftest.Tensor{"a": hftest.Random(t, "BF16", "a", 90, 2100)})
	x, _ := f.Tensor("a")
	whole, turned := all(t, x), make([]float32, x.Elements())
	require.NoError(t, x.FillTransposed(0, turned))
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			part := make([]float32, 20000)
			first := i * 20000
			assert.NoError(t, x.Fill(first, part))
			assert.True(t, slices.Equal(whole[first:first+len(part)], part))
			assert.NoError(t, x.FillTransposed(first, part))
			assert.True(t, slices.Equal(turned[first:first+len(part)], part))
		})
	}
	group.Wait()
}

// TestFoldersOfTestsRound: what hftest encodes is the nearest value of the type, on a tie the even one.
func TestFoldersOfTestsRound(t *testing.T) {
	for _, test := range []struct {
		dtype        string
		values, want []float32
	}{
		{"F16", []float32{1, -1.5, 1 + 0x1p-11, 1 + 0x3p-11, 0x1p-24, 0x1p-25, 0x3p-25, 0x1p-14 - 0x1p-26, 65504, 65520, -0x1p20},
			[]float32{1, -1.5, 1, 1 + 0x1p-9, 0x1p-24, 0, 0x1p-23, 0x1p-14, 65504, float32(math.Inf(1)), float32(math.Inf(-1))}},
		{"BF16", []float32{1, -1.5, 1 + 0x1p-8, 1 + 0x3p-8, math.MaxFloat32}, []float32{1, -1.5, 1, 1 + 0x1p-6, float32(math.Inf(1))}},
	} {
		f := folder(t, map[string]hftest.Tensor{"a": hftest.New(t, test.dtype, test.values, len(test.values))})
		require.Equal(t, test.want, tensor(t, f, "a"), test.dtype)
	}
}
