package onnxruntime_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/onnx"
	"github.com/accelbench/accelbench/workloads/reference"
)

// levels is a quantised weight of a product over k elements: in blocks, or with one scale a column for block 0. The deviation
// of its elements is that of uniform ones in [-1, 1) over 8.
func (g *testGraph) levels(name string, bits, block, k int, transposed bool, shape ...int) *workloads.Value {
	stride := shape[len(shape)-1]
	if transposed {
		stride = 1
	}
	if block == 0 {
		block = k
	}
	return g.Add(workloads.Value{Name: name, Kind: workloads.Param, DType: workloads.F32, Shape: shape, Param: &workloads.ParamSpec{
		Seed: 7, Scale: 1.0 / 8 / (1 << 23) / float32(int(1)<<(bits-1)), Bits: bits, Block: block, Stride: stride}})
}

// decoding is a layer of a decoder up to its second norm. change may alter its attention.
func decoding(name string, change func(a, rope *workloads.Attr), sinks bool) operation {
	return operation{name: name, rows: []int{7, 1}, build: func(g *testGraph, rows int) []*workloads.Value {
		attr := workloads.Attr{Heads: 4, KVHeads: 2, HeadDim: 16}
		rope := workloads.Attr{HeadDim: 16, Theta: 10000}
		if change != nil {
			change(&attr, &rope)
		}
		x := g.Node(workloads.OpEmbedding, workloads.Attr{}, g.Param("table", 50, 32), g.IDs("tokens", 50, 2, rows))
		position := g.Position()
		norm := func(x *workloads.Value, name string) *workloads.Value {
			return g.Node(workloads.OpRMSNorm, workloads.Attr{Eps: 1e-5}, x, g.Param(name, 32))
		}
		project := func(x *workloads.Value, name string, n int) *workloads.Value {
			return g.Node(workloads.OpLinear, workloads.Attr{}, x, g.Param(name, x.Shape[2], n))
		}
		turn := func(x *workloads.Value) *workloads.Value {
			if rope.Theta == 0 {
				return x
			}
			return g.Node(workloads.OpRope, rope, x, position)
		}
		h := norm(x, "before")
		in := []*workloads.Value{turn(project(h, "q", 64)), turn(project(h, "k", 32)), project(h, "v", 32),
			g.State("keys", 2, 10, 32), g.State("values", 2, 10, 32), position}
		if sinks {
			in = append(in, g.Param("sinks", 4))
		}
		x = g.Node(workloads.OpAdd, workloads.Attr{}, x, project(g.Node(workloads.OpAttention, attr, in...), "out", 32))
		last := g.Node(workloads.OpLast, workloads.Attr{}, x)
		return one(last, norm(x, "after"), g.Node(workloads.OpLinear, workloads.Attr{Transposed: true}, last, g.Param("table", 50, 32)))
	}}
}

func decodings() []operation {
	return []operation{
		decoding("decoding", nil, false),
		decoding("decoding with a window", func(a, _ *workloads.Attr) { a.Window = 3 }, false),
		decoding("decoding with sinks", nil, true),
		decoding("decoding as gpt-oss", func(a, rope *workloads.Attr) {
			a.Window = 4
			rope.Yarn = workloads.YarnScaling{Factor: 32, BetaFast: 32, BetaSlow: 1, Context: 64}
		}, true),
		decoding("decoding as llama", func(_, rope *workloads.Attr) {
			rope.Llama3 = workloads.Llama3Scaling{Factor: 32, Low: 1, High: 4, Context: 64}
		}, false),
		decoding("decoding without rotation", func(_, rope *workloads.Attr) { rope.Theta = 0 }, false),
		{name: "rotations by two bases", rows: []int{4, 1}, build: func(g *testGraph, rows int) []*workloads.Value {
			position := g.Position()
			turn := func(name string, theta float64) *workloads.Value {
				return g.Node(workloads.OpRope, workloads.Attr{HeadDim: 16, Theta: theta}, g.Input(name, 2, rows, 32), position)
			}
			return one(g.Node(workloads.OpAttention, workloads.Attr{Heads: 2, KVHeads: 2, HeadDim: 16}, turn("q", 100), turn("k", 10000),
				g.Input("v", 2, rows, 32), g.State("keys", 2, 8, 32), g.State("values", 2, 8, 32), position))
		}},
		{name: "rotations that others use", rows: []int{4, 1}, build: func(g *testGraph, rows int) []*workloads.Value {
			position, rope := g.Position(), workloads.Attr{HeadDim: 16, Theta: 100}
			q := g.Node(workloads.OpRope, rope, g.Input("q", 2, rows, 32), position)
			k := g.Node(workloads.OpRope, rope, g.Input("k", 2, rows, 32), position)
			y := g.Node(workloads.OpAttention, workloads.Attr{Heads: 2, KVHeads: 2, HeadDim: 16}, q, k, g.Input("v", 2, rows, 32),
				g.State("keys", 2, 8, 32), g.State("values", 2, 8, 32), position)
			return one(y, q)
		}},
		{name: "residual and layer norm", build: func(g *testGraph, _ int) []*workloads.Value {
			x := g.Node(workloads.OpAdd, workloads.Attr{}, g.Input("x", 2, 5, 12), g.Input("y", 2, 5, 12))
			n := g.Node(workloads.OpLayerNorm, workloads.Attr{Eps: 1e-5}, x, g.Param("g", 12), g.Param("b", 12))
			z := g.Node(workloads.OpAdd, workloads.Attr{}, n, x)
			return one(g.Node(workloads.OpLayerNorm, workloads.Attr{Eps: 1e-5}, z, g.Param("g", 12), g.Param("b", 12)))
		}},
	}
}

// mixture has experts of the given bits, 0 for floats.
func mixture(bits int, clamp float64) operation {
	name := fmt.Sprintf("mixture of %d bits, clamp %v", bits, clamp)
	return operation{name: name, rows: []int{9, 1}, build: func(g *testGraph, rows int) []*workloads.Value {
		x := g.Input("x", 2, rows, 64)
		logits := g.Node(workloads.OpLinear, workloads.Attr{}, x, g.Param("router", 64, 8))
		w := func(name string, shape ...int) *workloads.Value {
			if bits == 0 {
				return g.Param(name, shape...)
			}
			return g.levels(name, bits, 32, shape[1], false, shape...)
		}
		in := []*workloads.Value{x, logits, w("gate", 8, 64, 96), w("up", 8, 64, 96), w("down", 8, 96, 64)}
		if clamp > 0 {
			in = append(in, g.Param("gate.bias", 8, 96), g.Param("up.bias", 8, 96), g.Param("down.bias", 8, 64))
		}
		return one(g.Node(workloads.OpMoE, workloads.Attr{TopK: 2, Clamp: clamp}, in...))
	}}
}

// blocked are products with weights in blocks of 32.
func blocked(bits int) operation {
	name := fmt.Sprintf("blocks of %d bits", bits)
	return operation{name: name, rows: []int{5, 1}, build: func(g *testGraph, rows int) []*workloads.Value {
		x := g.Input("x", 2, rows, 96)
		y := g.Node(workloads.OpLinear, workloads.Attr{}, x, g.levels("w", bits, 32, 96, false, 96, 40), g.Param("b", 40))
		z := g.Node(workloads.OpLinear, workloads.Attr{}, x, g.levels("v", bits, 32, 96, false, 96, 40))
		last := g.Node(workloads.OpLast, workloads.Attr{}, x)
		return one(y, z, g.Node(workloads.OpLinear, workloads.Attr{Transposed: true}, last, g.levels("t", bits, 32, 96, true, 70, 96)))
	}}
}

// TestDecoding holds prefill and steps against the reference: a batch, positions, windows, sinks, rotations.
func TestDecoding(t *testing.T) {
	l := runtimeLibrary(t)
	for _, tt := range decodings() {
		t.Run(tt.name, func(t *testing.T) {
			requireReference(t, l, tt.workload(workloads.Full), onnx.Options{Dialect: onnx.Deployed}, 1e-5)
			requireReference(t, l, tt.workload(workloads.Full), onnx.Options{}, 1e-5)
		})
		t.Run(tt.name+" in half precision", func(t *testing.T) {
			requireReference(t, l, tt.workload(workloads.Half), onnx.Options{Dialect: onnx.Deployed}, 2e-2)
		})
	}
}

func TestMixtures(t *testing.T) {
	l := runtimeLibrary(t)
	for _, clamp := range []float64{0, 1.5} {
		for _, experts := range []onnx.Experts{onnx.SplitExperts, onnx.FusedExperts} {
			o := onnx.Options{Dialect: onnx.Deployed, Experts: experts, Accuracy: onnx.AccuracyFloat}
			for _, bits := range []int{0, 4, 8} {
				t.Run(fmt.Sprintf("bits %d, clamp %v, experts %d", bits, clamp, experts), func(t *testing.T) {
					requireReference(t, l, mixture(bits, clamp).workload(workloads.Full), o, 1e-5)
				})
			}
			t.Run(fmt.Sprintf("half, clamp %v, experts %d", clamp, experts), func(t *testing.T) {
				requireReference(t, l, mixture(0, clamp).workload(workloads.Half), o, 2e-2)
			})
		}
		t.Run(fmt.Sprintf("portable, clamp %v", clamp), func(t *testing.T) {
			requireReference(t, l, mixture(0, clamp).workload(workloads.Full), onnx.Options{Opset: 17}, 1e-5)
		})
	}
}

func TestBlocks(t *testing.T) {
	l := runtimeLibrary(t)
	for _, bits := range []int{4, 8} {
		for accuracy, tolerance := range map[int]float64{0: 1e-5, onnx.AccuracyFloat: 1e-5, onnx.AccuracyInt8: 3e-2} {
			t.Run(fmt.Sprintf("bits %d, accuracy %d", bits, accuracy), func(t *testing.T) {
				o := onnx.Options{Dialect: onnx.Deployed, Accuracy: accuracy}
				requireReference(t, l, blocked(bits).workload(workloads.Full), o, tolerance)
			})
		}
	}
}

// TestColumns holds products with one scale a column against the reference; the activations are rounded to 8 bits.
func TestColumns(t *testing.T) {
	l := runtimeLibrary(t)
	columns := operation{name: "columns", build: func(g *testGraph, _ int) []*workloads.Value {
		x, flat := g.Input("x", 2, 5, 96), g.Input("flat", 2, 96)
		w, v := g.levels("w", 8, 0, 96, false, 96, 40), g.levels("v", 8, 0, 96, true, 70, 96)
		return one(g.Node(workloads.OpLinear, workloads.Attr{}, x, w, g.Param("b", 40)),
			g.Node(workloads.OpLinear, workloads.Attr{}, flat, w),
			g.Node(workloads.OpLinear, workloads.Attr{Transposed: true}, x, v))
	}}
	requireReference(t, l, columns.workload(workloads.Full), onnx.Options{Dialect: onnx.Deployed}, 2e-2)
}

func TestRefusals(t *testing.T) {
	odd := func(block int) operation {
		return operation{name: "odd", build: func(g *testGraph, _ int) []*workloads.Value {
			return one(g.Node(workloads.OpLinear, workloads.Attr{}, g.Input("x", 2, 48), g.levels("w", 4, block, 48, false, 48, 8)))
		}}
	}
	for _, tt := range []struct {
		operation
		o    onnx.Options
		says string
	}{
		{blocked(4), onnx.Options{}, "deployed"},
		{mixture(4, 0), onnx.Options{}, "deployed"},
		{odd(24), onnx.Options{Dialect: onnx.Deployed}, "power of two"},
		{odd(8), onnx.Options{Dialect: onnx.Deployed}, "power of two"},
		{odd(32), onnx.Options{Dialect: onnx.Deployed}, "power of two"},
	} {
		_, err := onnx.Write(tt.workload(workloads.Full), tt.o)
		require.ErrorIs(t, err, onnx.ErrUnsupported, tt.name)
		require.ErrorContains(t, err, tt.says, tt.name)
	}
}

// rangesOf are those that the reference sees for a single-pass workload.
func rangesOf(t *testing.T, w *workloads.Workload) func(name string) (low, high float64, ok bool) {
	t.Helper()
	c, err := reference.Calibrate(t.Context(), w, nil)
	require.NoError(t, err)
	return func(name string) (low, high float64, ok bool) {
		i := slices.IndexFunc(c.Ranges, func(r workloads.ValueRange) bool { return r.Name == name })
		if i < 0 {
			return 0, 0, false
		}
		return c.Ranges[i].Low, c.Ranges[i].High, true
	}
}

// TestQuantisedConvolutions holds a network of bytes against the reference: kernels of several sizes, strides and paddings, sums,
// what ends in a ReLU and what does not, and operations that have no form in bytes between those that have.
func TestQuantisedConvolutions(t *testing.T) {
	l := runtimeLibrary(t)
	network := operation{name: "bytes", build: func(g *testGraph, _ int) []*workloads.Value {
		conv := func(x *workloads.Value, name string, c int, a workloads.Attr) *workloads.Value {
			k := a.Kernel * a.Kernel * x.Shape[3]
			w := g.levels(name, 8, 0, k, false, a.Kernel, a.Kernel, x.Shape[3], c)
			return g.Node(workloads.OpConv2D, a, x, w, g.Param(name+".bias", c))
		}
		relu := func(x *workloads.Value) *workloads.Value { return g.Node(workloads.OpRelu, workloads.Attr{}, x) }
		x := relu(conv(g.Input("image", 1, 17, 19, 3), "stem", 8, workloads.Attr{Kernel: 7, Stride: 2, Pad: 3}))
		x = g.Node(workloads.OpMaxPool, workloads.Attr{Kernel: 3, Stride: 2, Pad: 1}, x)
		y := conv(relu(conv(x, "a", 8, workloads.Attr{Kernel: 3, Stride: 1, Pad: 1})), "b", 8, workloads.Attr{Kernel: 1, Stride: 1})
		x = relu(g.Node(workloads.OpAdd, workloads.Attr{}, y, x))
		y = g.Node(workloads.OpSilu, workloads.Attr{}, conv(x, "c", 8, workloads.Attr{Kernel: 1, Stride: 1}))
		z := g.Node(workloads.OpAdd, workloads.Attr{}, conv(y, "d", 8, workloads.Attr{Kernel: 1, Stride: 1}), x)
		pooled := g.Node(workloads.OpGlobalAvgPool, workloads.Attr{}, z)
		return one(g.Node(workloads.OpLinear, workloads.Attr{}, pooled, g.levels("fc", 8, 0, 8, false, 8, 10), g.Param("fc.bias", 10)), z)
	}}
	w := network.workload(workloads.Full)
	w.Options.Batch, w.Phases[0].Graph.Batch = 1, 1
	requireReference(t, l, w, onnx.Options{Dialect: onnx.Deployed, Ranges: rangesOf(t, w)}, 5e-2)
}

// goldenError is the error of a row as [workloads.Golden] measures it; false if there are no golden values for it.
func goldenError(g *workloads.Golden, w *workloads.Workload, c, sample int, row []float32) (float64, bool) {
	i := slices.IndexFunc(g.Rows, func(r workloads.GoldenRow) bool { return r.Sample == sample && r.Position == w.OutputPosition(c) })
	if i < 0 {
		return 0, false
	}
	worst := 0.0
	for j, e := range g.Elements {
		want := g.Rows[i].Values[j]
		worst = max(worst, math.Abs(float64(row[e])-want)/(g.Rows[i].RMS+math.Abs(want)))
	}
	return worst, true
}

// TestDeployedWorkloads compares whole models with the golden values. The bounds are twice what was seen, in three digits or
// fewer: float32 rounding, 16-bit floats, and activations of 8 bits.
func TestDeployedWorkloads(t *testing.T) {
	if testing.Short() {
		t.Skip("heavy")
	}
	l := runtimeLibrary(t)
	for _, tt := range []struct {
		name    string
		options workloads.Options
		bound   float64
	}{
		{"smollm2-135m", workloads.Options{ISL: 32, OSL: 2, Batch: 2}, 1e-5},
		{"whisper-tiny", workloads.Options{OSL: 2}, 1e-5},
		{"bert-base", workloads.Options{SeqLen: 128, Precision: workloads.Int8}, 0.05},
		{"resnet50", workloads.Options{Precision: workloads.Int8, Batch: 2}, 0.03},
	} {
		t.Run(tt.name+" "+tt.options.Precision, func(t *testing.T) {
			w, err := workloads.Find(tt.name, tt.options)
			require.NoError(t, err)
			golden, known := w.Golden()
			require.True(t, known)
			o := onnx.Options{Dialect: onnx.Deployed}
			if ranges, ok := w.Ranges(); ok {
				o.Ranges = func(name string) (low, high float64, ok bool) {
					r, ok := ranges[name]
					return r.Low, r.High, ok
				}
			}
			r := newGraphRunner(t, l, w, o, 2)
			samples := make([]int, w.Options.Batch)
			for i := range samples {
				samples[i] = i
			}
			checked := 0
			for c := range w.Calls() {
				_, out := r.call(t, c, samples...)
				for i := range samples {
					if e, ok := goldenError(golden, w, c, i, out[0].F32[i*golden.Width:(i+1)*golden.Width]); ok {
						checked++
						require.LessOrEqual(t, e, tt.bound, "call %d, sample %d", c, i)
					}
				}
			}
			require.Positive(t, checked)
		})
	}
}
