package workloads

import "fmt"

// decoder is the shape of a dense decoder: RMSNorm before each half of a layer, rotary positions, grouped-query attention,
// SwiGLU, no biases, logits by the embedding table.
type decoder struct {
	layers, width, heads, kvHeads, headDim, ffn, vocab, context int
	theta, eps                                                  float64
}

// decoderBranchGain is the mean square that all layers together add to the embedding's 1/width: some six times as much.
// With much more, an untrained stack multiplies rounding errors (30 layers at a gain of 1: fivefold), and checks would
// have to be that much looser; with less, the outputs would say little about the layers.
const decoderBranchGain = 0.01

// smollm2 is SmolLM2-135M: 134,515,008 parameters. Its tokens come from the seed and not from its own logits, so the work
// and the golden values of a position are the same however a run is split into input and output.
func smollm2() model {
	d := decoder{layers: 30, width: 576, heads: 9, kvHeads: 3, headDim: 64, ffn: 1536, vocab: 49152, context: 8192,
		theta: 100000, eps: 1e-5}
	return model{
		name: "smollm2-135m", title: "SmolLM2-135M, prefill and decode", family: "decoder", unit: "token", pool: 2,
		positions: goldenPositions(2048),
		data: "random tokens, also those after the input (teacher-forced); random weights, uniform, scaled so that " +
			"logits stay near 1",
		options: []Range{
			{Option: "isl", Default: 128, Min: 1, Max: d.context - 1},
			{Option: "osl", Default: 128, Min: 1, Max: d.context - 1},
		},
		build: d.build,
	}
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
	return nil
}

// graph feeds rows tokens, starting at the input position, and returns the logits that follow the last of them.
func (d decoder) graph(w *Workload, phase string, rows int) (*Graph, error) {
	b := newBuilder(w.Name+"/"+phase, w.Options.Batch, w.Seed)
	norm := func(x *Value, name string) *Value {
		return b.node(OpRMSNorm, Attr{Eps: d.eps}, x, b.param(name, aroundOne(), d.width))
	}
	tokens := b.input("tokens", I32, InputSpec{Kind: FillTokens, Vocab: d.vocab}, w.Options.Batch, rows)
	position := b.input("position", I32, InputSpec{Kind: FillPosition}, 1)
	// The table also makes the logits, so its rows have a mean square of 1/width.
	table := b.param("embedding", gain(1, d.width), d.vocab, d.width)
	x := b.node(OpEmbedding, Attr{}, table, tokens)
	for layer := range d.layers {
		at := func(part string) string { return fmt.Sprintf("layer.%d.%s", layer, part) }
		cache := func(part string) *Value {
			return b.state(at(part), w.Options.Batch, w.Options.ISL+w.Options.OSL, d.kvHeads*d.headDim)
		}
		rope := func(x *Value) *Value {
			return b.node(OpRope, Attr{HeadDim: d.headDim, Theta: d.theta}, x, position)
		}
		// The query and key gain of 2 spreads the scores to a deviation of 2, so that a query attends to a few tokens and not
		// to all alike.
		branch := decoderBranchGain / float64(2*d.layers)
		h := norm(x, at("attention_norm"))
		q := rope(b.product(h, at("query"), gain(2, d.width), d.width, d.heads*d.headDim))
		k := rope(b.product(h, at("key"), gain(2, d.width), d.width, d.kvHeads*d.headDim))
		v := b.product(h, at("value"), gain(1, d.width), d.width, d.kvHeads*d.headDim)
		attention := Attr{Heads: d.heads, KVHeads: d.kvHeads, HeadDim: d.headDim}
		y := b.node(OpAttention, attention, q, k, v, cache("keys"), cache("values"), position)
		x = b.node(OpAdd, Attr{}, x, b.product(y, at("output"), gain(branch, d.heads*d.headDim), d.heads*d.headDim, d.width))

		h = norm(x, at("ffn_norm"))
		gate := b.node(OpSilu, Attr{}, b.product(h, at("gate"), gain(1, d.width), d.width, d.ffn))
		up := b.product(h, at("up"), gain(1, d.width), d.width, d.ffn)
		y = b.product(b.node(OpMul, Attr{}, gate, up), at("down"), gain(3*branch, d.ffn), d.ffn, d.width)
		x = b.node(OpAdd, Attr{}, x, y)
	}
	x = norm(b.node(OpLast, Attr{}, x), "norm")
	return b.finish(b.node(OpLinear, Attr{Transposed: true}, x, table))
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
