package onnxruntime_test

import "github.com/accelbench/accelbench/workloads"

func attentionOperations() []operation {
	attention := func(name string, q, k []int, attr workloads.Attr) operation {
		return operation{name: "attention " + name, build: func(g *testGraph, _ int) []*workloads.Value {
			return one(g.Node(workloads.OpAttention, attr, g.Input("q", q...), g.Input("k", k...), g.Input("v", k...)))
		}}
	}
	return []operation{
		attention("of one kind of heads", []int{2, 5, 12}, []int{2, 5, 12}, workloads.Attr{Heads: 3, KVHeads: 3, HeadDim: 4}),
		attention("causal", []int{2, 5, 12}, []int{2, 5, 12}, workloads.Attr{Heads: 3, KVHeads: 3, HeadDim: 4, Causal: true}),
		attention("across lengths", []int{2, 5, 12}, []int{2, 7, 12}, workloads.Attr{Heads: 3, KVHeads: 3, HeadDim: 4}),
		attention("of pixels", []int{2, 3, 4, 12}, []int{2, 7, 12}, workloads.Attr{Heads: 3, KVHeads: 3, HeadDim: 4}),
		attention("of shared keys", []int{2, 5, 24}, []int{2, 7, 8}, workloads.Attr{Heads: 6, KVHeads: 2, HeadDim: 4}),
		attention("of shared keys, causal", []int{2, 5, 24}, []int{2, 5, 8}, workloads.Attr{Heads: 6, KVHeads: 2, HeadDim: 4, Causal: true}),
		attention("of many rows", []int{2, 130, 32}, []int{2, 300, 32}, workloads.Attr{Heads: 2, KVHeads: 2, HeadDim: 16}),
		{name: "attention causal of any length", rows: []int{5, 1}, build: func(g *testGraph, rows int) []*workloads.Value {
			x := g.Input("x", 2, rows, 12)
			return one(g.Node(workloads.OpAttention, workloads.Attr{Heads: 3, KVHeads: 3, HeadDim: 4, Causal: true}, x, x, x))
		}},
	}
}

// cached is attention with a cache: five tokens, then one in each of two calls.
func cached(name string, attr workloads.Attr, sinks bool) operation {
	return operation{name: "cached attention " + name, rows: []int{5, 1}, build: func(g *testGraph, rows int) []*workloads.Value {
		kv := attr.KVHeads * attr.HeadDim
		in := one(g.Input("q", 2, rows, attr.Heads*attr.HeadDim), g.Input("k", 2, rows, kv), g.Input("v", 2, rows, kv),
			g.State("keys", 2, 8, kv), g.State("values", 2, 8, kv), g.Position())
		if sinks {
			in = append(in, g.Param("sinks", attr.Heads))
		}
		return one(g.Node(workloads.OpAttention, attr, in...))
	}}
}

func cachedOperations() []operation {
	return []operation{
		cached("of one kind of heads", workloads.Attr{Heads: 2, KVHeads: 2, HeadDim: 16}, false),
		cached("of shared keys", workloads.Attr{Heads: 4, KVHeads: 2, HeadDim: 16}, false),
		cached("in a window", workloads.Attr{Heads: 4, KVHeads: 2, HeadDim: 16, Window: 3}, false),
		cached("with sinks", workloads.Attr{Heads: 4, KVHeads: 2, HeadDim: 16, Window: 3}, true),
		cached("of one kind of heads with sinks", workloads.Attr{Heads: 2, KVHeads: 2, HeadDim: 16}, true),
		{name: "layers of a decoder", rows: []int{5, 1}, build: func(g *testGraph, rows int) []*workloads.Value {
			x := g.Node(workloads.OpEmbedding, workloads.Attr{}, g.Param("table", 50, 32), g.IDs("tokens", 50, 2, rows))
			for _, layer := range []string{"a", "b"} {
				h := g.Node(workloads.OpRMSNorm, workloads.Attr{Eps: 1e-5}, x, g.Param(layer+".norm", 32))
				project := func(name string) *workloads.Value {
					return g.Node(workloads.OpLinear, workloads.Attr{}, h, g.Param(layer+name, 32, 32))
				}
				rope := func(x *workloads.Value) *workloads.Value {
					return g.Node(workloads.OpRope, workloads.Attr{HeadDim: 16, Theta: 1e4}, x, g.Position())
				}
				y := g.Node(workloads.OpAttention, workloads.Attr{Heads: 2, KVHeads: 2, HeadDim: 16}, rope(project(".q")), rope(project(".k")),
					project(".v"), g.State(layer+".keys", 2, 8, 32), g.State(layer+".values", 2, 8, 32), g.Position())
				x = g.Node(workloads.OpAdd, workloads.Attr{}, x, y)
			}
			x = g.Node(workloads.OpRMSNorm, workloads.Attr{Eps: 1e-5}, g.Node(workloads.OpLast, workloads.Attr{}, x), g.Param("norm", 32))
			return one(g.Node(workloads.OpLinear, workloads.Attr{Transposed: true}, x, g.Param("table", 50, 32)))
		}},
	}
}

// diffusion is a step of a small U-Net: residual blocks with a time, a transformer with a text, down and up again.
func diffusion() operation {
	return operation{name: "diffusion step", build: func(g *testGraph, _ int) []*workloads.Value {
		node := func(op workloads.Op, in ...*workloads.Value) *workloads.Value {
			return g.Node(op, workloads.Attr{Eps: 1e-5, Groups: 4}, in...)
		}
		width := func(x *workloads.Value) int { return x.Shape[len(x.Shape)-1] }
		product := func(x *workloads.Value, name string, to int) *workloads.Value {
			return node(workloads.OpLinear, x, g.Param(name, width(x), to), g.Param(name+".bias", to))
		}
		norm := func(op workloads.Op, x *workloads.Value, name string) *workloads.Value {
			return node(op, x, g.Param(name+".gamma", width(x)), g.Param(name+".beta", width(x)))
		}
		conv := func(x *workloads.Value, name string, stride, to int) *workloads.Value {
			return g.Node(workloads.OpConv2D, workloads.Attr{Kernel: 3, Stride: stride, Pad: 1}, x, g.Param(name, 3, 3, width(x), to), g.Param(name+".bias", to))
		}
		time := node(workloads.OpSilu, product(g.Input("time", 2, 6), "time.in", 12))
		block := func(x *workloads.Value, name string, to int) *workloads.Value {
			h := conv(node(workloads.OpSilu, norm(workloads.OpGroupNorm, x, name+".norm1")), name+".conv1", 1, to)
			h = node(workloads.OpAddRows, h, product(time, name+".time", to))
			h = conv(node(workloads.OpSilu, norm(workloads.OpGroupNorm, h, name+".norm2")), name+".conv2", 1, to)
			if width(x) != to {
				x = g.conv(x, name+".shortcut", to)
			}
			return node(workloads.OpAdd, x, h)
		}
		attend := func(x, y *workloads.Value, name string) *workloads.Value {
			q, k, v := product(x, name+".q", 16), product(y, name+".k", 16), product(y, name+".v", 16)
			return product(g.Node(workloads.OpAttention, workloads.Attr{Heads: 2, KVHeads: 2, HeadDim: 8}, q, k, v), name+".out", 16)
		}
		text := g.Input("text", 2, 5, 10)
		transformer := func(x *workloads.Value, name string) *workloads.Value {
			h := product(norm(workloads.OpGroupNorm, x, name+".norm"), name+".in", 16)
			y := norm(workloads.OpLayerNorm, h, name+".self_norm")
			h = node(workloads.OpAdd, h, attend(y, y, name+".self"))
			h = node(workloads.OpAdd, h, attend(norm(workloads.OpLayerNorm, h, name+".cross_norm"), text, name+".cross"))
			gate := node(workloads.OpGelu, product(h, name+".gate", 32))
			h = node(workloads.OpAdd, h, product(node(workloads.OpMul, gate, product(h, name+".up", 32)), name+".down", 16))
			return node(workloads.OpAdd, x, product(h, name+".out", 16))
		}
		skip := conv(g.Input("latent", 2, 8, 6, 4), "first", 1, 8)
		x := transformer(block(conv(skip, "shrink", 2, 8), "middle", 16), "transformer")
		x = node(workloads.OpConcat, conv(node(workloads.OpUpsample, x), "grow", 1, 16), skip)
		return one(conv(node(workloads.OpSilu, norm(workloads.OpGroupNorm, block(x, "up", 8), "last_norm")), "last", 1, 4))
	}}
}

// stateOperations keep something between calls.
func stateOperations() []operation {
	return []operation{
		{name: "store", rows: []int{4, 1}, build: func(g *testGraph, rows int) []*workloads.Value {
			memory := g.State("memory", 2, 4, 8)
			heads := workloads.Attr{Heads: 2, KVHeads: 2, HeadDim: 4}
			if rows > 1 { // the first phase writes the state and reads what it wrote
				y := g.Node(workloads.OpLinear, workloads.Attr{}, g.Input("x", 2, rows, 3), g.Param("w", 3, 8))
				g.Node(workloads.OpStore, workloads.Attr{}, y, memory)
			}
			q := g.Input("q", 2, rows, 8)
			return one(g.Node(workloads.OpAttention, heads, q, memory, memory))
		}},
		{name: "a state as an output", build: func(g *testGraph, _ int) []*workloads.Value {
			memory, x := g.State("memory", 2, 3), g.Input("x", 2, 3)
			return one(g.Node(workloads.OpStore, workloads.Attr{}, x, memory), x, memory)
		}},
	}
}
