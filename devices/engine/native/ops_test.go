package native

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/devices/engine/native/kernel"
	"github.com/accelbench/accelbench/workloads"
)

type (
	attr  = workloads.Attr
	value = workloads.Value
)

// cases are small graphs of odd shapes, one or more for each operation and each thing that a product takes along.
func cases() map[string]func(g *testGraph) {
	unary := func(op workloads.Op) func(g *testGraph) {
		return func(g *testGraph) { g.Node(op, attr{}, g.Input("x", 3, 7, 5)) }
	}
	binary := func(op workloads.Op) func(g *testGraph) {
		return func(g *testGraph) { g.Node(op, attr{}, g.Input("x", 3, 7, 5), g.Input("y", 3, 7, 5)) }
	}
	conv := func(b, h, w, c, o, k, stride, pad int) func(g *testGraph) {
		return func(g *testGraph) {
			g.Node(workloads.OpConv2D, attr{Kernel: k, Stride: stride, Pad: pad}, g.Input("x", b, h, w, c), g.Param("f", k, k, c, o), g.Param("bias", o))
		}
	}
	attention := func(b, s, heads, kv, d int, causal bool) func(g *testGraph) {
		return func(g *testGraph) {
			g.Node(workloads.OpAttention, attr{Heads: heads, KVHeads: kv, HeadDim: d, Causal: causal},
				g.Input("q", b, s, heads*d), g.Input("k", b, s, kv*d), g.Input("v", b, s, kv*d))
		}
	}
	return all(moreCases(), map[string]func(g *testGraph){
		"copy": unary(workloads.OpCopy), "relu": unary(workloads.OpRelu), "gelu": unary(workloads.OpGelu), "silu": unary(workloads.OpSilu),
		"add": binary(workloads.OpAdd), "mul": binary(workloads.OpMul),
		"copy long": func(g *testGraph) { g.Node(workloads.OpSilu, attr{}, g.Input("x", 3, 20001)) },
		"add self": func(g *testGraph) {
			y := g.linear(g.Input("x", 3, 5), "w", 7)
			g.Node(workloads.OpAdd, attr{}, y, y)
		},
		"embedding": func(g *testGraph) {
			g.Node(workloads.OpEmbedding, attr{}, g.Param("table", 11, 6), g.IDs("ids", 11, 2, 9))
		},
		"linear": func(g *testGraph) { g.linear(g.Input("x", 3, 9, 33), "w", 41) },
		"linear without bias": func(g *testGraph) {
			g.Node(workloads.OpLinear, attr{}, g.Input("x", 5, 300), g.Param("w", 300, 130))
		},
		"linear transposed": func(g *testGraph) {
			g.Node(workloads.OpLinear, attr{Transposed: true}, g.Input("x", 1, 70), g.Param("w", 517, 70))
		},
		"linear both ways": func(g *testGraph) {
			x := g.Node(workloads.OpLinear, attr{Transposed: true}, g.Input("x", 2, 40), g.Param("w", 40, 40))
			g.Node(workloads.OpLinear, attr{}, x, g.Param("w", 40, 40))
		},
		"linear computed weight": func(g *testGraph) {
			x := g.Input("x", 4, 30)
			w := g.linear(g.Input("y", 30, 20), "w", 50)
			g.Node(workloads.OpLinear, attr{}, x, w)
		},
		"linear computed weight transposed": func(g *testGraph) {
			g.Node(workloads.OpLinear, attr{Transposed: true}, g.Input("x", 4, 30), g.Input("w", 50, 30))
		},
		"tied embedding": func(g *testGraph) {
			table := g.Param("table", 1001, 32)
			x := g.Node(workloads.OpLast, attr{}, g.Node(workloads.OpEmbedding, attr{}, table, g.IDs("ids", 1001, 1, 5)))
			g.Node(workloads.OpLinear, attr{Transposed: true}, x, table)
		},
		"tied embedding, many rows": func(g *testGraph) {
			table := g.Param("table", 99, 32)
			g.Node(workloads.OpLinear, attr{Transposed: true}, g.Node(workloads.OpEmbedding, attr{}, table, g.IDs("ids", 99, 2, 5)), table)
		},
		"linear relu": func(g *testGraph) { g.Node(workloads.OpRelu, attr{}, g.linear(g.Input("x", 150, 20), "w", 700)) },
		"linear gelu": func(g *testGraph) { g.Node(workloads.OpGelu, attr{}, g.linear(g.Input("x", 9, 20), "w", 130)) },
		"linear silu": func(g *testGraph) { g.Node(workloads.OpSilu, attr{}, g.linear(g.Input("x", 9, 20), "w", 130)) },
		"linear add relu": func(g *testGraph) {
			x := g.Input("x", 19, 40)
			g.Node(workloads.OpRelu, attr{}, g.Node(workloads.OpAdd, attr{}, x, g.linear(x, "w", 40)))
		},
		"linear add gelu": func(g *testGraph) {
			x := g.Input("x", 19, 40)
			g.Node(workloads.OpGelu, attr{}, g.Node(workloads.OpAdd, attr{}, g.linear(x, "w", 40), x))
		},
		"two linear add": func(g *testGraph) {
			x := g.Input("x", 19, 40)
			g.Node(workloads.OpAdd, attr{}, g.linear(x, "w", 40), g.linear(x, "v", 40))
		},
		"silu gate": func(g *testGraph) {
			x := g.Input("x", 19, 40)
			g.Node(workloads.OpMul, attr{}, g.Node(workloads.OpSilu, attr{}, g.linear(x, "w", 600)), g.linear(x, "v", 600))
		},
		"silu gate, other order": func(g *testGraph) {
			x := g.Input("x", 1, 40)
			up := g.linear(x, "v", 600)
			g.Node(workloads.OpMul, attr{}, up, g.Node(workloads.OpSilu, attr{}, g.linear(x, "w", 600)))
		},
		"relu gate": func(g *testGraph) {
			x := g.Input("x", 19, 40)
			g.Node(workloads.OpMul, attr{}, g.Node(workloads.OpRelu, attr{}, g.linear(x, "w", 60)), g.linear(x, "v", 60))
		},
		"relu read twice": func(g *testGraph) {
			y := g.linear(g.Input("x", 19, 40), "w", 40)
			g.Node(workloads.OpAdd, attr{}, g.Node(workloads.OpRelu, attr{}, y), y)
		},
		"outputs inside": func(g *testGraph) {
			x := g.Input("x", 19, 40)
			y := g.linear(x, "w", 40)
			z := g.Node(workloads.OpRelu, attr{}, y)
			g.Outputs = []*value{y, x, z, y, g.Param("p", 3, 4)}
		},
		"conv 3x3": conv(2, 9, 11, 5, 7, 3, 1, 1), "conv 3x3 stride 2": conv(1, 9, 12, 20, 33, 3, 2, 1),
		"conv 1x1": conv(2, 5, 7, 33, 40, 1, 1, 0), "conv 1x1 stride 2": conv(2, 5, 7, 33, 40, 1, 2, 0),
		"conv stem": conv(1, 35, 31, 3, 64, 7, 2, 3), "conv valid": conv(1, 6, 6, 90, 10, 5, 1, 0),
		"conv pad beyond": conv(1, 2, 1, 4, 9, 5, 3, 4), "conv deep": conv(1, 7, 7, 130, 200, 3, 1, 1),
		"residual": func(g *testGraph) {
			c := func(x *value, name string) *value {
				return g.Node(workloads.OpConv2D, attr{Kernel: 3, Stride: 1, Pad: 1}, x, g.Param(name, 3, 3, 8, 8), g.Param(name+".bias", 8))
			}
			x := g.Node(workloads.OpRelu, attr{}, c(g.Input("x", 2, 6, 5, 8), "a"))
			y := c(g.Node(workloads.OpRelu, attr{}, c(x, "b")), "c")
			x = g.Node(workloads.OpRelu, attr{}, g.Node(workloads.OpAdd, attr{}, y, c(x, "d")))
			g.Node(workloads.OpGlobalAvgPool, attr{}, x)
		},
		"max pool": func(g *testGraph) {
			g.Node(workloads.OpMaxPool, attr{Kernel: 3, Stride: 2, Pad: 1}, g.Input("x", 2, 9, 8, 17))
		},
		"max pool of negatives": func(g *testGraph) {
			x := g.Node(workloads.OpAdd, attr{}, g.Input("x", 1, 4, 4, 3), g.Param("p", 1, 4, 4, 3))
			g.Node(workloads.OpMaxPool, attr{Kernel: 3, Stride: 1, Pad: 2}, x)
		},
		"average": func(g *testGraph) { g.Node(workloads.OpGlobalAvgPool, attr{}, g.Input("x", 3, 5, 7, 19)) },
		"last":    func(g *testGraph) { g.Node(workloads.OpLast, attr{}, g.Input("x", 3, 5, 7)) },
		"layer norm": func(g *testGraph) {
			g.Node(workloads.OpLayerNorm, attr{Eps: 1e-5}, g.Input("x", 300, 77), g.Param("gamma", 77), g.Param("beta", 77))
		},
		"rms norm": func(g *testGraph) {
			g.Node(workloads.OpRMSNorm, attr{Eps: 1e-5}, g.Input("x", 3, 5, 77), g.Param("gamma", 77))
		},
		"rope": func(g *testGraph) {
			g.Node(workloads.OpRope, attr{HeadDim: 10, Theta: 10000}, g.Input("x", 2, 7, 30), g.Position())
		},
		"attention": attention(2, 37, 3, 3, 20, false), "attention causal": attention(1, 300, 4, 2, 16, true),
		"attention short": attention(2, 2, 6, 2, 33, false), "attention one row": attention(3, 1, 2, 1, 8, true),
		"attention long": attention(1, 600, 2, 2, 8, false),
	})
}

func TestOps(t *testing.T) {
	for name, build := range cases() {
		for _, set := range kernel.Sets() {
			t.Run(name+"/"+set.Name, func(t *testing.T) {
				g := newTestGraph(name)
				build(g)
				requireReference(t, set, 2, workload(1, g))
			})
		}
	}
}

func TestThreadsMakeTheSameBits(t *testing.T) {
	for name, build := range cases() {
		t.Run(name, func(t *testing.T) {
			var first []workloads.Tensor
			for _, threads := range []int{1, 2, 3, 4, 7} {
				g := newTestGraph(name)
				build(g)
				w := workload(1, g)
				_, out := call(t, open(t, kernel.Best(), threads, w), w, 0, 1)
				if first == nil {
					first = out
				}
				require.Equal(t, first, out, "%d threads", threads)
			}
		})
	}
}

// decoder is a two-layer decoder of small odd shape, as its prefill or decode graph.
func decoder(batch, rows, kept int) *testGraph {
	g := newTestGraph(fmt.Sprint("decoder", rows))
	const heads, kv, d = 6, 2, 12
	table := g.Param("table", 61, heads*d)
	position := g.Position()
	x := g.Node(workloads.OpEmbedding, attr{}, table, g.IDs("ids", 61, batch, rows))
	for l := range 2 {
		name := func(s string) string { return fmt.Sprint(s, l) }
		h := g.Node(workloads.OpRMSNorm, attr{Eps: 1e-5}, x, g.Param(name("norm"), heads*d))
		rope := func(x *value) *value { return g.Node(workloads.OpRope, attr{HeadDim: d, Theta: 1e4}, x, position) }
		q, k, v := rope(g.linear(h, name("q"), heads*d)), rope(g.linear(h, name("k"), kv*d)), g.linear(h, name("v"), kv*d)
		y := g.Node(workloads.OpAttention, attr{Heads: heads, KVHeads: kv, HeadDim: d}, q, k, v,
			g.State(name("keys"), batch, kept, kv*d), g.State(name("values"), batch, kept, kv*d), position)
		x = g.Node(workloads.OpAdd, attr{}, x, g.linear(y, name("o"), heads*d))
		h = g.Node(workloads.OpRMSNorm, attr{Eps: 1e-5}, x, g.Param(name("norm2"), heads*d))
		gate := g.Node(workloads.OpSilu, attr{}, g.linear(h, name("gate"), 100))
		x = g.Node(workloads.OpAdd, attr{}, x, g.linear(g.Node(workloads.OpMul, attr{}, gate, g.linear(h, name("up"), 100)), name("down"), heads*d))
	}
	g.Node(workloads.OpLinear, attr{Transposed: true}, g.Node(workloads.OpLast, attr{}, x), table)
	return g
}

// TestPhasesShareStates also shows that a first call starts the states anew: requireReference runs two queries.
func TestPhasesShareStates(t *testing.T) {
	for _, rows := range []int{1, 3, 5, 40} {
		for _, set := range kernel.Sets() {
			t.Run(fmt.Sprint(rows, set.Name), func(t *testing.T) {
				w := workload(4, decoder(1, rows, rows+3), decoder(1, 1, rows+3))
				w.Options.ISL = rows
				requireReference(t, set, 2, w)
			})
		}
	}
}

// TestStatesInOrder reads a cache before and after it is written, as a whole: what a call leaves in it, and that a first call
// starts from zeros.
func TestStatesInOrder(t *testing.T) {
	graph := func(rows int) *testGraph {
		g := newTestGraph(fmt.Sprint("states", rows))
		q, k := g.Input("q", 2, rows, 12), g.Input("k", 2, rows, 6)
		keys, values := g.State("keys", 2, 7, 6), g.State("values", 2, 7, 6)
		before := g.Node(workloads.OpCopy, attr{}, keys)
		y := g.Node(workloads.OpAttention, attr{Heads: 2, KVHeads: 1, HeadDim: 6}, q, k, k, keys, values, g.Position())
		g.Outputs = []*value{before, y, g.Node(workloads.OpCopy, attr{}, keys), values}
		return g
	}
	w := workload(3, graph(5), graph(1))
	w.Options.ISL = 5
	requireReference(t, kernel.Best(), 2, w)
}

func TestRandomProducts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := newTestGraph("random")
		draw := func(name string, most int) int { return rapid.IntRange(1, most).Draw(rt, name) }
		switch rapid.SampledFrom([]string{"linear", "conv", "attention"}).Draw(rt, "op") {
		case "linear":
			g.linear(g.Input("x", draw("m", 40), draw("k", 90)), "w", draw("n", 200))
		case "conv":
			k := draw("kernel", 4)
			pad := rapid.IntRange(0, k-1).Draw(rt, "pad")
			c := draw("channels", 20)
			x := g.Input("x", draw("batch", 2), k+draw("height", 9)-1, k+draw("width", 9)-1, c)
			g.Node(workloads.OpConv2D, attr{Kernel: k, Stride: draw("stride", 3), Pad: pad}, x, g.Param("f", k, k, c, draw("out", 40)))
		case "attention":
			kv, group, d, b, s := draw("kv", 3), draw("group", 3), draw("d", 20), draw("batch", 2), draw("rows", 40)
			g.Node(workloads.OpAttention, attr{Heads: kv * group, KVHeads: kv, HeadDim: d, Causal: rapid.Bool().Draw(rt, "causal")},
				g.Input("q", b, s, kv*group*d), g.Input("k", b, s, kv*d), g.Input("v", b, s, kv*d))
		}
		requireReference(t, kernel.Best(), 2, workload(1, g))
	})
}
