package onnxruntime_test

import (
	"fmt"

	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/workloads"
)

// testGraph builds a graph; a shape that does not fit panics.
type testGraph struct{ *devicetest.Graph }

// conv makes an image of c channels whose channels come first in the model.
func (g *testGraph) conv(x *workloads.Value, name string, c int) *workloads.Value {
	return g.Node(workloads.OpConv2D, workloads.Attr{Kernel: 1, Stride: 1}, x, g.Param(name, 1, 1, x.Shape[3], c))
}

// operation is a small graph; each of rows is a phase with that many tokens per call.
type operation struct {
	name  string
	rows  []int
	build func(g *testGraph, rows int) []*workloads.Value
}

// workload has the graph as its phases: with two, the first takes rows[0] tokens and the second, which runs twice, rows[1].
func (o operation) workload(precision string) *workloads.Workload {
	rows := o.rows
	if rows == nil {
		rows = []int{1}
	}
	w := &workloads.Workload{Name: o.name, Seed: 3, Pool: 4,
		Options: workloads.Options{Batch: 2, ISL: rows[0], OSL: 3, Precision: precision}}
	for i, r := range rows {
		g := &testGraph{devicetest.NewGraph(fmt.Sprint(o.name, "/", i), 2)}
		g.Outputs = o.build(g, r)
		w.Phases = append(w.Phases, workloads.Phase{Name: fmt.Sprint("phase", i), Graph: &g.Graph.Graph})
	}
	return w
}

func one(v ...*workloads.Value) []*workloads.Value { return v }

// unary is an operation on one value, in both layouts.
func unary(op workloads.Op) operation {
	return operation{name: string(op), build: func(g *testGraph, _ int) []*workloads.Value {
		x := g.conv(g.Input("image", 2, 4, 5, 3), "w", 6)
		return one(g.Node(op, workloads.Attr{}, g.Input("rows", 2, 5, 7)), g.Node(op, workloads.Attr{}, x))
	}}
}

// binary is an operation on two values: of the rows layout, of the planes, and one of each.
func binary(op workloads.Op) operation {
	return operation{name: string(op), build: func(g *testGraph, _ int) []*workloads.Value {
		node := func(a, b *workloads.Value) *workloads.Value { return g.Node(op, workloads.Attr{}, a, b) }
		image := g.Input("image", 2, 4, 5, 3)
		x, y := g.conv(image, "w", 3), g.conv(image, "v", 3)
		return one(node(g.Input("a", 2, 5, 7), g.Input("b", 2, 5, 7)), node(x, y), node(x, image), node(image, y),
			node(g.conv(image, "u", 3), g.Param("p", 2, 4, 5, 3)))
	}}
}

func operations() []operation {
	return slicesOf([]operation{
		unary(workloads.OpRelu), unary(workloads.OpGelu), unary(workloads.OpSilu), unary(workloads.OpSigmoid), unary(workloads.OpCopy),
		binary(workloads.OpAdd), binary(workloads.OpMul), binary(workloads.OpConcat),
	}, imageOperations(), rowOperations(), attentionOperations(), cachedOperations(), stateOperations(), []operation{diffusion()})
}

func slicesOf(lists ...[]operation) []operation {
	var out []operation
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

func imageOperations() []operation {
	conv := func(name string, height, width int, attr workloads.Attr, bias bool) operation {
		return operation{name: name, build: func(g *testGraph, _ int) []*workloads.Value {
			in := one(g.Input("image", 2, height, width, 3), g.Param("w", attr.Kernel, attr.Kernel, 3, 8))
			if bias {
				in = append(in, g.Param("b", 8))
			}
			return one(g.Node(workloads.OpConv2D, attr, in...))
		}}
	}
	return []operation{
		conv("conv 1x1", 4, 5, workloads.Attr{Kernel: 1, Stride: 1}, false),
		conv("conv 3x3 pad bias", 6, 5, workloads.Attr{Kernel: 3, Stride: 1, Pad: 1}, true),
		conv("conv 7x7 stride 2", 9, 11, workloads.Attr{Kernel: 7, Stride: 2, Pad: 3}, true),
		{name: "conv1d", build: func(g *testGraph, _ int) []*workloads.Value {
			x := g.Node(workloads.OpConv1D, workloads.Attr{Kernel: 3, Stride: 1, Pad: 1}, g.Input("x", 2, 9, 4), g.Param("w", 3, 4, 6), g.Param("b", 6))
			x = g.Node(workloads.OpGelu, workloads.Attr{}, x)
			return one(g.Node(workloads.OpConv1D, workloads.Attr{Kernel: 3, Stride: 2, Pad: 1}, x, g.Param("v", 3, 6, 5)))
		}},
		{name: "max_pool", build: func(g *testGraph, _ int) []*workloads.Value {
			image := g.Input("image", 2, 7, 9, 3)
			return one(g.Node(workloads.OpMaxPool, workloads.Attr{Kernel: 3, Stride: 2, Pad: 1}, image),
				g.Node(workloads.OpMaxPool, workloads.Attr{Kernel: 2, Stride: 2}, g.conv(image, "w", 4)))
		}},
		{name: "global_avg_pool", build: func(g *testGraph, _ int) []*workloads.Value {
			return one(g.Node(workloads.OpGlobalAvgPool, workloads.Attr{}, g.Input("image", 2, 7, 9, 3)))
		}},
		{name: "upsample", build: func(g *testGraph, _ int) []*workloads.Value {
			return one(g.Node(workloads.OpUpsample, workloads.Attr{}, g.Input("image", 2, 3, 5, 3)))
		}},
		{name: "group_norm", build: func(g *testGraph, _ int) []*workloads.Value {
			norm := func(x *workloads.Value) *workloads.Value {
				return g.Node(workloads.OpGroupNorm, workloads.Attr{Groups: 3, Eps: 1e-5}, x, g.Param("gamma", 12), g.Param("beta", 12))
			}
			return one(norm(g.Input("image", 2, 3, 5, 12)), norm(g.conv(g.Input("small", 2, 4, 3, 3), "w", 12)),
				norm(g.Input("sequence", 2, 7, 12)), norm(g.Input("row", 2, 12)))
		}},
		{name: "add_rows", build: func(g *testGraph, _ int) []*workloads.Value {
			y := g.Input("y", 2, 6)
			add := func(x *workloads.Value) *workloads.Value { return g.Node(workloads.OpAddRows, workloads.Attr{}, x, y) }
			image := g.Input("image", 2, 3, 5, 6)
			return one(add(image), add(g.conv(image, "w", 6)), add(g.Input("sequence", 2, 7, 6)), add(g.Input("row", 2, 6)))
		}},
		{name: "layouts meet", build: func(g *testGraph, _ int) []*workloads.Value {
			x := g.conv(g.Input("image", 2, 4, 6, 3), "w", 8)
			h := g.Node(workloads.OpGroupNorm, workloads.Attr{Groups: 2, Eps: 1e-5}, x, g.Param("g", 8), g.Param("b", 8))
			h = g.Node(workloads.OpLinear, workloads.Attr{}, h, g.Param("in", 8, 8))
			x = g.Node(workloads.OpAdd, workloads.Attr{}, x, h)
			h = g.Node(workloads.OpConcat, workloads.Attr{}, g.Node(workloads.OpUpsample, workloads.Attr{}, x), g.Input("skip", 2, 8, 12, 2))
			return one(x, g.conv(h, "out", 4))
		}},
	}
}

func rowOperations() []operation {
	linear := func(g *testGraph, transposed bool, x *workloads.Value, bias bool) *workloads.Value {
		in := one(x, g.Param("w", 7, 6))
		if transposed {
			in[1] = g.Param("wt", 6, 7)
		}
		if bias {
			in = append(in, g.Param("b", 6))
		}
		return g.Node(workloads.OpLinear, workloads.Attr{Transposed: transposed}, in...)
	}
	return []operation{
		{name: "linear", build: func(g *testGraph, _ int) []*workloads.Value {
			var out []*workloads.Value
			for _, x := range one(g.Input("flat", 2, 7), g.Input("rows", 2, 5, 7), g.Input("image", 2, 3, 4, 7)) {
				out = append(out, linear(g, false, x, false), linear(g, false, x, true), linear(g, true, x, false), linear(g, true, x, true))
			}
			return out
		}},
		{name: "layer_norm", build: func(g *testGraph, _ int) []*workloads.Value {
			return one(g.Node(workloads.OpLayerNorm, workloads.Attr{Eps: 1e-5}, g.Input("x", 2, 5, 7), g.Param("g", 7), g.Param("b", 7)))
		}},
		{name: "rms_norm", build: func(g *testGraph, _ int) []*workloads.Value {
			return one(g.Node(workloads.OpRMSNorm, workloads.Attr{Eps: 1e-5}, g.Input("x", 2, 5, 7), g.Param("g", 7)))
		}},
		{name: "embedding", build: func(g *testGraph, _ int) []*workloads.Value {
			return one(g.Node(workloads.OpEmbedding, workloads.Attr{}, g.Param("table", 70, 9), g.IDs("ids", 70, 2, 5)))
		}},
		{name: "embedding_bag", build: func(g *testGraph, _ int) []*workloads.Value {
			return one(g.Node(workloads.OpEmbeddingBag, workloads.Attr{}, g.Param("table", 70, 9), g.IDs("ids", 70, 2, 5)))
		}},
		{name: "last", rows: []int{5, 1}, build: func(g *testGraph, rows int) []*workloads.Value {
			return one(g.Node(workloads.OpLast, workloads.Attr{}, g.Input("x", 2, rows, 7)))
		}},
		{name: "rope", rows: []int{5, 1}, build: func(g *testGraph, rows int) []*workloads.Value {
			attr := workloads.Attr{HeadDim: 8, Theta: 1e4, Yarn: workloads.YarnScaling{Factor: 4, BetaFast: 32, BetaSlow: 1, Context: 64}}
			g.State("keys", 2, 9, 16)
			x := g.Input("x", 2, rows, 24)
			return one(g.Node(workloads.OpRope, attr, x, g.Position()), g.Node(workloads.OpRope, attr, g.Input("y", 2, rows, 8), g.Position()))
		}},
	}
}
