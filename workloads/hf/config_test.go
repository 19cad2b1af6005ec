package hf_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads/hf"
	"github.com/accelbench/accelbench/workloads/hf/hftest"
)

// read gives the configuration of a folder whose config.json is that of hftest with changes; a key with the value gone is
// left out.
func read(t *testing.T, make func(testing.TB, string) (map[string]any, map[string]hftest.Tensor), changes map[string]any) (hf.Config, error) {
	t.Helper()
	config, tensors := make(t, "BF16")
	for key, value := range changes {
		config[key] = value
		if value == gone {
			delete(config, key)
		}
	}
	f, err := hf.Open(write(t, config, tensors, 1))
	if err != nil {
		return hf.Config{}, err
	}
	defer func() { require.NoError(t, f.Close()) }()
	return f.Config(), nil
}

const gone = "(gone)"

func TestConfigOfLlama(t *testing.T) {
	got, err := read(t, hftest.Llama, nil)
	require.NoError(t, err)
	require.Equal(t, hf.Config{Architecture: "LlamaForCausalLM", ModelType: "llama", Family: hf.Decoder, Layers: 2, Width: 8,
		Heads: 4, KVHeads: 2, HeadDim: 2, FFN: 12, Vocab: 20, MaxPositions: 64, Eps: 1e-5, Activation: "silu", Theta: 10000}, got)
	require.Equal(t, 64, got.Context())
}

func TestConfigOfBert(t *testing.T) {
	got, err := read(t, hftest.Bert, nil)
	require.NoError(t, err)
	require.Equal(t, hf.Config{Architecture: "BertForQuestionAnswering", ModelType: "bert", Family: hf.Encoder, Layers: 2, Width: 8,
		Heads: 2, KVHeads: 2, HeadDim: 4, FFN: 12, Vocab: 20, MaxPositions: 16, TypeVocab: 2, Eps: 1e-12, Activation: "gelu"}, got)
	for _, name := range []string{"BertModel", "BertForPreTraining", "BertForMaskedLM", "BertForSequenceClassification", "BertForTokenClassification"} {
		got, err := read(t, hftest.Bert, map[string]any{"architectures": []string{name}, "position_embedding_type": gone})
		require.NoError(t, err)
		require.Equal(t, name, got.Architecture)
	}
}

func TestConfigDefaultsAndVariants(t *testing.T) {
	mistral := func(more map[string]any) map[string]any {
		more["architectures"], more["model_type"] = []string{"MistralForCausalLM"}, "mistral"
		return more
	}
	qwen2 := func(more map[string]any) map[string]any {
		more["architectures"], more["model_type"] = []string{"Qwen2ForCausalLM"}, "qwen2"
		return more
	}
	llama3 := map[string]any{"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
		"original_max_position_embeddings": 8192}
	stretched := &hf.RopeScaling{Type: "llama3", Factor: 32, Low: 1, High: 4, OldContext: 8192}
	with := func(key string, value any) map[string]any {
		out := map[string]any{key: value}
		for k, v := range llama3 {
			if k != key {
				out[k] = v
			}
		}
		return out
	}
	for _, test := range []struct {
		name    string
		changes map[string]any
		want    func(*hf.Config)
	}{
		{"all heads have keys", map[string]any{"num_key_value_heads": gone}, func(c *hf.Config) { c.KVHeads = 4 }},
		{"null is all heads", map[string]any{"num_key_value_heads": nil}, func(c *hf.Config) { c.KVHeads = 4 }},
		{"head_dim", map[string]any{"head_dim": 6}, func(c *hf.Config) { c.HeadDim = 6 }},
		{"head_dim null", map[string]any{"head_dim": nil}, func(*hf.Config) {}},
		{"head_dim without a quotient", map[string]any{"head_dim": 4, "hidden_size": 10}, func(c *hf.Config) { c.HeadDim, c.Width = 4, 10 }},
		{"tied", map[string]any{"tie_word_embeddings": true}, func(c *hf.Config) { c.Tied = true }},
		{"tied by default", map[string]any{"tie_word_embeddings": gone}, func(*hf.Config) {}},
		{"theta an integer", map[string]any{"rope_theta": 500000}, func(c *hf.Config) { c.Theta = 500000 }},
		{"theta by default", map[string]any{"rope_theta": gone}, func(*hf.Config) {}},
		{"swish is silu", map[string]any{"hidden_act": "swish"}, func(*hf.Config) {}},
		{"whole rotation", map[string]any{"partial_rotary_factor": 1.0}, func(*hf.Config) {}},
		{"llama3", map[string]any{"rope_scaling": llama3}, func(c *hf.Config) { c.RopeScaling = stretched }},
		{"llama3 by its old key", map[string]any{"rope_scaling": map[string]any{"type": "llama3", "factor": 8, "low_freq_factor": 2,
			"high_freq_factor": 3, "original_max_position_embeddings": 4096}}, func(c *hf.Config) {
			c.RopeScaling = &hf.RopeScaling{Type: "llama3", Factor: 8, Low: 2, High: 3, OldContext: 4096}
		}},
		{"rope_parameters", map[string]any{"rope_theta": gone, "rope_parameters": with("rope_theta", 500000.0)}, func(c *hf.Config) {
			c.Theta, c.RopeScaling = 500000, stretched
		}},
		{"rope_parameters default", map[string]any{"rope_theta": gone, "rope_parameters": map[string]any{"rope_type": "default",
			"rope_theta": 100000}}, func(c *hf.Config) { c.Theta = 100000 }},
		{"layer types", map[string]any{"layer_types": []string{"full_attention", "full_attention"}}, func(*hf.Config) {}},
		{"mistral with a window", mistral(map[string]any{"sliding_window": 48}), func(c *hf.Config) {
			c.Architecture, c.ModelType, c.SlidingWindow = "MistralForCausalLM", "mistral", 48
		}},
		{"mistral without", mistral(map[string]any{"sliding_window": nil}), func(c *hf.Config) {
			c.Architecture, c.ModelType = "MistralForCausalLM", "mistral"
		}},
		{"mistral by default", mistral(map[string]any{"num_key_value_heads": gone, "num_attention_heads": 16, "head_dim": 2}), func(c *hf.Config) {
			c.Architecture, c.ModelType, c.SlidingWindow, c.Heads, c.KVHeads = "MistralForCausalLM", "mistral", 4096, 16, 8
		}},
		{"qwen2 with a window switched off", qwen2(map[string]any{"sliding_window": 32, "use_sliding_window": false}), func(c *hf.Config) {
			c.Architecture, c.ModelType, c.QKVBias = "Qwen2ForCausalLM", "qwen2", true
		}},
		{"qwen2 by default", qwen2(map[string]any{"sliding_window": 32}), func(c *hf.Config) {
			c.Architecture, c.ModelType, c.QKVBias = "Qwen2ForCausalLM", "qwen2", true
		}},
		{"qwen2 with a window", qwen2(map[string]any{"sliding_window": 32, "use_sliding_window": true,
			"layer_types": []string{"full_attention", "sliding_attention"}}), func(c *hf.Config) {
			c.Architecture, c.ModelType, c.QKVBias, c.SlidingWindow = "Qwen2ForCausalLM", "qwen2", true, 32
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			want, err := read(t, hftest.Llama, nil)
			require.NoError(t, err)
			test.want(&want)
			got, err := read(t, hftest.Llama, test.changes)
			require.NoError(t, err)
			require.Equal(t, want, got)
			if want.SlidingWindow > 0 {
				require.Equal(t, min(64, want.SlidingWindow), got.Context())
			}
		})
	}
}

// TestConfigNeverAnotherModel: what the graphs would compute wrongly is refused by key and value.
func TestConfigNeverAnotherModel(t *testing.T) {
	type changes = map[string]any
	rope := func(more changes) changes { return changes{"rope_scaling": more} }
	for _, test := range []struct {
		make    func(testing.TB, string) (map[string]any, map[string]hftest.Tensor)
		changes changes
		want    string
	}{
		{hftest.Llama, changes{"architectures": []string{"GPT2LMHeadModel"}}, `architecture "GPT2LMHeadModel"; known are BertFor`},
		{hftest.Llama, changes{"architectures": []string{"LlamaForCausalLM", "LlamaModel"}}, `"LlamaForCausalLM, LlamaModel"`},
		{hftest.Llama, changes{"architectures": gone}, `architecture ""; known are`},
		{hftest.Llama, changes{"model_type": "gemma"}, `model_type: "gemma"; computed is "llama"`},
		{hftest.Llama, changes{"hidden_act": "gelu"}, `hidden_act: "gelu"; computed is "silu" or "swish"`},
		{hftest.Llama, changes{"attention_bias": true}, "attention_bias: true"},
		{hftest.Llama, changes{"mlp_bias": true}, "mlp_bias: true"},
		{hftest.Llama, changes{"partial_rotary_factor": 0.5}, "partial_rotary_factor: 0.5"},
		{hftest.Llama, changes{"quantization_config": changes{"quant_method": "fp8"}}, "quantization_config: {"},
		{hftest.Llama, changes{"compression_config": changes{}}, "compression_config: {}"},
		{hftest.Llama, changes{"pruned_heads": changes{"1": []int{2}}}, "pruned_heads: {"},
		{hftest.Llama, changes{"layer_types": []string{"chunked_attention"}}, "layer_types: chunked_attention"},
		{hftest.Llama, changes{"layer_types": []string{"sliding_attention"}}, "layer_types: sliding_attention"},
		{hftest.Llama, rope(changes{"rope_type": "yarn", "factor": 4.0}), "rope_scaling: unsupported model: rope_type: yarn"},
		{hftest.Llama, rope(changes{"type": "linear", "factor": 2.0}), "rope_type: linear"},
		{hftest.Llama, rope(changes{"type": "default", "rope_type": "dynamic"}), "rope_type: dynamic"},
		{hftest.Llama, changes{"rope_parameters": changes{"rope_type": "longrope"}}, "rope_parameters: unsupported model: rope_type: longrope"},
		{hftest.Llama, changes{"rope_parameters": changes{"partial_rotary_factor": 0.25}}, "partial_rotary_factor: 0.25"},
		{hftest.Llama, changes{"rope_parameters": changes{}, "rope_scaling": changes{}}, "rope_scaling: given besides rope_parameters"},
		{hftest.Bert, changes{"hidden_act": "gelu_new"}, `hidden_act: "gelu_new"; computed is "gelu"`},
		{hftest.Bert, changes{"position_embedding_type": "relative_key"}, `position_embedding_type: "relative_key"`},
		{hftest.Bert, changes{"is_decoder": true}, "is_decoder: true"},
		{hftest.Bert, changes{"add_cross_attention": true}, "add_cross_attention: true"},
		{hftest.Bert, changes{"quantization_config": changes{}}, "quantization_config: {}"},
		{hftest.Bert, changes{"pruned_heads": changes{"1": []int{2}}}, "pruned_heads: {"},
		{hftest.Bert, changes{"model_type": "roberta"}, `model_type: "roberta"`},
	} {
		_, err := read(t, test.make, test.changes)
		require.ErrorIs(t, err, hf.ErrUnsupported)
		require.ErrorContains(t, err, "config.json: ")
		require.ErrorContains(t, err, test.want)
	}
}

func TestConfigRefuses(t *testing.T) {
	type changes = map[string]any
	llama3 := func(key string, value any) changes {
		out := changes{"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 8192}
		out[key] = value
		return changes{"rope_scaling": out}
	}
	for _, test := range []struct {
		make    func(testing.TB, string) (map[string]any, map[string]hftest.Tensor)
		changes changes
		want    string
	}{
		{hftest.Llama, changes{"num_hidden_layers": gone}, "num_hidden_layers: is missing"},
		{hftest.Llama, changes{"hidden_size": nil}, "hidden_size: is missing"},
		{hftest.Llama, changes{"vocab_size": 0}, "vocab_size: 0 is not a size"},
		{hftest.Llama, changes{"intermediate_size": -12}, "intermediate_size: -12 is not a size"},
		{hftest.Llama, changes{"max_position_embeddings": 1 << 40}, "max_position_embeddings: 1099511627776 is not a size"},
		{hftest.Llama, changes{"num_attention_heads": 4.5}, "num_attention_heads: "},
		{hftest.Llama, changes{"num_attention_heads": 6}, "6 does not divide hidden_size 8"},
		{hftest.Llama, changes{"num_attention_heads": 8}, "head_dim: 1 is odd"},
		{hftest.Llama, changes{"num_key_value_heads": 3}, "3 does not divide num_attention_heads 4"},
		{hftest.Llama, changes{"num_key_value_heads": 0}, "num_key_value_heads: 0 is not a size"},
		{hftest.Llama, changes{"head_dim": 0}, "head_dim: 0 is not a size"},
		{hftest.Llama, changes{"rms_norm_eps": gone}, "rms_norm_eps: is missing"},
		{hftest.Llama, changes{"rms_norm_eps": -1e-5}, "rms_norm_eps: -1e-05 is not between 0 and 1"},
		{hftest.Llama, changes{"rope_theta": 0}, "rope_theta: 0 is not positive"},
		{hftest.Llama, changes{"rope_theta": "big"}, "rope_theta: "},
		{hftest.Llama, changes{"tie_word_embeddings": "yes"}, "tie_word_embeddings: "},
		{hftest.Llama, changes{"sliding_window": 0}, "sliding_window: 0 is not a size"},
		{hftest.Llama, changes{"layer_types": 3}, "layer_types: "},
		{hftest.Llama, changes{"rope_scaling": 8}, "rope_scaling: "},
		{hftest.Llama, changes{"architectures": "LlamaForCausalLM"}, "architectures: "},
		{hftest.Llama, llama3("factor", 0), "llama3 needs a positive factor"},
		{hftest.Llama, llama3("factor", nil), "llama3 needs a positive factor"},
		{hftest.Llama, llama3("low_freq_factor", 4), "these are 8, 8192, 4 and 4"},
		{hftest.Llama, llama3("original_max_position_embeddings", nil), "llama3 needs"},
		{hftest.Bert, changes{"num_attention_heads": 3}, "3 does not divide hidden_size 8"},
		{hftest.Bert, changes{"type_vocab_size": gone}, "type_vocab_size: is missing"},
		{hftest.Bert, changes{"layer_norm_eps": 1}, "layer_norm_eps: 1 is not between 0 and 1"},
	} {
		_, err := read(t, test.make, test.changes)
		require.ErrorIs(t, err, hf.ErrFormat, test.want)
		require.ErrorContains(t, err, "config.json: ")
		require.ErrorContains(t, err, test.want)
	}
}

func TestConfigText(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "EOF",
		"null":                             "where an object belongs",
		"{} {}":                            "text after the object",
		`{"vocab_size":1,"vocab_size":2}`:  `key "vocab_size" comes twice`,
		`{"rms_norm_eps":NaN}`:             "invalid character",
		`{"architectures":["LlamaFor"],}`:  "invalid character",
		"\xef\xbb\xbf{\"vocab_size\": 20}": "invalid character",
	} {
		config, tensors := hftest.Llama(t, "F32")
		dir := write(t, config, tensors, 1)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "config.json"), []byte(text), 0o644))
		_, err := hf.Open(dir)
		require.ErrorIs(t, err, hf.ErrFormat, text)
		require.ErrorContains(t, err, want)
	}
}
