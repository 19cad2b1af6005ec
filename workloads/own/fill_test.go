package own_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/internal/half"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/onnx/onnxfile"
	"github.com/accelbench/accelbench/workloads/own"
)

// ranges are what inputs of each type may be asked for, and what they get if nothing is asked for.
func ranges() map[onnxfile.TensorType][][2]float64 {
	const exact = 1 << 53
	return map[onnxfile.TensorType][][2]float64{
		onnxfile.F32:  {{-1, 1}, {0, 1e-30}, {-math.MaxFloat32, 0}, {3, 3}, {-1e38, 1e38}},
		onnxfile.F64:  {{-1, 1}, {-1e307, 1e307}, {0.1, 0.2}, {-9.3e18, 9.3e18}},
		onnxfile.F16:  {{-1, 1}, {-65504, 0}, {0.1, 0.15}},
		onnxfile.BF16: {{-1, 1}, {-1e38, 1e38}, {100, 130}},
		onnxfile.I64:  {{0, 1}, {-exact, exact}, {-3, 30521}, {7, 7}},
		onnxfile.I32:  {{0, 1}, {math.MinInt32, math.MaxInt32}, {-3, 3}},
		onnxfile.I16:  {{0, 1}, {math.MinInt16, math.MaxInt16}, {-300, 2}},
		onnxfile.I8:   {{0, 1}, {-128, 127}, {-3, -2}},
		onnxfile.U64:  {{0, 1}, {0, exact}, {5, 9}},
		onnxfile.U32:  {{0, 1}, {0, math.MaxUint32}, {4294967290, 4294967295}},
		onnxfile.U16:  {{0, 1}, {0, 65535}},
		onnxfile.U8:   {{0, 1}, {0, 255}, {200, 255}},
		onnxfile.Bool: {{0, 1}, {1, 1}},
	}
}

// rounded is the number of the type that is nearest to x.
func rounded(typ workloads.DType, x float64) float64 {
	switch typ {
	case workloads.F32:
		return float64(float32(x))
	case workloads.F16:
		return float64(half.FromFloat16(half.Float16(float32(x))))
	case workloads.BF16:
		return float64(half.FromBFloat16(half.BFloat16(float32(x))))
	}
	return x
}

const filled = 3000

func TestFill(t *testing.T) {
	for typ, list := range ranges() {
		for i, r := range list {
			name := fmt.Sprintf("%s %v", typ, r)
			path := write(t, "m.onnx", model([]msg{value("x", typ, 3, filled/3)}))
			f := own.File{Path: path}
			if i > 0 { // the first is the default
				f.Inputs = []string{fmt.Sprintf("x:%g..%g", r[0], r[1])}
				if typ != onnxfile.F32 && typ != onnxfile.F64 && typ != onnxfile.F16 && typ != onnxfile.BF16 {
					f.Inputs[0] = fmt.Sprintf("x:%.0f..%.0f", r[0], r[1])
				}
			}
			w, err := own.Load(f)
			require.NoError(t, err, name)
			dtype := inputs(t, w)[0].DType
			low, high := rounded(dtype, r[0]), rounded(dtype, r[1])
			var first []float64
			samples := map[string]bool{}
			for sample := range 2 * w.Pool {
				in := w.NewInputs(0)
				w.Fill(0, []int{sample}, in)
				x := numbers(t, in[0])
				samples[fmt.Sprint(x)] = true
				if sample == 0 {
					first = x
				}
				if sample == w.Pool {
					require.Equal(t, first, x, "%s: sample 0 comes again", name)
				}
			}
			want := 1
			if low < high {
				want = w.Pool
			}
			require.Len(t, samples, want, "%s: samples differ", name)
			spread(t, name, first, low, high, !dtype.Real())
		}
	}
}

// spread asserts that values are within the range, that all of its thirds occur, and that its ends do where they must.
func spread(t *testing.T, name string, x []float64, low, high float64, integer bool) {
	t.Helper()
	var thirds [3]int
	least, most := math.Inf(1), math.Inf(-1)
	for _, v := range x {
		least, most = min(least, v), max(most, v)
		thirds[int(min(2, 3*(v/2-low/2)/max(high/2-low/2, math.SmallestNonzeroFloat64)))]++
	}
	require.GreaterOrEqual(t, least, low, name)
	require.LessOrEqual(t, most, high, name)
	if low == high {
		return
	}
	if integer && high-low < 100 {
		require.Equal(t, low, least, name)
		require.Equal(t, high, most, name)
	}
	if !integer || high-low > 100 {
		for _, n := range thirds {
			require.InDelta(t, filled/3, n, filled/15, "%s: %v", name, thirds)
		}
	}
}

// TestFillIsAFunctionOfTheSample says that the same sample is the same in each call, whatever was in the tensor before.
func TestFillIsAFunctionOfTheSample(t *testing.T) {
	path := write(t, "m.onnx", model([]msg{value("x", onnxfile.F32, 40), value("z", onnxfile.F32, 40), value("k", onnxfile.I8, 9), value("e", onnxfile.F16, 2, 0)}))
	w, err := own.Load(own.File{Path: path})
	require.NoError(t, err)
	rapid.Check(t, func(r *rapid.T) {
		sample := rapid.IntRange(0, 1<<40).Draw(r, "sample")
		a, b := w.NewInputs(0), w.NewInputs(0)
		w.Fill(0, []int{sample + 1}, b)
		w.Fill(0, []int{sample}, a)
		w.Fill(0, []int{sample}, b)
		for i := range a {
			require.True(r, a[i].Equal(b[i]))
		}
		require.NotEqual(r, a[0].F32, a[1].F32, "inputs of one shape differ")
		require.Empty(r, a[3].Raw, "an empty past stays empty")
	})
}

// FuzzLoad gives it files of any bytes, and arrays and words besides.
func FuzzLoad(f *testing.F) {
	good := model([]msg{value("x", onnxfile.F32, "batch", 3), value("k", onnxfile.Bool)}, external("w", "../w.bin"))
	array := npy("<f4", "(2, 3)", make([]byte, 24))
	f.Add([]byte(good), array, "k:0..1", "batch=2")
	f.Add([]byte(good), array[:90], "x:2x3", "batch=2")
	f.Add([]byte(good[:40]), []byte("\x93NUMPY"), "", "")
	f.Add([]byte(model(nil)), []byte{}, "a:1", "=")
	f.Fuzz(func(t *testing.T, content, array []byte, input, dim string) {
		path, arrayPath := write(t, "m.onnx", content), write(t, "x.npy", array)
		for _, inputs := range [][]string{nil, {input}, {"x=" + arrayPath}} {
			if len(inputs) == 1 && inputs[0] == input && strings.HasSuffix(input, ".npy") {
				continue // a file of this machine
			}
			w, err := own.Load(own.File{Path: path, Inputs: inputs, Dims: []string{dim}})
			if err != nil {
				require.True(t, errors.Is(err, own.ErrInput) || errors.Is(err, own.ErrFormat), "%v", err)
				require.Nil(t, w)
				continue
			}
			require.NotEmpty(t, w.Data)
			require.GreaterOrEqual(t, w.Memory().Total(), int64(0))
			if w.Memory().Total() < 1<<20 {
				w.Fill(0, []int{1}, w.NewInputs(0))
			}
		}
	})
}
