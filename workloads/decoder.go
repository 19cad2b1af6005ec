package workloads

import (
	"fmt"
	"math"
)

// decoder is the shape of a decoder: RMSNorm before each half of a layer, rotary positions, grouped-query attention, SwiGLU
// or a mixture of experts.
type decoder struct {
	layers, width, heads, kvHeads, headDim, ffn, vocab, context int
	theta, eps                                                  float64
	llama3                                                      Llama3Scaling
	yarn                                                        YarnScaling
	// untied decoders have a matrix for the logits, the others use the embedding table.
	untied bool
	// biased decoders have biases in all products but that of the logits.
	biased bool
	// qkvBiased decoders have biases in the query, key and value products.
	qkvBiased bool
	// windows limit what the even and the odd layers, from 0, see; 0 for no limit. With sinks every head has a learned logit
	// besides.
	windows [2]int
	sinks   bool
	// experts is the number of experts of a layer, of which a token takes topK; 0 for a dense decoder.
	experts, topK int
	clamp         float64
}

// decoderBranchGain is the mean square that all layers together add to the embedding's 1/width: some six times as much.
// With much more, an untrained stack multiplies rounding errors (30 layers at a gain of 1: fivefold), and checks would
// have to be that much looser; with less, the outputs would say little about the layers.
const decoderBranchGain = 0.01

// float8BranchGain is the same in fp8, as a multiple of the embedding's. Products of activations with 4 significant bits err by a
// fortieth of what they add, so that what layers add must not be as many times the embedding as it is in wide decoders.
const float8BranchGain = 2

// familyDecoder is the family of decoders.
const familyDecoder = "decoder"

// quantBlock is the number of weights that share a scale in a decoder of quantised integers, as deployments have it. In fp8
// a whole column shares one, so that a product is scaled once, after its sum.
const quantBlock = 32

// model is the decoder as a workload. Its tokens come from the seed and not from its own logits, so the work and the golden
// values of a position are the same however a run is split into input and output. There are golden values up to the position
// limit, within reason for the reference.
func (d decoder) model(name, title string, limit int) model {
	data := "random tokens, also those after the input (teacher-forced); random weights, uniform, scaled so that " +
		"logits stay near 1"
	if d.experts > 0 {
		data += "; a random router, which spreads tokens over experts more evenly than a trained one"
	}
	usual := 128 // a length whose outputs have golden values
	if limit <= usual {
		usual = 32
	}
	precisions := []string{Full, Half, BFloat16, Int8, Float8, Int4}
	if d.experts > 0 {
		// Where activations have 4 significant bits, a random router takes other experts, and outputs cannot be checked.
		precisions = []string{Full, Half, BFloat16, Int8, Int4}
	}
	return model{
		name: name, title: title + ", prefill and decode", family: familyDecoder, unit: "token", pool: 2,
		precisions: precisions, positions: goldenPositions(min(limit, d.context-1)), data: data,
		options: []Range{
			{Option: "isl", Default: usual, Min: 1, Max: d.context - 1},
			{Option: "osl", Default: usual, Min: 1, Max: d.context - 1},
		},
		build: d.build,
	}
}

// smollm2 is SmolLM2-135M: 134,515,008 parameters.
func smollm2() model {
	m := decoder{layers: 30, width: 576, heads: 9, kvHeads: 3, headDim: 64, ffn: 1536, vocab: 49152, context: 8192,
		theta: 100000, eps: 1e-5}.model("smollm2-135m", "SmolLM2-135M", 2048)
	m.everyday = true
	return m
}

// llama1B is Llama-3.2-1B: 1,235,814,400 parameters.
func llama1B() model {
	return decoder{layers: 16, width: 2048, heads: 32, kvHeads: 8, headDim: 64, ffn: 8192, vocab: 128256, context: 131072,
		theta: 500000, eps: 1e-5, llama3: Llama3Scaling{Factor: 32, Low: 1, High: 4, Context: 8192}}.
		model("llama3.2-1b", "Llama-3.2-1B", 160)
}

// llama8B is Llama-3.1-8B: 8,030,261,248 parameters.
func llama8B() model {
	return decoder{layers: 32, width: 4096, heads: 32, kvHeads: 8, headDim: 128, ffn: 14336, vocab: 128256, context: 131072,
		theta: 500000, eps: 1e-5, llama3: Llama3Scaling{Factor: 8, Low: 1, High: 4, Context: 8192}, untied: true}.
		model("llama3.1-8b", "Llama-3.1-8B", 33)
}

// mixtral is Mixtral-8x7B: 46,702,792,704 parameters.
func mixtral() model {
	return decoder{layers: 32, width: 4096, heads: 32, kvHeads: 8, headDim: 128, ffn: 14336, vocab: 32000, context: 32768,
		theta: 1e6, eps: 1e-5, untied: true, experts: 8, topK: 2}.model("mixtral-8x7b", "Mixtral-8x7B", 33)
}

// gptOSS is gpt-oss-20b: 20,914,757,184 parameters. Its query, key and value products are three here and one fused there;
// its experts' gate and up matrices are two here and interleaved there. The work is the same.
func gptOSS() model {
	return decoder{layers: 24, width: 2880, heads: 64, kvHeads: 8, headDim: 64, ffn: 2880, vocab: 201088, context: 131072,
		theta: 150000, eps: 1e-5, yarn: YarnScaling{Factor: 32, BetaFast: 32, BetaSlow: 1, Context: 4096}, untied: true,
		biased: true, windows: [2]int{128, 0}, sinks: true, experts: 32, topK: 4, clamp: 7}.model("gpt-oss-20b", "gpt-oss-20b", 33)
}

func (d decoder) build(w *Workload) error {
	o := w.Options
	if o.ISL+o.OSL > d.context {
		return &OptionError{Workload: w.Name, Option: "isl+osl", Value: o.ISL + o.OSL, Allowed: fmt.Sprintf("2 to %d", d.context)}
	}
	w.UnitsPerSample = o.OSL
	for _, p := range []struct {
		name string
		rows int
	}{{"prefill", o.ISL}, {"decode", 1}} {
		g, err := d.graph(w, p.name, p.rows)
		if err != nil {
			return err
		}
		w.Phases = append(w.Phases, Phase{Name: p.name, Graph: g})
	}
	if !d.untied && quantised(o.Precision) {
		w.copies = int64(d.vocab) * int64(d.width)
	}
	return nil
}

func quantised(precision string) bool { return integers(precision) || precision == Float8 }

// integers tells whether the weights of products are integers times scales.
func integers(precision string) bool { return precision == Int8 || precision == Int4 }

// graph feeds rows tokens, starting at the input position, and returns the logits that follow the last of them.
func (d decoder) graph(w *Workload, phase string, rows int) (*Graph, error) {
	b := newBuilder(w, phase)
	if integers(w.Options.Precision) {
		b.block = quantBlock
	}
	tokens := b.input("tokens", I32, InputSpec{Kind: FillTokens, Vocab: d.vocab}, w.Options.Batch, rows)
	position := b.input("position", I32, InputSpec{Kind: FillPosition}, 1)
	// The table also makes the logits, so its rows have a mean square of 1/width.
	table := b.param("embedding", gain(1, d.width), d.vocab, d.width)
	x := b.node(OpEmbedding, Attr{}, table, tokens)
	for layer := range d.layers {
		x = d.layer(b, x, position, layer, w.Options.ISL+w.Options.OSL)
	}
	x = d.norm(b, b.node(OpLast, Attr{}, x), "norm")
	if d.untied || quantised(w.Options.Precision) {
		table = b.weight("logits.weight", gain(1, d.width), d.width, 1, d.vocab, d.width)
	}
	return b.finish(b.node(OpLinear, Attr{Transposed: true}, x, table))
}

func (d decoder) norm(b *builder, x *Value, name string) *Value {
	return b.node(OpRMSNorm, Attr{Eps: d.eps}, x, b.param(name, aroundOne(), d.width))
}

// qkv is a product that makes queries, keys or values, with a bias in decoders that have them.
func (d decoder) qkv(b *builder, x *Value, name string, s spread, k, n int) *Value {
	if d.biased || d.qkvBiased {
		return b.linear(x, name, s, k, n)
	}
	return b.product(x, name, s, k, n)
}

// output is the last product of attention.
func (d decoder) output(b *builder, x *Value, name string, branch float64, k, n int) *Value {
	if d.biased {
		return b.branch(x, name, branch, k, n)
	}
	return b.product(x, name, gain(branch, k), k, n)
}

// branchGain is the mean square that all layers together add.
func (d decoder) branchGain(b *builder) float64 {
	if b.store == F8E4M3 {
		return float8BranchGain / float64(d.width)
	}
	return decoderBranchGain
}

func (d decoder) layer(b *builder, x, position *Value, layer, positions int) *Value {
	at := func(part string) string { return fmt.Sprintf("layer.%d.%s", layer, part) }
	cache := func(part string) *Value {
		return b.state(at(part), x.Shape[0], positions, d.kvHeads*d.headDim)
	}
	rope := func(x *Value) *Value {
		return b.node(OpRope, Attr{HeadDim: d.headDim, Theta: d.theta, Llama3: d.llama3, Yarn: d.yarn}, x, position)
	}
	// The query and key gain of 2 spreads the scores to a deviation of 2, so that a query attends to a few tokens and not
	// to all alike.
	branch := d.branchGain(b) / float64(2*d.layers)
	h := d.norm(b, x, at("attention_norm"))
	q := rope(d.qkv(b, h, at("query"), gain(2, d.width), d.width, d.heads*d.headDim))
	k := rope(d.qkv(b, h, at("key"), gain(2, d.width), d.width, d.kvHeads*d.headDim))
	v := d.qkv(b, h, at("value"), gain(1, d.width), d.width, d.kvHeads*d.headDim)
	attention := Attr{Heads: d.heads, KVHeads: d.kvHeads, HeadDim: d.headDim, Window: d.windows[layer%2]}
	in := []*Value{q, k, v, cache("keys"), cache("values"), position}
	if d.sinks {
		in = append(in, b.param(at("sinks"), deviation(1), d.heads))
	}
	y := b.node(OpAttention, attention, in...)
	x = b.node(OpAdd, Attr{}, x, d.output(b, y, at("output"), branch, d.heads*d.headDim, d.width))

	h = d.norm(b, x, at("ffn_norm"))
	if d.experts > 0 {
		return b.node(OpAdd, Attr{}, x, d.mixture(b, h, at, branch))
	}
	gate := b.node(OpSilu, Attr{}, b.product(h, at("gate"), gain(1, d.width), d.width, d.ffn))
	up := b.product(h, at("up"), gain(1, d.width), d.width, d.ffn)
	y = b.product(b.node(OpMul, Attr{}, gate, up), at("down"), gain(3*branch, d.ffn), d.ffn, d.width)
	return b.node(OpAdd, Attr{}, x, y)
}

// mixture is the half of a layer that has experts. The router keeps full precision, as deployments have it, and a gain of 2,
// so that the chosen experts have clearly different weights.
func (d decoder) mixture(b *builder, x *Value, at func(string) string, branch float64) *Value {
	router := []*Value{x, b.param(at("router.weight"), gain(2, d.width), d.width, d.experts)}
	if d.biased {
		router = append(router, b.param(at("router.bias"), deviation(0.1), d.experts))
	}
	in := []*Value{x, b.node(OpLinear, Attr{}, router...),
		b.weight(at("gate.weight"), gain(1, d.width), d.width, d.ffn, d.experts, d.width, d.ffn),
		b.weight(at("up.weight"), gain(1, d.width), d.width, d.ffn, d.experts, d.width, d.ffn),
		b.weight(at("down.weight"), gain(3*branch, d.ffn), d.ffn, d.width, d.experts, d.ffn, d.width)}
	if d.biased {
		in = append(in, b.param(at("gate.bias"), deviation(0.1), d.experts, d.ffn), b.param(at("up.bias"), deviation(0.1), d.experts, d.ffn),
			b.param(at("down.bias"), deviation(0.1*math.Sqrt(branch)), d.experts, d.width))
	}
	return b.node(OpMoE, Attr{TopK: d.topK, Clamp: d.clamp}, in...)
}

// goldenPositions are the positions below limit whose logits have golden values: the first eight, and the last and the
// first of every 32, so that inputs of any multiple of 32 are checked, the decoding step after them, and at least two of
// any 32 decoding steps.
func goldenPositions(limit int) []int {
	var out []int
	for p := range limit {
		if p < 8 || p == 15 || p%32 == 31 || p%32 == 0 {
			out = append(out, p)
		}
	}
	return out
}
