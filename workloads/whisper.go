package workloads

import "fmt"

// speech is the shape of a Whisper: an encoder over the log-mel frames of 30 seconds, a decoder over text that attends to
// what the encoder made, LayerNorm before each part of a layer, erf GELU, biases in all products but those of keys and
// logits, the logits from the embedding table.
type speech struct {
	layers, width, heads, ffn, vocab, mels, frames, positions int
}

const (
	// speechEps is that of all norms.
	speechEps = 1e-5
	// geluSquare is the mean square of GELU of a standard normal variable.
	geluSquare = 0.425
	// encoderBranchGain is the mean square that all layers of the encoder together add to the half before them.
	encoderBranchGain = 2
	// textBranchGain is the mean square that all layers of the decoder together add, in proportion to that of tokens and
	// positions: enough for the sound to matter, and little enough to keep rounding errors small.
	textBranchGain = 6
)

// whisperTiny has 37,760,640 parameters, the 1500 fixed encoder positions among them.
func whisperTiny() model {
	return speech{layers: 4, width: 384, heads: 6, ffn: 1536, vocab: 51865, mels: 80, frames: 3000, positions: 448}.
		model("whisper-tiny", "Whisper tiny", 447)
}

// whisperLarge has 1,543,490,560 parameters, the 1500 fixed encoder positions among them.
func whisperLarge() model {
	return speech{layers: 32, width: 1280, heads: 20, ffn: 5120, vocab: 51866, mels: 128, frames: 3000, positions: 448}.
		model("whisper-large-v3", "Whisper large-v3", 68)
}

// model has golden values up to limit. The last position that goes in is the one before the last of the context.
func (s speech) model(name, title string, limit int) model {
	return model{
		name: name, title: title + ", a window of 30 s and its tokens", family: "speech", unit: "token", pool: 2,
		precisions: []string{Full, Half, BFloat16, Int8}, positions: goldenPositions(limit),
		data: "uniform noise in [-1, 1) for the mel frames, random tokens, also those after the prompt (teacher-forced); random " +
			"weights, uniform, scaled so that logits stay near 1",
		options: []Range{
			{Option: "isl", Default: 4, Min: 1, Max: s.positions - 1},
			{Option: "osl", Default: 64, Min: 1, Max: s.positions - 1},
		},
		build: s.build,
	}
}

func (s speech) build(w *Workload) error {
	o := w.Options
	if o.ISL+o.OSL > s.positions {
		return &OptionError{Workload: w.Name, Option: "isl+osl", Value: o.ISL + o.OSL, Allowed: fmt.Sprintf("2 to %d", s.positions)}
	}
	w.UnitsPerSample = o.OSL
	if quantised(o.Precision) {
		w.copies = int64(s.vocab) * int64(s.width)
	}
	b := newBuilder(w, "prefill")
	s.encode(b, o.Batch)
	prefill, err := b.finish(s.decode(b, w, o.ISL))
	if err != nil {
		return err
	}
	b = newBuilder(w, "decode")
	decode, err := b.finish(s.decode(b, w, 1))
	w.Phases = []Phase{{Name: "prefill", Graph: prefill}, {Name: "decode", Graph: decode}}
	return err
}

func (s speech) norm(b *builder, x *Value, name string) *Value {
	return b.node(OpLayerNorm, Attr{Eps: speechEps}, x,
		b.param(name+".gamma", aroundOne(), s.width), b.param(name+".beta", deviation(0.1), s.width))
}

// dense is a square product with a bias.
func (s speech) dense(b *builder, x *Value, name string, g float64) *Value {
	return b.linear(x, name, gain(g, s.width), s.width, s.width)
}

// mlp is the last part of a layer. The gain is that of the whole part.
func (s speech) mlp(b *builder, x *Value, at func(string) string, branch float64) *Value {
	h := b.linear(s.norm(b, x, at("mlp_norm")), at("up"), gain(1, s.width), s.width, s.ffn)
	return b.node(OpAdd, Attr{}, x, b.branch(b.node(OpGelu, Attr{}, h), at("down"), branch/geluSquare, s.ffn, s.width))
}

func (s speech) heading() Attr {
	return Attr{Heads: s.heads, KVHeads: s.heads, HeadDim: s.width / s.heads}
}

// encode leaves the keys and values of every decoder layer in states, [B,frames/2,width].
func (s speech) encode(b *builder, batch int) {
	conv := func(x *Value, name string, g float64, in, stride int) *Value {
		return b.node(OpGelu, Attr{}, b.node(OpConv1D, Attr{Kernel: 3, Stride: stride, Pad: 1}, x,
			b.param(name+".weight", gain(g, 3*in), 3, in, s.width), b.param(name+".bias", deviation(0.1), s.width)))
	}
	rows := s.frames / 2
	mel := b.input("mel", F32, InputSpec{Kind: FillUniform}, batch, s.frames, s.mels)
	places := b.input("encoder.places", I32, InputSpec{Kind: FillIota}, batch, rows)
	// The inputs have a mean square of 1/3.
	x := conv(conv(mel, "encoder.conv1", 3, s.mels, 1), "encoder.conv2", 1/geluSquare, s.width, 2)
	x = b.node(OpAdd, Attr{}, x, b.node(OpEmbedding, Attr{}, b.param("encoder.positions", deviation(0.25), rows, s.width), places))
	branch := encoderBranchGain / float64(2*s.layers)
	for layer := range s.layers {
		at := func(part string) string { return fmt.Sprintf("encoder.layer.%d.%s", layer, part) }
		h := s.norm(b, x, at("attention_norm"))
		// Scores with a deviation of 3 make a query attend to a few of the many rows and not to all alike.
		q, v := s.dense(b, h, at("query"), 3), s.dense(b, h, at("value"), 1)
		k := b.product(h, at("key"), gain(3, s.width), s.width, s.width)
		x = b.node(OpAdd, Attr{}, x, b.branch(b.node(OpAttention, s.heading(), q, k, v), at("output"), branch, s.width, s.width))
		x = s.mlp(b, x, at, branch)
	}
	x = s.norm(b, x, "encoder.norm")
	for layer := range s.layers {
		at := func(part string) string { return fmt.Sprintf("decoder.layer.%d.cross.%s", layer, part) }
		b.node(OpStore, Attr{}, b.product(x, at("key"), gain(3, s.width), s.width, s.width), s.heard(b, layer, "keys", batch))
		b.node(OpStore, Attr{}, s.dense(b, x, at("value"), 1), s.heard(b, layer, "values", batch))
	}
}

// heard is a state with what a decoder layer attends to.
func (s speech) heard(b *builder, layer int, part string, batch int) *Value {
	return b.state(fmt.Sprintf("decoder.layer.%d.cross.%s", layer, part), batch, s.frames/2, s.width)
}

// decode feeds rows tokens, starting at the input position, and returns the logits that follow the last of them.
func (s speech) decode(b *builder, w *Workload, rows int) *Value {
	o := w.Options
	tokens := b.input("tokens", I32, InputSpec{Kind: FillTokens, Vocab: s.vocab}, o.Batch, rows)
	places := b.input("places", I32, InputSpec{Kind: FillIota}, o.Batch, rows)
	position := b.input("position", I32, InputSpec{Kind: FillPosition}, 1)
	// The table also makes the logits, so its rows have a mean square of 1/width, as those of the positions.
	table := b.param("decoder.embedding", gain(1, s.width), s.vocab, s.width)
	x := b.node(OpAdd, Attr{}, b.node(OpEmbedding, Attr{}, table, tokens),
		b.node(OpEmbedding, Attr{}, b.param("decoder.positions", gain(1, s.width), s.positions, s.width), places))
	branch := textBranchGain * 2 / float64(s.width) / float64(4*s.layers) // and twice that for what was heard
	for layer := range s.layers {
		at := func(part string) string { return fmt.Sprintf("decoder.layer.%d.%s", layer, part) }
		cache := func(part string) *Value { return b.state(at(part), o.Batch, o.ISL+o.OSL, s.width) }
		h := s.norm(b, x, at("attention_norm"))
		q, v := s.dense(b, h, at("query"), 2), s.dense(b, h, at("value"), 1)
		k := b.product(h, at("key"), gain(2, s.width), s.width, s.width)
		y := b.node(OpAttention, s.heading(), q, k, v, cache("keys"), cache("values"), position)
		x = b.node(OpAdd, Attr{}, x, b.branch(y, at("output"), branch, s.width, s.width))

		q = s.dense(b, s.norm(b, x, at("cross_norm")), at("cross.query"), 3)
		y = b.node(OpAttention, s.heading(), q, s.heard(b, layer, "keys", o.Batch), s.heard(b, layer, "values", o.Batch))
		x = b.node(OpAdd, Attr{}, x, b.branch(y, at("cross.output"), 2*branch, s.width, s.width))
		x = s.mlp(b, x, at, branch)
	}
	x = s.norm(b, b.node(OpLast, Attr{}, x), "decoder.norm")
	if quantised(o.Precision) {
		table = b.weight("logits.weight", gain(1, s.width), s.width, 1, s.vocab, s.width)
	}
	return b.node(OpLinear, Attr{Transposed: true}, x, table)
}
