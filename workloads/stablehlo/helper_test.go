package stablehlo

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

// net builds the graph of a phase; a shape that does not fit panics. Weights are quantised where the precision asks for it.
type net struct {
	precision string
	graph     *workloads.Graph
	named     map[string]*workloads.Value
}

func newNet(precision, name string) *net {
	return &net{precision, &workloads.Graph{Name: name, Batch: 1}, map[string]*workloads.Value{}}
}

func (n *net) add(v *workloads.Value) *workloads.Value {
	if old := n.named[v.Name]; old != nil {
		return old
	}
	v.ID, n.named[v.Name] = len(n.graph.Values), v
	n.graph.Values = append(n.graph.Values, v)
	return v
}

func (n *net) input(name string, shape ...int) *workloads.Value {
	return n.add(&workloads.Value{Name: name, Kind: workloads.Input, DType: workloads.F32, Shape: shape,
		Fill: &workloads.InputSpec{Kind: workloads.FillUniform}})
}

// ids are integers below limit.
func (n *net) ids(name string, limit int, shape ...int) *workloads.Value {
	return n.add(&workloads.Value{Name: name, Kind: workloads.Input, DType: workloads.I32, Shape: shape,
		Fill: &workloads.InputSpec{Kind: workloads.FillTokens, Vocab: limit}})
}

func (n *net) position() *workloads.Value {
	return n.add(&workloads.Value{Name: "position", Kind: workloads.Input, DType: workloads.I32, Shape: []int{1},
		Fill: &workloads.InputSpec{Kind: workloads.FillPosition}})
}

// param is uniform in [-1, 1).
func (n *net) param(name string, shape ...int) *workloads.Value {
	return n.add(&workloads.Value{Name: name, Kind: workloads.Param, DType: workloads.F32, Shape: shape,
		Param: &workloads.ParamSpec{Seed: 7, Scale: 1.0 / (1 << 21)}})
}

// weight is a factor of a product over blocks of elements that lie stride apart, some half of a unit large.
func (n *net) weight(name string, block, stride int, shape ...int) *workloads.Value {
	v := n.param(name, shape...)
	switch n.precision {
	case workloads.Int8:
		v.Param.Bits = 8
	case workloads.Int4:
		v.Param.Bits = 4
	case workloads.Float8:
		v.Param.Bits, v.Param.Store = 8, workloads.F8E4M3
	default:
		return v
	}
	v.Param.Block, v.Param.Stride = block, stride
	v.Param.Scale = 1 / (float32(v.Param.LevelCount()) * (1 << 23))
	return v
}

func (n *net) state(name string, shape ...int) *workloads.Value {
	return n.add(&workloads.Value{Name: name, Kind: workloads.State, DType: workloads.F32, Shape: shape})
}

func (n *net) node(op workloads.Op, a workloads.Attr, in ...*workloads.Value) *workloads.Value {
	shape, err := workloads.InferShape(op, a, in)
	if err != nil {
		panic(err)
	}
	out := n.add(&workloads.Value{Name: fmt.Sprintf("%s.%d", op, len(n.graph.Nodes)), Kind: workloads.Computed, DType: workloads.F32, Shape: shape})
	n.graph.Nodes = append(n.graph.Nodes, &workloads.Node{Op: op, In: in, Out: out, Attr: a})
	n.graph.Outputs = []*workloads.Value{out}
	return out
}

// workloadOf makes a workload of graphs, each a phase.
func workloadOf(nets ...*net) *workloads.Workload {
	w := &workloads.Workload{Name: "test", Seed: 3, Pool: 4, Options: workloads.Options{Batch: 1, ISL: 4, OSL: 4, Precision: nets[0].precision}}
	for _, n := range nets {
		w.Phases = append(w.Phases, workloads.Phase{Name: n.graph.Name, Graph: n.graph})
	}
	return w
}

// find is a standard workload.
func find(t testing.TB, name string, o workloads.Options) *workloads.Workload {
	t.Helper()
	w, err := workloads.Find(name, o)
	require.NoError(t, err)
	return w
}

// opCase is an operation at small size.
type opCase struct {
	name  string
	build func(n *net)
}

func opCases() []opCase {
	attention := workloads.Attr{Heads: 4, KVHeads: 2, HeadDim: 4}
	with := func(change func(a *workloads.Attr)) workloads.Attr {
		a := attention
		change(&a)
		return a
	}
	linear := func(rows, k, m, block int) func(n *net) {
		return func(n *net) {
			n.node(workloads.OpLinear, workloads.Attr{}, n.input("x", 1, rows, k), n.weight("w", block, m, k, m), n.param("b", m))
		}
	}
	cache := func(rows, kept int, a workloads.Attr, sinks bool) func(n *net) {
		return func(n *net) {
			in := []*workloads.Value{n.input("q", 2, rows, 16), n.input("k", 2, rows, 8), n.input("v", 2, rows, 8),
				n.state("keys", 2, kept, 8), n.state("values", 2, kept, 8), n.position()}
			if sinks {
				in = append(in, n.param("sinks", 4))
			}
			n.node(workloads.OpAttention, a, in...)
		}
	}
	moe := func(rows, experts int, clamp float64, biased bool) func(n *net) {
		return func(n *net) {
			const d, f = 8, 6
			x := n.input("x", 1, rows, d)
			in := []*workloads.Value{x, n.node(workloads.OpLinear, workloads.Attr{}, x, n.param("router", d, experts)),
				n.weight("gate", d, f, experts, d, f), n.weight("up", d, f, experts, d, f), n.weight("down", f, d, experts, f, d)}
			if biased {
				in = append(in, n.param("gate.bias", experts, f), n.param("up.bias", experts, f), n.param("down.bias", experts, d))
			}
			n.node(workloads.OpMoE, workloads.Attr{TopK: 2, Clamp: clamp}, in...)
		}
	}
	unary := func(op workloads.Op) opCase {
		return opCase{string(op), func(n *net) { n.node(op, workloads.Attr{}, n.input("x", 2, 3, 5)) }}
	}
	binary := func(op workloads.Op) opCase {
		return opCase{string(op), func(n *net) { n.node(op, workloads.Attr{}, n.input("x", 2, 3), n.input("y", 2, 3)) }}
	}
	image := func(op workloads.Op, a workloads.Attr) func(n *net) {
		return func(n *net) { n.node(op, a, n.input("x", 2, 5, 6, 3)) }
	}
	return []opCase{
		unary(workloads.OpRelu), unary(workloads.OpGelu), unary(workloads.OpSilu), unary(workloads.OpSigmoid),
		unary(workloads.OpCopy), unary(workloads.OpLast), binary(workloads.OpAdd), binary(workloads.OpMul),
		{"add_rows", func(n *net) {
			n.node(workloads.OpAddRows, workloads.Attr{}, n.input("x", 2, 3, 4, 5), n.input("y", 2, 5))
		}},
		{"concat", func(n *net) {
			n.node(workloads.OpConcat, workloads.Attr{}, n.input("x", 2, 3, 4), n.input("y", 2, 3, 1), n.input("z", 2, 3, 2))
		}},
		{"embedding", func(n *net) {
			n.node(workloads.OpEmbedding, workloads.Attr{}, n.param("table", 11, 4), n.ids("ids", 11, 2, 3))
		}},
		{"embedding bag", func(n *net) {
			table := n.param("table", 11, 4)
			table.Param.Offset = 1 << 21 // sums so large that what is added last would be lost in 16 bits
			n.node(workloads.OpEmbeddingBag, workloads.Attr{}, table, n.ids("ids", 11, 3, 600))
		}},
		{"linear", linear(3, 8, 5, 8)},
		{"linear in blocks", linear(3, 8, 5, 4)},
		{"linear of one row", linear(1, 8, 5, 8)},
		{"linear of one row in blocks", linear(1, 8, 5, 2)},
		{"linear of two axes, transposed", func(n *net) {
			n.node(workloads.OpLinear, workloads.Attr{Transposed: true}, n.input("x", 3, 8), n.weight("w", 8, 1, 5, 8))
		}},
		{"linear of one row in blocks, transposed", func(n *net) {
			n.node(workloads.OpLinear, workloads.Attr{Transposed: true}, n.input("x", 1, 8), n.weight("w", 4, 1, 5, 8))
		}},
		{"conv2d", func(n *net) {
			n.node(workloads.OpConv2D, workloads.Attr{Kernel: 3, Stride: 2, Pad: 1}, n.input("x", 2, 5, 6, 3),
				n.weight("w", 27, 4, 3, 3, 3, 4), n.param("b", 4))
		}},
		{"conv1d", func(n *net) {
			n.node(workloads.OpConv1D, workloads.Attr{Kernel: 3, Stride: 2, Pad: 1}, n.input("x", 2, 7, 3), n.weight("w", 9, 4, 3, 3, 4))
		}},
		{"max_pool", image(workloads.OpMaxPool, workloads.Attr{Kernel: 3, Stride: 2, Pad: 1})},
		{"global_avg_pool", image(workloads.OpGlobalAvgPool, workloads.Attr{})},
		{"upsample", image(workloads.OpUpsample, workloads.Attr{})},
		{"layer_norm", func(n *net) {
			n.node(workloads.OpLayerNorm, workloads.Attr{Eps: 1e-5}, n.input("x", 2, 3, 8), n.param("g", 8), n.param("b", 8))
		}},
		{"rms_norm", func(n *net) {
			n.node(workloads.OpRMSNorm, workloads.Attr{Eps: 1e-5}, n.input("x", 2, 3, 8), n.param("g", 8))
		}},
		{"group_norm", func(n *net) {
			n.node(workloads.OpGroupNorm, workloads.Attr{Groups: 2, Eps: 1e-5}, n.input("x", 2, 3, 2, 8), n.param("g", 8), n.param("b", 8))
		}},
		{"rope", func(n *net) {
			n.node(workloads.OpRope, workloads.Attr{HeadDim: 8, Theta: 100}, n.input("x", 2, 3, 16), n.position())
		}},
		{"rope, YaRN", func(n *net) {
			n.node(workloads.OpRope, workloads.Attr{HeadDim: 8, Theta: 1e4, Yarn: workloads.YarnScaling{Factor: 32, BetaFast: 32, BetaSlow: 1, Context: 4096}},
				n.input("x", 2, 3, 16), n.position())
		}},
		{"attention", func(n *net) {
			n.node(workloads.OpAttention, attention, n.input("q", 2, 3, 16), n.input("k", 2, 5, 8), n.input("v", 2, 5, 8))
		}},
		{"attention, causal", func(n *net) {
			n.node(workloads.OpAttention, with(func(a *workloads.Attr) { a.Causal = true }), n.input("q", 2, 5, 16), n.input("k", 2, 5, 8), n.input("v", 2, 5, 8))
		}},
		{"attention, causal, in blocks", func(n *net) {
			n.node(workloads.OpAttention, workloads.Attr{Heads: 2, KVHeads: 1, HeadDim: 2, Causal: true},
				n.input("q", 1, causalBlock+3, 4), n.input("k", 1, causalBlock+3, 2), n.input("v", 1, causalBlock+3, 2))
		}},
		{"attention of an image", func(n *net) {
			n.node(workloads.OpAttention, with(func(a *workloads.Attr) { a.KVHeads = 4 }), n.input("q", 2, 3, 2, 16), n.input("k", 2, 4, 16), n.input("v", 2, 4, 16))
		}},
		{"attention, cache", cache(3, 9, attention, false)},
		{"attention, cache, one row", cache(1, 9, attention, false)},
		{"attention, window and sinks", cache(1, 9, with(func(a *workloads.Attr) { a.Window = 2 }), true)},
		{"attention, large sinks", func(n *net) {
			cache(2, 9, attention, true)(n)
			n.named["sinks"].Param.Scale *= 200 // exp overflows unless they are shifted too
		}},
		{"attention, window", cache(2, 9, with(func(a *workloads.Attr) { a.Window = 3 }), false)},
		{"attention, window beyond the cache, sinks", cache(3, 9, with(func(a *workloads.Attr) { a.Window = 7 }), true)},
		{"store", func(n *net) {
			x := n.node(workloads.OpStore, workloads.Attr{}, n.input("x", 2, 3), n.state("kept", 2, 3))
			n.node(workloads.OpAdd, workloads.Attr{}, x, n.state("kept", 2, 3))
		}},
		{"moe, equal logits, few rows", func(n *net) {
			moe(2, 4, 0, false)(n)
			n.named["router"].Param.Scale = 0
		}},
		{"moe, equal logits, many rows", func(n *net) {
			moe(5, 4, 0, false)(n)
			n.named["router"].Param.Scale = 0
		}},
		{"moe, few rows", moe(2, 4, 0, false)},
		{"moe, few rows, biased", moe(1, 4, 0.5, true)},
		{"moe, many rows", moe(5, 4, 0, false)},
		{"moe, many rows, biased", moe(5, 3, 0.5, true)},
	}
}

// caseOf is an operation as a workload of one phase.
func (c opCase) workload(precision string) *workloads.Workload {
	n := newNet(precision, "test")
	c.build(n)
	return workloadOf(n)
}

// tinyDecoder has a layer without and one with a window, a prefill of four rows and three decoding steps.
func tinyDecoder(precision string) *workloads.Workload {
	phase := func(name string, rows int) *net {
		n := newNet(precision, name)
		x, at := n.node(workloads.OpEmbedding, workloads.Attr{}, n.param("table", 11, 8), n.ids("ids", 11, 2, rows)), n.position()
		product := func(x *workloads.Value, name string, k, m int) *workloads.Value {
			return n.node(workloads.OpLinear, workloads.Attr{}, x, n.weight(name, 4, m, k, m))
		}
		rope := func(x *workloads.Value) *workloads.Value {
			return n.node(workloads.OpRope, workloads.Attr{HeadDim: 4, Theta: 50}, x, at)
		}
		for layer := range 2 {
			name := func(part string) string { return fmt.Sprint(part, layer) }
			y := n.node(workloads.OpAttention, workloads.Attr{Heads: 4, KVHeads: 2, HeadDim: 4, Window: 3 * layer},
				rope(product(x, name("q"), 8, 16)), rope(product(x, name("k"), 8, 8)), product(x, name("v"), 8, 8),
				n.state(name("keys"), 2, 7, 8), n.state(name("values"), 2, 7, 8), at)
			x = n.node(workloads.OpAdd, workloads.Attr{}, x, product(y, name("o"), 16, 8))
		}
		n.node(workloads.OpLast, workloads.Attr{}, x)
		return n
	}
	return workloadOf(phase("prefill", 4), phase("decode", 1))
}
