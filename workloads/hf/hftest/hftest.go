// Package hftest makes small model folders for tests: [Llama] and [Bert] give a config.json and tensors under their true
// names, a test changes what it is about, and [Write] writes the folder. It is not for the product.
package hftest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Tensor is one tensor to write: type, shape and little-endian bytes.
type Tensor struct {
	DType string
	Shape []int
	Data  []byte
}

// New encodes values, rounded to nearest even, as F64, F32, F16 or BF16.
func New(t testing.TB, dtype string, values []float32, shape ...int) Tensor {
	t.Helper()
	var data []byte
	for _, v := range values {
		switch dtype {
		case "F64":
			data = binary.LittleEndian.AppendUint64(data, math.Float64bits(float64(v)))
		case "F32":
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
		case "F16":
			data = binary.LittleEndian.AppendUint16(data, half(float64(v)))
		case "BF16":
			b := math.Float32bits(v)
			data = binary.LittleEndian.AppendUint16(data, uint16((b+0x7fff+b>>16&1)>>16))
		default:
			require.Failf(t, "no such encoding", "%s", dtype)
		}
	}
	return Tensor{DType: dtype, Shape: shape, Data: data}
}

// half rounds a finite number to IEEE binary16, beyond its range to infinity.
func half(v float64) uint16 {
	sign := uint16(0)
	if math.Signbit(v) {
		sign, v = 1<<15, -v
	}
	exponent := -14 // of subnormals
	if v >= 0x1p-14 {
		exponent = math.Ilogb(v)
	}
	units := math.RoundToEven(math.Ldexp(v, 10-exponent)) // 1024 to 2048 for normal numbers: 1024 carries into the exponent
	return sign | uint16(min(float64(exponent+14)*1024+units, 31*1024))
}

// Random is a tensor of values in [-1, 1), which name decides.
func Random(t testing.TB, dtype, name string, shape ...int) Tensor {
	t.Helper()
	seed := uint64(1)
	for _, c := range []byte(name) {
		seed = seed*31 + uint64(c)
	}
	r := rand.New(rand.NewPCG(seed, 0))
	n := 1
	for _, d := range shape {
		n *= d
	}
	values := make([]float32, n)
	for i := range values {
		values[i] = 2*r.Float32() - 1
	}
	return New(t, dtype, values, shape...)
}

// Llama is an untied LlamaForCausalLM of 2 layers, width 8, 4 heads of 2, 2 of them for keys and values, 12 hidden elements
// and 20 tokens.
func Llama(t testing.TB, dtype string) (config map[string]any, tensors map[string]Tensor) {
	t.Helper()
	config = map[string]any{
		"architectures": []string{"LlamaForCausalLM"}, "model_type": "llama", "num_hidden_layers": 2, "hidden_size": 8,
		"num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 12, "vocab_size": 20,
		"max_position_embeddings": 64, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "hidden_act": "silu",
		"tie_word_embeddings": false, "attention_bias": false, "mlp_bias": false, "rope_scaling": nil,
	}
	tensors = map[string]Tensor{}
	add := func(name string, shape ...int) { tensors[name] = Random(t, dtype, name, shape...) }
	add("model.embed_tokens.weight", 20, 8)
	add("model.norm.weight", 8)
	add("lm_head.weight", 20, 8)
	for layer := range 2 {
		at := fmt.Sprintf("model.layers.%d.", layer)
		add(at+"input_layernorm.weight", 8)
		add(at+"self_attn.q_proj.weight", 8, 8)
		add(at+"self_attn.k_proj.weight", 4, 8)
		add(at+"self_attn.v_proj.weight", 4, 8)
		add(at+"self_attn.o_proj.weight", 8, 8)
		add(at+"post_attention_layernorm.weight", 8)
		add(at+"mlp.gate_proj.weight", 12, 8)
		add(at+"mlp.up_proj.weight", 12, 8)
		add(at+"mlp.down_proj.weight", 8, 12)
	}
	return config, tensors
}

// Bert is a BertForQuestionAnswering of 2 layers, width 8, 2 heads of 4, 12 hidden elements, 20 tokens, 16 positions and 2
// segments.
func Bert(t testing.TB, dtype string) (config map[string]any, tensors map[string]Tensor) {
	t.Helper()
	config = map[string]any{
		"architectures": []string{"BertForQuestionAnswering"}, "model_type": "bert", "num_hidden_layers": 2, "hidden_size": 8,
		"num_attention_heads": 2, "intermediate_size": 12, "vocab_size": 20, "max_position_embeddings": 16,
		"type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu", "position_embedding_type": "absolute",
	}
	tensors = map[string]Tensor{}
	add := func(name string, shape ...int) { tensors[name] = Random(t, dtype, name, shape...) }
	pair := func(name string, shape ...int) {
		add(name+".weight", shape...)
		add(name+".bias", shape[0])
	}
	add("bert.embeddings.word_embeddings.weight", 20, 8)
	add("bert.embeddings.token_type_embeddings.weight", 2, 8)
	add("bert.embeddings.position_embeddings.weight", 16, 8)
	pair("bert.embeddings.LayerNorm", 8)
	for layer := range 2 {
		at := fmt.Sprintf("bert.encoder.layer.%d.", layer)
		for _, part := range []string{"self.query", "self.key", "self.value", "output.dense"} {
			pair(at+"attention."+part, 8, 8)
		}
		pair(at+"attention.output.LayerNorm", 8)
		pair(at+"intermediate.dense", 12, 8)
		pair(at+"output.dense", 8, 12)
		pair(at+"output.LayerNorm", 8)
	}
	pair("qa_outputs", 2, 8)
	return config, tensors
}

// Write writes a model folder to dir: config.json, and the tensors as model.safetensors for 1 shard, or dealt to several
// with their index.
func Write(t testing.TB, dir string, config map[string]any, tensors map[string]Tensor, shards int) {
	t.Helper()
	writeJSON(t, filepath.Join(dir, "config.json"), config)
	if shards == 1 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "model.safetensors"), File(t, tensors), 0o644))
		return
	}
	parts, shardOf := make([]map[string]Tensor, shards), map[string]string{}
	for i, name := range sortedNames(tensors) {
		part := i % shards
		if parts[part] == nil {
			parts[part] = map[string]Tensor{}
		}
		parts[part][name] = tensors[name]
		shardOf[name] = fmt.Sprintf("model-%05d-of-%05d.safetensors", part+1, shards)
	}
	total := 0
	for i, part := range parts {
		file := File(t, part)
		total += len(file)
		name := fmt.Sprintf("model-%05d-of-%05d.safetensors", i+1, shards)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), file, 0o644))
	}
	writeJSON(t, filepath.Join(dir, "model.safetensors.index.json"),
		map[string]any{"metadata": map[string]any{"total_size": total}, "weight_map": shardOf})
}

// File is a safetensors file of the tensors, in the order of their names.
func File(t testing.TB, tensors map[string]Tensor) []byte {
	t.Helper()
	header, data := map[string]any{"__metadata__": map[string]string{"format": "pt"}}, []byte(nil)
	for _, name := range sortedNames(tensors) {
		v := tensors[name]
		shape := append([]int{}, v.Shape...) // [] and not null for a scalar
		header[name] = map[string]any{"dtype": v.DType, "shape": shape, "data_offsets": []int{len(data), len(data) + len(v.Data)}}
		data = append(data, v.Data...)
	}
	text, err := json.Marshal(header)
	require.NoError(t, err)
	return append(Prefixed(string(text)), data...)
}

// Prefixed is a header with its length before it.
func Prefixed(header string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
}

func writeJSON(t testing.TB, path string, value any) {
	t.Helper()
	text, err := json.MarshalIndent(value, "", "  ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append(text, '\n'), 0o644))
}

func sortedNames(tensors map[string]Tensor) []string {
	names := make([]string, 0, len(tensors))
	for name := range tensors {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
