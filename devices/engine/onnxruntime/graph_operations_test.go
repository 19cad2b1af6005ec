package onnxruntime_test

import (
	"fmt"

	"github.com/accelbench/accelbench/workloads"
)

// testGraph builds a graph; a shape that does not fit panics.
type testGraph struct {
	workloads.Graph
	named map[string]*workloads.Value
}

func (g *testGraph) value(v workloads.Value) *workloads.Value {
	if old := g.named[v.Name]; old != nil {
		return old
	}
	v.ID = len(g.Values)
	g.Values = append(g.Values, &v)
	g.named[v.Name] = &v
	return &v
}

func (g *testGraph) input(name string, shape ...int) *workloads.Value {
	return g.value(workloads.Value{Name: name, Kind: workloads.Input, DType: workloads.F32, Shape: shape,
		Fill: &workloads.InputSpec{Kind: workloads.FillUniform}})
}

func (g *testGraph) ids(name string, vocab int, shape ...int) *workloads.Value {
	return g.value(workloads.Value{Name: name, Kind: workloads.Input, DType: workloads.I32, Shape: shape,
		Fill: &workloads.InputSpec{Kind: workloads.FillTokens, Vocab: vocab}})
}

func (g *testGraph) position() *workloads.Value {
	return g.value(workloads.Value{Name: "position", Kind: workloads.Input, DType: workloads.I32, Shape: []int{1},
		Fill: &workloads.InputSpec{Kind: workloads.FillPosition}})
}

// param is uniform in [-1, 1).
func (g *testGraph) param(name string, shape ...int) *workloads.Value {
	return g.value(workloads.Value{Name: name, Kind: workloads.Param, DType: workloads.F32, Shape: shape,
		Param: &workloads.ParamSpec{Seed: 7, Scale: 1.0 / (1 << 21)}})
}

func (g *testGraph) state(name string, shape ...int) *workloads.Value {
	return g.value(workloads.Value{Name: name, Kind: workloads.State, DType: workloads.F32, Shape: shape})
}

func (g *testGraph) node(op workloads.Op, attr workloads.Attr, in ...*workloads.Value) *workloads.Value {
	shape, err := workloads.InferShape(op, attr, in)
	if err != nil {
		panic(err)
	}
	out := g.value(workloads.Value{Name: fmt.Sprintf("%s.%d", op, len(g.Nodes)), Kind: workloads.Computed, DType: workloads.F32, Shape: shape})
	g.Nodes = append(g.Nodes, &workloads.Node{Op: op, In: in, Out: out, Attr: attr})
	return out
}

// conv makes an image of c channels whose channels come first in the model.
func (g *testGraph) conv(x *workloads.Value, name string, c int) *workloads.Value {
	return g.node(workloads.OpConv2D, workloads.Attr{Kernel: 1, Stride: 1}, x, g.param(name, 1, 1, x.Shape[3], c))
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
		g := &testGraph{Graph: workloads.Graph{Name: fmt.Sprint(o.name, "/", i), Batch: 2}, named: map[string]*workloads.Value{}}
		g.Outputs = o.build(g, r)
		w.Phases = append(w.Phases, workloads.Phase{Name: fmt.Sprint("phase", i), Graph: &g.Graph})
	}
	return w
}

func one(v ...*workloads.Value) []*workloads.Value { return v }

// unary is an operation on one value, in both layouts.
func unary(op workloads.Op) operation {
	return operation{name: string(op), build: func(g *testGraph, _ int) []*workloads.Value {
		x := g.conv(g.input("image", 2, 4, 5, 3), "w", 6)
		return one(g.node(op, workloads.Attr{}, g.input("rows", 2, 5, 7)), g.node(op, workloads.Attr{}, x))
	}}
}

// binary is an operation on two values: of the rows layout, of the planes, and one of each.
func binary(op workloads.Op) operation {
	return operation{name: string(op), build: func(g *testGraph, _ int) []*workloads.Value {
		node := func(a, b *workloads.Value) *workloads.Value { return g.node(op, workloads.Attr{}, a, b) }
		image := g.input("image", 2, 4, 5, 3)
		x, y := g.conv(image, "w", 3), g.conv(image, "v", 3)
		return one(node(g.input("a", 2, 5, 7), g.input("b", 2, 5, 7)), node(x, y), node(x, image), node(image, y),
			node(g.conv(image, "u", 3), g.param("p", 2, 4, 5, 3)))
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
			in := one(g.input("image", 2, height, width, 3), g.param("w", attr.Kernel, attr.Kernel, 3, 8))
			if bias {
				in = append(in, g.param("b", 8))
			}
			return one(g.node(workloads.OpConv2D, attr, in...))
		}}
	}
	return []operation{
		conv("conv 1x1", 4, 5, workloads.Attr{Kernel: 1, Stride: 1}, false),
		conv("conv 3x3 pad bias", 6, 5, workloads.Attr{Kernel: 3, Stride: 1, Pad: 1}, true),
		conv("conv 7x7 stride 2", 9, 11, workloads.Attr{Kernel: 7, Stride: 2, Pad: 3}, true),
		{name: "conv1d", build: func(g *testGraph, _ int) []*workloads.Value {
			x := g.node(workloads.OpConv1D, workloads.Attr{Kernel: 3, Stride: 1, Pad: 1}, g.input("x", 2, 9, 4), g.param("w", 3, 4, 6), g.param("b", 6))
			x = g.node(workloads.OpGelu, workloads.Attr{}, x)
			return one(g.node(workloads.OpConv1D, workloads.Attr{Kernel: 3, Stride: 2, Pad: 1}, x, g.param("v", 3, 6, 5)))
		}},
		{name: "max_pool", build: func(g *testGraph, _ int) []*workloads.Value {
			image := g.input("image", 2, 7, 9, 3)
			return one(g.node(workloads.OpMaxPool, workloads.Attr{Kernel: 3, Stride: 2, Pad: 1}, image),
				g.node(workloads.OpMaxPool, workloads.Attr{Kernel: 2, Stride: 2}, g.conv(image, "w", 4)))
		}},
		{name: "global_avg_pool", build: func(g *testGraph, _ int) []*workloads.Value {
			return one(g.node(workloads.OpGlobalAvgPool, workloads.Attr{}, g.input("image", 2, 7, 9, 3)))
		}},
		{name: "upsample", build: func(g *testGraph, _ int) []*workloads.Value {
			return one(g.node(workloads.OpUpsample, workloads.Attr{}, g.input("image", 2, 3, 5, 3)))
		}},
		{name: "group_norm", build: func(g *testGraph, _ int) []*workloads.Value {
			norm := func(x *workloads.Value) *workloads.Value {
				return g.node(workloads.OpGroupNorm, workloads.Attr{Groups: 3, Eps: 1e-5}, x, g.param("gamma", 12), g.param("beta", 12))
			}
			return one(norm(g.input("image", 2, 3, 5, 12)), norm(g.conv(g.input("small", 2, 4, 3, 3), "w", 12)),
				norm(g.input("sequence", 2, 7, 12)), norm(g.input("row", 2, 12)))
		}},
		{name: "add_rows", build: func(g *testGraph, _ int) []*workloads.Value {
			y := g.input("y", 2, 6)
			add := func(x *workloads.Value) *workloads.Value { return g.node(workloads.OpAddRows, workloads.Attr{}, x, y) }
			image := g.input("image", 2, 3, 5, 6)
			return one(add(image), add(g.conv(image, "w", 6)), add(g.input("sequence", 2, 7, 6)), add(g.input("row", 2, 6)))
		}},
		{name: "layouts meet", build: func(g *testGraph, _ int) []*workloads.Value {
			x := g.conv(g.input("image", 2, 4, 6, 3), "w", 8)
			h := g.node(workloads.OpGroupNorm, workloads.Attr{Groups: 2, Eps: 1e-5}, x, g.param("g", 8), g.param("b", 8))
			h = g.node(workloads.OpLinear, workloads.Attr{}, h, g.param("in", 8, 8))
			x = g.node(workloads.OpAdd, workloads.Attr{}, x, h)
			h = g.node(workloads.OpConcat, workloads.Attr{}, g.node(workloads.OpUpsample, workloads.Attr{}, x), g.input("skip", 2, 8, 12, 2))
			return one(x, g.conv(h, "out", 4))
		}},
	}
}

func rowOperations() []operation {
	linear := func(g *testGraph, transposed bool, x *workloads.Value, bias bool) *workloads.Value {
		in := one(x, g.param("w", 7, 6))
		if transposed {
			in[1] = g.param("wt", 6, 7)
		}
		if bias {
			in = append(in, g.param("b", 6))
		}
		return g.node(workloads.OpLinear, workloads.Attr{Transposed: transposed}, in...)
	}
	return []operation{
		{name: "linear", build: func(g *testGraph, _ int) []*workloads.Value {
			var out []*workloads.Value
			for _, x := range one(g.input("flat", 2, 7), g.input("rows", 2, 5, 7), g.input("image", 2, 3, 4, 7)) {
				out = append(out, linear(g, false, x, false), linear(g, false, x, true), linear(g, true, x, false), linear(g, true, x, true))
			}
			return out
		}},
		{name: "layer_norm", build: func(g *testGraph, _ int) []*workloads.Value {
			return one(g.node(workloads.OpLayerNorm, workloads.Attr{Eps: 1e-5}, g.input("x", 2, 5, 7), g.param("g", 7), g.param("b", 7)))
		}},
		{name: "rms_norm", build: func(g *testGraph, _ int) []*workloads.Value {
			return one(g.node(workloads.OpRMSNorm, workloads.Attr{Eps: 1e-5}, g.input("x", 2, 5, 7), g.param("g", 7)))
		}},
		{name: "embedding", build: func(g *testGraph, _ int) []*workloads.Value {
			return one(g.node(workloads.OpEmbedding, workloads.Attr{}, g.param("table", 70, 9), g.ids("ids", 70, 2, 5)))
		}},
		{name: "embedding_bag", build: func(g *testGraph, _ int) []*workloads.Value {
			return one(g.node(workloads.OpEmbeddingBag, workloads.Attr{}, g.param("table", 70, 9), g.ids("ids", 70, 2, 5)))
		}},
		{name: "last", rows: []int{5, 1}, build: func(g *testGraph, rows int) []*workloads.Value {
			return one(g.node(workloads.OpLast, workloads.Attr{}, g.input("x", 2, rows, 7)))
		}},
		{name: "rope", rows: []int{5, 1}, build: func(g *testGraph, rows int) []*workloads.Value {
			attr := workloads.Attr{HeadDim: 8, Theta: 1e4, Yarn: workloads.YarnScaling{Factor: 4, BetaFast: 32, BetaSlow: 1, Context: 64}}
			g.state("keys", 2, 9, 16)
			x := g.input("x", 2, rows, 24)
			return one(g.node(workloads.OpRope, attr, x, g.position()), g.node(workloads.OpRope, attr, g.input("y", 2, rows, 8), g.position()))
		}},
	}
}
