package hf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Family is the kind of graph that computes a model.
type Family string

// Decoders are causal language models with RMSNorm, rotary positions and SwiGLU; encoders are BERT's.
const (
	Decoder Family = "decoder"
	Encoder Family = "encoder"
)

// Config is the shape of a model, from config.json. Sizes are in elements.
type Config struct {
	Architecture string // as in config.json: LlamaForCausalLM, ...
	ModelType    string
	Family       Family

	Layers  int
	Width   int
	Heads   int
	KVHeads int // Heads for encoders
	HeadDim int
	FFN     int
	Vocab   int
	// MaxPositions is the longest sequence of the model; see [Config.Context].
	MaxPositions int
	TypeVocab    int     // segments; encoders only
	Eps          float64 // of all norms
	Activation   string  // silu or gelu, the erf form

	// The rest is for decoders only.

	Theta float64 // base of the rotary angles
	// RopeScaling is nil where the frequencies are the plain ones.
	RopeScaling *RopeScaling
	// Tied says that the embedding table makes the logits: there is no parameter logits.weight.
	Tied bool
	// QKVBias says that the query, key and value products have biases, as in Qwen2.
	QKVBias bool
	// SlidingWindow is the number of tokens, itself included, that a token sees at most; 0 for all.
	SlidingWindow int
}

// RopeScaling is Llama 3's stretching of the rotary frequencies, Type "llama3". A frequency f with wavelength w = 2 pi/f is
// kept for w < OldContext/High, is f/Factor for w > OldContext/Low, and between these (1-s) f/Factor + s f with
// s = (OldContext/w - Low) / (High - Low).
type RopeScaling struct {
	Type                          string
	Factor, Low, High, OldContext float64
}

// Context is the longest sequence that attention without a window computes as the model does.
func (c Config) Context() int {
	if c.SlidingWindow > 0 {
		return min(c.MaxPositions, c.SlidingWindow)
	}
	return c.MaxPositions
}

// architecture is what the name of an architecture stands for.
type architecture struct {
	modelType string
	family    Family
	kvHeads   int  // the default where config.json has no num_key_value_heads; 0 for as many as heads
	window    int  // the default sliding_window
	qkvBias   bool // always there: config.json does not say so
	span      bool // has the span head
}

func architectures() map[string]architecture {
	bert := architecture{modelType: "bert", family: Encoder}
	return map[string]architecture{
		"LlamaForCausalLM":              {modelType: "llama", family: Decoder},
		"MistralForCausalLM":            {modelType: "mistral", family: Decoder, kvHeads: 8, window: 4096},
		"Qwen2ForCausalLM":              {modelType: "qwen2", family: Decoder, kvHeads: 32, window: 4096, qkvBias: true},
		"BertModel":                     bert,
		"BertForPreTraining":            bert,
		"BertForMaskedLM":               bert,
		"BertForSequenceClassification": bert,
		"BertForTokenClassification":    bert,
		"BertForQuestionAnswering":      {modelType: "bert", family: Encoder, span: true},
	}
}

// fixed is a key whose value must be one of the given JSON texts where it is present: another value would be another model.
type fixed struct {
	key    string
	values []string
}

func fixedKeys(f Family) []fixed {
	no := []string{"false"}
	if f == Encoder {
		return []fixed{
			{"quantization_config", nil}, {"compression_config", nil}, {"hidden_act", []string{`"gelu"`}},
			{"position_embedding_type", []string{`"absolute"`}}, {"is_decoder", no}, {"add_cross_attention", no},
			{"pruned_heads", []string{"{}"}},
		}
	}
	return []fixed{
		{"quantization_config", nil}, {"compression_config", nil}, {"hidden_act", []string{`"silu"`, `"swish"`}},
		{"attention_bias", no}, {"mlp_bias", no}, {"partial_rotary_factor", []string{"1", "1.0"}},
		{"pruned_heads", []string{"{}"}},
	}
}

// parseConfig reads config.json. Errors wrap [ErrFormat] or [ErrUnsupported] and name the key.
func parseConfig(text []byte) (Config, error) {
	k := readKeys(text)
	var names []string
	k.get("architectures", &names)
	if k.err != nil {
		return Config{}, k.err
	}
	all := architectures()
	name := strings.Join(names, ", ")
	a, ok := all[name]
	if !ok {
		return Config{}, fmt.Errorf("%w: architecture %q; known are %s", ErrUnsupported, shorten(name),
			strings.Join(sortedKeys(all), ", "))
	}
	c := Config{Architecture: name, ModelType: a.modelType, Family: a.family, QKVBias: a.qkvBias}
	k.require("model_type", fmt.Sprintf("%q", a.modelType))
	for _, f := range fixedKeys(a.family) {
		k.require(f.key, f.values...)
	}
	c.Layers, c.Width, c.Heads = k.size("num_hidden_layers"), k.size("hidden_size"), k.size("num_attention_heads")
	c.FFN, c.Vocab, c.MaxPositions = k.size("intermediate_size"), k.size("vocab_size"), k.size("max_position_embeddings")
	if k.err != nil {
		return Config{}, k.err
	}
	if a.family == Encoder {
		k.encoder(&c)
	} else {
		k.decoder(&c, a)
	}
	if k.err != nil {
		return Config{}, k.err
	}
	return c, nil
}

func (k *keys) encoder(c *Config) {
	c.Activation, c.KVHeads = "gelu", c.Heads
	c.TypeVocab = k.size("type_vocab_size")
	c.Eps = k.eps("layer_norm_eps")
	k.split(c)
	c.HeadDim = c.Width / c.Heads
}

func (k *keys) decoder(c *Config, a architecture) {
	c.Activation = "silu"
	c.Eps = k.eps("rms_norm_eps")
	k.get("tie_word_embeddings", &c.Tied)

	c.KVHeads = c.Heads
	switch {
	case k.present("num_key_value_heads"):
		c.KVHeads = k.size("num_key_value_heads")
	case k.absent("num_key_value_heads") && a.kvHeads > 0: // null means as many as heads
		c.KVHeads = a.kvHeads
	}
	if k.err == nil && c.Heads%c.KVHeads != 0 {
		k.bad("num_key_value_heads", "%d does not divide num_attention_heads %d", c.KVHeads, c.Heads)
	}
	if k.present("head_dim") {
		c.HeadDim = k.size("head_dim")
	} else {
		k.split(c)
		c.HeadDim = c.Width / c.Heads
	}
	if k.err == nil && c.HeadDim%2 != 0 {
		k.bad("head_dim", "%d is odd: rotary positions turn pairs", c.HeadDim)
	}
	k.window(c, a)
	k.rope(c)
}

func (k *keys) split(c *Config) {
	if k.err == nil && c.Width%c.Heads != 0 {
		k.bad("num_attention_heads", "%d does not divide hidden_size %d", c.Heads, c.Width)
	}
}

// window reads the sliding window. Qwen2 has one only where use_sliding_window says so.
func (k *keys) window(c *Config, a architecture) {
	switch {
	case k.present("sliding_window"):
		c.SlidingWindow = k.size("sliding_window")
	case k.absent("sliding_window"):
		c.SlidingWindow = a.window
	}
	used := a.modelType != "qwen2"
	k.get("use_sliding_window", &used)
	if !used {
		c.SlidingWindow = 0
	}
	var layers []string
	k.get("layer_types", &layers)
	for _, l := range layers {
		if l != "full_attention" && (l != "sliding_attention" || c.SlidingWindow == 0) {
			k.unsupported("layer_types", l)
			return
		}
	}
}

// rope reads the rotary positions from rope_theta with rope_scaling, or from the newer rope_parameters.
func (k *keys) rope(c *Config) {
	c.Theta = 10000 // the default of all three decoders
	k.get("rope_theta", &c.Theta)
	source := "rope_scaling"
	if k.present("rope_parameters") {
		source = "rope_parameters"
		if k.present("rope_scaling") {
			k.unsupported("rope_scaling", "given besides rope_parameters")
		}
	}
	if k.present(source) && k.err == nil {
		sub := readKeys(k.raw[source])
		sub.get("rope_theta", &c.Theta)
		sub.require("partial_rotary_factor", "1", "1.0")
		kind := "default"
		sub.get("type", &kind)
		sub.get("rope_type", &kind)
		switch kind {
		case "default":
		case "llama3":
			c.RopeScaling = sub.llama3()
		default:
			sub.unsupported("rope_type", kind)
		}
		if sub.err != nil {
			k.err = fmt.Errorf("%s: %w", source, sub.err)
		}
	}
	if k.err == nil && !(c.Theta > 0) {
		k.bad("rope_theta", "%v is not positive", c.Theta)
	}
}

func (k *keys) llama3() *RopeScaling {
	s := &RopeScaling{Type: "llama3"}
	k.get("factor", &s.Factor)
	k.get("low_freq_factor", &s.Low)
	k.get("high_freq_factor", &s.High)
	k.get("original_max_position_embeddings", &s.OldContext)
	if k.err == nil && !(s.Factor > 0 && s.Low > 0 && s.High > s.Low && s.OldContext > 0) {
		k.bad("rope_type", "llama3 needs a positive factor and original_max_position_embeddings, and "+
			"0 < low_freq_factor < high_freq_factor; these are %v, %v, %v and %v", s.Factor, s.OldContext, s.Low, s.High)
	}
	return s
}

// keys reads the values of a JSON object by key. The first misfit is kept in err and silences the rest.
type keys struct {
	raw map[string]json.RawMessage
	err error
}

func readKeys(text []byte) *keys {
	k := &keys{raw: map[string]json.RawMessage{}}
	d := json.NewDecoder(bytes.NewReader(text))
	err := object(d, func(key string) error {
		var value json.RawMessage
		err := d.Decode(&value)
		k.raw[key] = value
		return err
	})
	if err == nil {
		err = atEnd(d)
	}
	if err != nil {
		k.err = fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return k
}

func (k *keys) absent(key string) bool { return k.raw[key] == nil }

// present says that the key has a value other than null.
func (k *keys) present(key string) bool { return !k.absent(key) && string(k.raw[key]) != "null" }

// get reads a value, leaving into as it is where the key is absent or null.
func (k *keys) get(key string, into any) {
	if k.err != nil || !k.present(key) {
		return
	}
	if err := json.Unmarshal(k.raw[key], into); err != nil {
		k.bad(key, "%w", err)
	}
}

// size reads a required number of elements.
func (k *keys) size(key string) int {
	n := 0
	k.get(key, &n)
	if k.err == nil && !k.present(key) {
		k.bad(key, "is missing")
	}
	if k.err == nil && (n < 1 || n > math.MaxInt32) {
		k.bad(key, "%d is not a size", n)
	}
	return n
}

func (k *keys) eps(key string) float64 {
	var eps float64
	k.get(key, &eps)
	if k.err == nil && !k.present(key) {
		k.bad(key, "is missing")
	}
	if k.err == nil && !(eps > 0 && eps < 1) {
		k.bad(key, "%v is not between 0 and 1", eps)
	}
	return eps
}

// require refuses a value other than the given JSON texts.
func (k *keys) require(key string, values ...string) {
	if k.err == nil && k.present(key) && !slices.Contains(values, string(k.raw[key])) {
		k.unsupported(key, string(k.raw[key]))
		if len(values) > 0 {
			k.err = fmt.Errorf("%w; computed is %s", k.err, strings.Join(values, " or "))
		}
	}
}

func (k *keys) bad(key, format string, args ...any) {
	k.err = fmt.Errorf("%w: %s: %w", ErrFormat, key, fmt.Errorf(format, args...))
}

func (k *keys) unsupported(key, value string) {
	if k.err == nil {
		k.err = fmt.Errorf("%w: %s: %s", ErrUnsupported, key, shorten(value))
	}
}
