package workloads

import "fmt"

// Shape of BERT-base, uncased.
const (
	bertLayers    = 12
	bertWidth     = 768
	bertHeads     = 12
	bertFFN       = 3072
	bertVocab     = 30522
	bertPositions = 512
	bertTypes     = 2
	bertEps       = 1e-12
)

// bertBranchGain is what the last product of each half of a layer keeps of the mean square. With a gain of 1, twelve
// untrained layers make all tokens alike; with less, the outputs tell tokens and samples apart.
const bertBranchGain = 0.25

// bertBase is BERT-base with the SQuAD span head: two logits per token, no pooler. 108,893,186 parameters.
func bertBase() model {
	return model{
		name: "bert-base", title: "BERT-base, SQuAD span head", family: "encoder", unit: "sequence", pool: 4,
		data: "random tokens, two segments of equal length, full-length sequences without padding or padding mask; " +
			"random weights, uniform, scaled so that activations stay near 1",
		options: []Range{{Option: "seq-len", Default: 384, Min: 1, Max: bertPositions}},
		build: func(w *Workload) error {
			b := newBuilder(w.Name, w.Options.Batch, w.Seed)
			return w.forward(b, bertLayersOf(b, w.Options.Batch, w.Options.SeqLen))
		},
	}
}

func bertLayersOf(b *builder, batch, length int) *Value {
	ids := func(name string, fill InputSpec) *Value { return b.input(name, I32, fill, batch, length) }
	table := func(name string, rows int) *Value { return b.param("embedding."+name, deviation(1), rows, bertWidth) }
	norm := func(x *Value, name string) *Value {
		return b.node(OpLayerNorm, Attr{Eps: bertEps}, x,
			b.param(name+".gamma", aroundOne(), bertWidth), b.param(name+".beta", deviation(0.1), bertWidth))
	}
	tokens := ids("tokens", InputSpec{Kind: FillTokens, Vocab: bertVocab})
	segments := ids("segments", InputSpec{Kind: FillSegments})
	positions := ids("positions", InputSpec{Kind: FillIota})

	x := b.node(OpEmbedding, Attr{}, table("token", bertVocab), tokens)
	x = b.node(OpAdd, Attr{}, x, b.node(OpEmbedding, Attr{}, table("segment", bertTypes), segments))
	x = b.node(OpAdd, Attr{}, x, b.node(OpEmbedding, Attr{}, table("position", bertPositions), positions))
	x = norm(x, "embedding.norm")
	attention := Attr{Heads: bertHeads, KVHeads: bertHeads, HeadDim: bertWidth / bertHeads}
	for layer := range bertLayers {
		at := func(part string) string { return fmt.Sprintf("layer.%d.%s", layer, part) }
		// The gain of 2 spreads the scores to a deviation of 2, so that a query attends to a few tokens and not to all alike.
		q := b.linear(x, at("query"), gain(2, bertWidth), bertWidth, bertWidth)
		k := b.linear(x, at("key"), gain(2, bertWidth), bertWidth, bertWidth)
		v := b.linear(x, at("value"), gain(1, bertWidth), bertWidth, bertWidth)
		y := b.linear(b.node(OpAttention, attention, q, k, v), at("output"), gain(bertBranchGain, bertWidth), bertWidth, bertWidth)
		x = norm(b.node(OpAdd, Attr{}, x, y), at("attention_norm"))
		y = b.node(OpGelu, Attr{}, b.linear(x, at("up"), gain(1, bertWidth), bertWidth, bertFFN))
		y = b.linear(y, at("down"), gain(bertBranchGain, bertFFN), bertFFN, bertWidth)
		x = norm(b.node(OpAdd, Attr{}, x, y), at("ffn_norm"))
	}
	return b.linear(x, "span", gain(1, bertWidth), bertWidth, 2)
}
