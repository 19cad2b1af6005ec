package workloads

import "fmt"

// encoder is the shape of a BERT: learned positions, LayerNorm after each half of a layer, erf GELU, biases everywhere, and
// the SQuAD span head, two logits per token, without a pooler.
type encoder struct {
	layers, width, heads, ffn, vocab, positions, types int
	eps                                                float64
}

// bertBranchGain is what the last product of each half of a layer keeps of the mean square. With a gain of 1, twelve
// untrained layers make all tokens alike; with less, the outputs tell tokens and samples apart.
const bertBranchGain = 0.25

// bertBase has 108,893,186 parameters.
func bertBase() model {
	m := encoder{layers: 12, width: 768, heads: 12, ffn: 3072, vocab: 30522, positions: 512, types: 2, eps: 1e-12}.
		model("bert-base", "BERT-base, SQuAD span head")
	m.everyday = true
	// Twice as many layers err in fp8 by as much as two samples differ, so the large one has no use for it.
	m.precisions = []string{Full, Half, BFloat16, Int8, Float8}
	return m
}

// bertLarge has 334,094,338 parameters.
func bertLarge() model {
	return encoder{layers: 24, width: 1024, heads: 16, ffn: 4096, vocab: 30522, positions: 512, types: 2, eps: 1e-12}.
		model("bert-large", "BERT-large, SQuAD span head")
}

func (e encoder) model(name, title string) model {
	return model{
		name: name, title: title, family: "encoder", unit: "sequence", pool: 4, precisions: []string{Full, Half, BFloat16, Int8},
		data: "random tokens, two segments of equal length, full-length sequences without padding or padding mask; " +
			"random weights, uniform, scaled so that activations stay near 1",
		options: []Range{{Option: "seq-len", Default: min(384, e.positions), Min: 1, Max: e.positions}},
		build: func(w *Workload) error {
			b := newBuilder(w, "")
			return w.forward(b, e.build(b, w.Options.Batch, w.Options.SeqLen))
		},
	}
}

func (e encoder) build(b *builder, batch, length int) *Value {
	ids := func(name string, fill InputSpec) *Value { return b.input(name, I32, fill, batch, length) }
	table := func(name string, rows int) *Value { return b.param("embedding."+name, deviation(1), rows, e.width) }
	norm := func(x *Value, name string) *Value {
		return b.node(OpLayerNorm, Attr{Eps: e.eps}, x,
			b.param(name+".gamma", aroundOne(), e.width), b.param(name+".beta", deviation(0.1), e.width))
	}
	tokens := ids("tokens", InputSpec{Kind: FillTokens, Vocab: e.vocab})
	segments := ids("segments", InputSpec{Kind: FillSegments})
	positions := ids("positions", InputSpec{Kind: FillIota})

	x := b.node(OpEmbedding, Attr{}, table("token", e.vocab), tokens)
	x = b.node(OpAdd, Attr{}, x, b.node(OpEmbedding, Attr{}, table("segment", e.types), segments))
	x = b.node(OpAdd, Attr{}, x, b.node(OpEmbedding, Attr{}, table("position", e.positions), positions))
	x = norm(x, "embedding.norm")
	attention := Attr{Heads: e.heads, KVHeads: e.heads, HeadDim: e.width / e.heads}
	for layer := range e.layers {
		at := func(part string) string { return fmt.Sprintf("layer.%d.%s", layer, part) }
		// The gain of 2 spreads the scores to a deviation of 2, so that a query attends to a few tokens and not to all alike.
		q := b.linear(x, at("query"), gain(2, e.width), e.width, e.width)
		k := b.linear(x, at("key"), gain(2, e.width), e.width, e.width)
		v := b.linear(x, at("value"), gain(1, e.width), e.width, e.width)
		y := b.linear(b.node(OpAttention, attention, q, k, v), at("output"), gain(bertBranchGain, e.width), e.width, e.width)
		x = norm(b.node(OpAdd, Attr{}, x, y), at("attention_norm"))
		y = b.node(OpGelu, Attr{}, b.linear(x, at("up"), gain(1, e.width), e.width, e.ffn))
		y = b.linear(y, at("down"), gain(bertBranchGain, e.ffn), e.ffn, e.width)
		x = norm(b.node(OpAdd, Attr{}, x, y), at("ffn_norm"))
	}
	return b.linear(x, "span", gain(1, e.width), e.width, 2)
}
