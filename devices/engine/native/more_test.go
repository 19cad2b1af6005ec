package native

import (
	"fmt"
	"maps"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/devices/engine/native/kernel"
	"github.com/accelbench/accelbench/workloads"
)

// moe adds a mixture of experts to g.
func moe(g *testGraph, x *value, name string, experts, f int, biases bool, a attr) *value {
	d := x.Shape[2]
	in := []*value{x, g.linear(x, name+".router", experts), g.Param(name+".gate", experts, d, f), g.Param(name+".up", experts, d, f),
		g.Param(name+".down", experts, f, d)}
	if biases {
		in = append(in, g.Param(name+".gate.bias", experts, f), g.Param(name+".up.bias", experts, f), g.Param(name+".down.bias", experts, d))
	}
	return g.Node(workloads.OpMoE, a, in...)
}

// moreCases are those of the operations that only some families use.
func moreCases() map[string]func(g *testGraph) {
	mixture := func(b, s, d, experts, f int, biases bool, a attr) func(g *testGraph) {
		return func(g *testGraph) { moe(g, g.Input("x", b, s, d), "moe", experts, f, biases, a) }
	}
	conv := func(b, t, c, o, k, stride, pad int) func(g *testGraph) {
		return func(g *testGraph) {
			g.Node(workloads.OpConv1D, attr{Kernel: k, Stride: stride, Pad: pad}, g.Input("x", b, t, c), g.Param("f", k, c, o), g.Param("bias", o))
		}
	}
	norm := func(groups int, shape ...int) func(g *testGraph) {
		return func(g *testGraph) {
			d := shape[len(shape)-1]
			g.Node(workloads.OpGroupNorm, attr{Groups: groups, Eps: 1e-5}, g.Input("x", shape...), g.Param("gamma", d), g.Param("beta", d))
		}
	}
	attention := func(heads, kv, d int, q, k []int) func(g *testGraph) {
		return func(g *testGraph) {
			g.Node(workloads.OpAttention, attr{Heads: heads, KVHeads: kv, HeadDim: d}, g.Input("q", append(q, heads*d)...),
				g.Input("k", append(k, kv*d)...), g.Input("v", append(k, kv*d)...))
		}
	}
	cases := map[string]func(g *testGraph){
		"sigmoid":       func(g *testGraph) { g.Node(workloads.OpSigmoid, attr{}, g.Input("x", 3, 7, 5)) },
		"add rows":      func(g *testGraph) { g.Node(workloads.OpAddRows, attr{}, g.Input("x", 3, 7, 5, 9), g.Input("y", 3, 9)) },
		"add rows flat": func(g *testGraph) { g.Node(workloads.OpAddRows, attr{}, g.Input("x", 3, 9), g.Input("y", 3, 9)) },
		"concat": func(g *testGraph) {
			x := g.Input("x", 2, 7, 5)
			g.Node(workloads.OpConcat, attr{}, x, g.Input("y", 2, 7, 9), x, g.Input("z", 2, 7, 1))
		},
		"upsample": func(g *testGraph) { g.Node(workloads.OpUpsample, attr{}, g.Input("x", 2, 3, 5, 7)) },
		"bag": func(g *testGraph) {
			g.Node(workloads.OpEmbeddingBag, attr{}, g.Param("table", 11, 6), g.IDs("ids", 11, 3, 9))
		},
		"store": func(g *testGraph) {
			y := g.Node(workloads.OpStore, attr{}, g.linear(g.Input("x", 3, 5), "w", 4), g.State("kept", 3, 4))
			g.Outputs = []*value{g.Node(workloads.OpAdd, attr{}, y, g.State("kept", 3, 4)), y, g.State("kept", 3, 4)}
		},
		"state read before it is stored": func(g *testGraph) {
			kept := g.State("kept", 3, 4)
			y := g.linear(kept, "w", 4)
			g.Node(workloads.OpStore, attr{}, g.Input("x", 3, 4), kept)
			g.Node(workloads.OpRelu, attr{}, y)
		},
		"state added before it is stored": func(g *testGraph) {
			kept := g.State("kept", 3, 4)
			y := g.Node(workloads.OpAdd, attr{}, g.linear(g.Input("y", 3, 5), "w", 4), kept)
			g.Node(workloads.OpStore, attr{}, g.Input("x", 3, 4), kept)
			g.Node(workloads.OpRelu, attr{}, y)
		},
		"group norm": norm(4, 2, 5, 7, 20), "group norm, many pixels": norm(3, 2, 50, 50, 33), "group norm, one pixel": norm(5, 3, 35),
		"group norm, wide": norm(2, 1, 3, 20000),
		"group norm far from zero": func(g *testGraph) {
			x := g.Node(workloads.OpAddRows, attr{}, g.Input("x", 2, 40, 40, 6), g.linear(g.Input("y", 2, 600), "w", 6))
			g.Node(workloads.OpGroupNorm, attr{Groups: 2, Eps: 1e-6}, x, g.Param("gamma", 6), g.Param("beta", 6))
		},
		"conv1d": conv(2, 30, 5, 7, 3, 1, 1), "conv1d stride 2": conv(2, 31, 20, 33, 3, 2, 1), "conv1d one": conv(3, 9, 33, 40, 1, 1, 0),
		"conv1d one, stride 2": conv(3, 9, 33, 40, 1, 2, 0), "conv1d deep": conv(1, 13, 130, 200, 5, 1, 2), "conv1d pad beyond": conv(2, 1, 4, 9, 5, 3, 4),
		"conv1d gelu": func(g *testGraph) {
			conv(2, 30, 5, 7, 3, 1, 1)(g)
			g.Node(workloads.OpGelu, attr{}, g.Nodes[0].Out)
		},
		"attention cross": attention(4, 2, 12, []int{2, 37}, []int{2, 301}), "attention cross, few rows": attention(4, 2, 12, []int{2, 3}, []int{2, 301}),
		"attention cross, few keys": attention(3, 3, 20, []int{1, 301}, []int{1, 2}), "attention of images": attention(2, 2, 9, []int{2, 5, 7}, []int{2, 5, 7}),
		"attention of an image across": attention(2, 1, 9, []int{2, 11, 3, 2}, []int{2, 13}),
		"attention in parts":           attention(1, 1, 4, []int{1, 530}, []int{1, 6000}),
		"rope llama3": func(g *testGraph) {
			a := attr{HeadDim: 32, Theta: 500000, Llama3: workloads.Llama3Scaling{Factor: 8, Low: 1, High: 4, Context: 16}}
			g.Node(workloads.OpRope, a, g.Input("x", 2, 7, 64), g.Position())
		},
		"two ropes": func(g *testGraph) {
			yarn := workloads.YarnScaling{Factor: 32, BetaFast: 32, BetaSlow: 1, Context: 4096}
			x := g.Node(workloads.OpRope, attr{HeadDim: 16, Theta: 150000, Yarn: yarn}, g.Input("x", 2, 7, 48), g.Position())
			g.Node(workloads.OpRope, attr{HeadDim: 16, Theta: 150000}, x, g.Position())
		},
		"moe": mixture(2, 9, 20, 5, 33, false, attr{TopK: 2}), "moe biases": mixture(1, 7, 12, 3, 50, true, attr{TopK: 1}),
		"moe clamped": mixture(2, 19, 40, 8, 140, true, attr{TopK: 4, Clamp: 0.7}), "moe clamped without biases": mixture(1, 1, 64, 6, 300, false, attr{TopK: 3, Clamp: 7}),
		"moe of all": mixture(1, 3, 16, 3, 9, true, attr{TopK: 3}), "moe of one": mixture(1, 40, 16, 1, 90, false, attr{TopK: 1}),
		"moe many rows": mixture(1, 300, 70, 4, 520, false, attr{TopK: 2}),
		"moe ties": func(g *testGraph) {
			x := g.Input("x", 1, 9, 12)
			same := g.Node(workloads.OpMul, attr{}, g.Input("y", 1, 9, 6), g.zeros("zeros", 1, 9, 6))
			g.Node(workloads.OpMoE, attr{TopK: 2}, x, same, g.Param("gate", 6, 12, 20), g.Param("up", 6, 12, 20), g.Param("down", 6, 20, 12))
		},
		"moe twice": func(g *testGraph) {
			x := g.Input("x", 1, 9, 12)
			y := moe(g, x, "same", 4, 30, false, attr{TopK: 2})
			z := moe(g, x, "other", 4, 30, true, attr{TopK: 2})
			g.Node(workloads.OpAdd, attr{}, x, moe(g, g.Node(workloads.OpAdd, attr{}, y, z), "same", 4, 30, false, attr{TopK: 3}))
		},
		"unet": unet,
	}
	return cases
}

func (g *testGraph) zeros(name string, shape ...int) *value {
	v := g.Param(name, shape...)
	v.Param.Scale = 0
	return v
}

// unet is one step down and up: residual blocks with a time embedding, attention within the image and to a text, a skip.
func unet(g *testGraph) {
	conv := func(x *value, name string, kernel, stride, out int) *value {
		return g.Node(workloads.OpConv2D, attr{Kernel: kernel, Stride: stride, Pad: kernel / 2}, x,
			g.Param(name, kernel, kernel, x.Shape[3], out), g.Param(name+".bias", out))
	}
	norm := func(x *value, name string) *value {
		return g.Node(workloads.OpGroupNorm, attr{Groups: 4, Eps: 1e-5}, x, g.Param(name+".gamma", x.Shape[3]), g.Param(name+".beta", x.Shape[3]))
	}
	silu := func(x *value) *value { return g.Node(workloads.OpSilu, attr{}, x) }
	time := silu(g.linear(g.Input("step", 2, 10), "time", 24))
	block := func(x *value, name string, out int) *value {
		h := conv(silu(norm(x, name+".norm1")), name+".conv1", 3, 1, out)
		h = g.Node(workloads.OpAddRows, attr{}, h, g.linear(time, name+".time", out))
		h = conv(silu(norm(h, name+".norm2")), name+".conv2", 3, 1, out)
		return g.Node(workloads.OpAdd, attr{}, h, conv(x, name+".shortcut", 1, 1, out))
	}
	attend := func(x, from *value, name string) *value {
		heads := attr{Heads: 3, KVHeads: 3, HeadDim: 8}
		y := g.Node(workloads.OpAttention, heads, g.linear(x, name+".q", 24), g.linear(from, name+".k", 24), g.linear(from, name+".v", 24))
		return g.Node(workloads.OpAdd, attr{}, x, g.linear(y, name+".o", x.Shape[3]))
	}
	x := conv(g.Input("latent", 2, 6, 10, 4), "in", 3, 1, 8)
	skip := block(x, "down", 12)
	x = block(conv(skip, "half", 3, 2, 12), "mid", 16)
	h := g.Node(workloads.OpLayerNorm, attr{Eps: 1e-5}, x, g.Param("ln.gamma", 16), g.Param("ln.beta", 16))
	x = attend(attend(x, h, "self"), g.Input("text", 2, 7, 20), "cross")
	h = g.Node(workloads.OpMul, attr{}, g.linear(x, "geglu.v", 64), g.Node(workloads.OpGelu, attr{}, g.linear(x, "geglu.g", 64)))
	x = g.Node(workloads.OpAdd, attr{}, x, g.linear(h, "geglu.o", 16))
	x = g.Node(workloads.OpConcat, attr{}, conv(g.Node(workloads.OpUpsample, attr{}, x), "double", 3, 1, 16), skip)
	conv(silu(norm(block(x, "up", 8), "out.norm")), "out", 3, 1, 4)
}

// mixtureDecoder is a decoder as gpt-oss is one: windows on every other layer, sinks, stretched rotations, clamped experts.
func mixtureDecoder(batch, rows, kept, window int) *testGraph {
	g := newTestGraph(fmt.Sprint("mixture", rows))
	const heads, kv, d = 4, 2, 8
	position := g.Position()
	x := g.Node(workloads.OpEmbedding, attr{}, g.Param("table", 61, heads*d), g.IDs("ids", 61, batch, rows))
	for l := range 2 {
		name := func(s string) string { return fmt.Sprint(s, l) }
		h := g.Node(workloads.OpRMSNorm, attr{Eps: 1e-5}, x, g.Param(name("norm"), heads*d))
		rope := func(x *value) *value {
			yarn := workloads.YarnScaling{Factor: 32, BetaFast: 32, BetaSlow: 1, Context: 64}
			return g.Node(workloads.OpRope, attr{HeadDim: d, Theta: 1e4, Yarn: yarn}, x, position)
		}
		a := attr{Heads: heads, KVHeads: kv, HeadDim: d}
		if l == 0 {
			a.Window = window
		}
		q, k, v := rope(g.linear(h, name("q"), heads*d)), rope(g.linear(h, name("k"), kv*d)), g.linear(h, name("v"), kv*d)
		y := g.Node(workloads.OpAttention, a, q, k, v, g.State(name("keys"), batch, kept, kv*d), g.State(name("values"), batch, kept, kv*d),
			position, g.Param(name("sinks"), heads))
		x = g.Node(workloads.OpAdd, attr{}, x, g.linear(y, name("o"), heads*d))
		h = g.Node(workloads.OpRMSNorm, attr{Eps: 1e-5}, x, g.Param(name("norm2"), heads*d))
		x = g.Node(workloads.OpAdd, attr{}, x, moe(g, h, name("moe"), 5, 24, true, attr{TopK: 2, Clamp: 7}))
	}
	g.Node(workloads.OpLinear, attr{Transposed: true}, g.Node(workloads.OpLast, attr{}, x), g.Param("logits", 61, heads*d))
	return g
}

func TestMixtureDecoder(t *testing.T) {
	for _, tt := range []struct{ batch, rows, window int }{{1, 1, 2}, {2, 3, 1}, {1, 5, 3}, {2, 40, 7}, {1, 700, 300}, {1, 600, 33}} {
		for _, set := range kernel.Sets() {
			t.Run(fmt.Sprint(tt, set.Name), func(t *testing.T) {
				if raceDetector && tt.rows > 100 {
					t.Skip("heavy")
				}
				w := workload(4, mixtureDecoder(tt.batch, tt.rows, tt.rows+3, tt.window), mixtureDecoder(tt.batch, 1, tt.rows+3, tt.window))
				w.Options.ISL = tt.rows
				requireReference(t, set, 2, w)
			})
		}
	}
}

// hearing is a decoder that attends to what its first phase made of an input, as speech recognition has it.
func hearing(first bool, rows int) *testGraph {
	g := newTestGraph(fmt.Sprint("hearing", first))
	const width, frames, batch = 24, 15, 2
	a := attr{Heads: 3, KVHeads: 3, HeadDim: 8}
	norm := func(x *value, name string) *value {
		return g.Node(workloads.OpRMSNorm, attr{Eps: 1e-5}, x, g.Param(name+".norm", width))
	}
	keys, values := g.State("cross.keys", batch, frames, width), g.State("cross.values", batch, frames, width)
	if first {
		conv := func(x *value, name string, stride int) *value {
			return g.Node(workloads.OpGelu, attr{}, g.Node(workloads.OpConv1D, attr{Kernel: 3, Stride: stride, Pad: 1}, x,
				g.Param(name, 3, x.Shape[2], width), g.Param(name+".bias", width)))
		}
		x := conv(conv(g.Input("mel", batch, 2*frames, 10), "conv1", 1), "conv2", 2)
		h := norm(x, "attention")
		y := g.Node(workloads.OpAttention, a, g.linear(h, "q", width), g.linear(h, "k", width), g.linear(h, "v", width))
		x = norm(g.Node(workloads.OpAdd, attr{}, x, g.linear(y, "o", width)), "encoder")
		g.Node(workloads.OpStore, attr{}, g.linear(x, "cross.k", width), keys)
		g.Node(workloads.OpStore, attr{}, g.linear(x, "cross.v", width), values)
	}
	position := g.Position()
	table := g.Param("table", 61, width)
	x := g.Node(workloads.OpEmbedding, attr{}, table, g.IDs("ids", 61, batch, rows))
	h := norm(x, "self")
	y := g.Node(workloads.OpAttention, a, g.linear(h, "self.q", width), g.linear(h, "self.k", width), g.linear(h, "self.v", width),
		g.State("keys", batch, 12, width), g.State("values", batch, 12, width), position)
	x = g.Node(workloads.OpAdd, attr{}, x, g.linear(y, "self.o", width))
	y = g.Node(workloads.OpAttention, a, g.linear(norm(x, "cross"), "cross.q", width), keys, values)
	x = g.Node(workloads.OpAdd, attr{}, x, g.linear(y, "cross.o", width))
	if first {
		keep := g.State("of the first phase", batch, width)
		g.Node(workloads.OpStore, attr{}, g.Node(workloads.OpLast, attr{}, x), keep)
	}
	g.Node(workloads.OpLinear, attr{Transposed: true}, g.Node(workloads.OpLast, attr{}, x), table)
	return g
}

func TestHearing(t *testing.T) {
	for _, rows := range []int{1, 6} {
		for _, set := range kernel.Sets() {
			for threads := range 4 {
				t.Run(fmt.Sprint(rows, set.Name, threads+1), func(t *testing.T) {
					w := workload(5, hearing(true, rows), hearing(false, 1))
					w.Options.ISL = rows
					requireReference(t, set, threads+1, w)
				})
			}
		}
	}
}

func TestRandomMixtures(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(name string, most int) int { return rapid.IntRange(1, most).Draw(rt, name) }
		g := newTestGraph("random")
		experts := draw("experts", 9)
		a := attr{TopK: draw("top", experts), Clamp: rapid.SampledFrom([]float64{0, 1, 7}).Draw(rt, "clamp")}
		moe(g, g.Input("x", draw("batch", 2), draw("rows", 50), draw("d", 60)), "moe", experts, draw("f", 300), rapid.Bool().Draw(rt, "biases"), a)
		requireReference(t, kernel.Best(), 2, workload(1, g))
	})
}

// TestRoutingOfNoNumbers: whatever the logits are, every row has distinct experts.
func TestRoutingOfNoNumbers(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for _, logits := range [][]float32{{nan, nan, nan}, {inf, inf, inf}, {1, nan, 2}, {nan, 1, 2}} {
		first := largest(logits, nil)
		second := largest(logits, []int32{int32(first)})
		third := largest(logits, []int32{int32(first), int32(second)})
		require.ElementsMatch(t, []int{0, 1, 2}, []int{first, second, third}, logits)
	}
	require.Equal(t, 1, largest([]float32{1, 3, 3}, nil))
	require.Equal(t, 2, largest([]float32{1, 3, 3}, []int32{1}))
}

// TestScoresStaySmall: the memory for scores does not grow with the number of query rows.
func TestScoresStaySmall(t *testing.T) {
	g := newTestGraph("long")
	g.Node(workloads.OpAttention, attr{Heads: 1, KVHeads: 1, HeadDim: 4}, g.Input("q", 1, 4096, 4), g.Input("k", 1, 4096, 4), g.Input("v", 1, 4096, 4))
	s := open(t, kernel.Best(), 1, workload(1, g)).(*session)
	require.LessOrEqual(t, len(s.pool.workers[0].heads.scores), 2*scoreFloats)
}

func TestExpertsAreMadeOneByOne(t *testing.T) {
	g := newTestGraph("experts")
	moe(g, g.Input("x", 1, 2, 16), "moe", 6, 24, false, attr{TopK: 2})
	s := open(t, kernel.Best(), 1, workload(1, g)).(*session)
	require.Len(t, s.memory.params.packed, 1+3*6)
	_, packed, err := needs(s.plans)
	require.NoError(t, err)
	for _, w := range packed {
		require.LessOrEqual(t, w.k*w.n, 16*24, w.value.Name)
	}
	require.Len(t, s.memory.params.raw, 1) // the router's bias
}

// all joins the cases.
func all(a, b map[string]func(g *testGraph)) map[string]func(g *testGraph) {
	maps.Copy(a, b)
	return a
}
