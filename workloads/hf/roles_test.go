package hf_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads/hf"
	"github.com/accelbench/accelbench/workloads/hf/hftest"
)

// fill reads the parameter called role, and the tensor, turned if it must be, from what was written.
func fill(t *testing.T, f *hf.Folder, role string, shape ...int) []float32 {
	t.Helper()
	s, err := f.Source(role, shape)
	require.NoError(t, err)
	n := 1
	for _, d := range shape {
		n *= d
	}
	values := make([]float32, n)
	require.NoError(t, s.Fill(0, values))
	return values
}

func tensor(t *testing.T, f *hf.Folder, name string) []float32 {
	t.Helper()
	x, ok := f.Tensor(name)
	require.True(t, ok, name)
	return all(t, x)
}

// turn transposes a matrix of n columns.
func turn(m []float32, n int) []float32 {
	var out []float32
	for c := range n {
		for r := range len(m) / n {
			out = append(out, m[r*n+c])
		}
	}
	return out
}

func TestDecoderRoles(t *testing.T) {
	config, tensors := hftest.Llama(t, "BF16")
	f := open(t, write(t, config, tensors, 2))
	require.Equal(t, tensor(t, f, "model.embed_tokens.weight"), fill(t, f, "embedding", 20, 8))
	require.Equal(t, tensor(t, f, "model.norm.weight"), fill(t, f, "norm", 8))
	require.Equal(t, tensor(t, f, "lm_head.weight"), fill(t, f, "logits.weight", 20, 8))
	for layer, at := range []string{"model.layers.0.", "model.layers.1."} {
		of := "layer." + string(rune('0'+layer)) + "."
		require.Equal(t, tensor(t, f, at+"input_layernorm.weight"), fill(t, f, of+"attention_norm", 8))
		require.Equal(t, tensor(t, f, at+"post_attention_layernorm.weight"), fill(t, f, of+"ffn_norm", 8))
		for _, m := range []struct {
			role, tensor string
			in, out      int
		}{
			{"query", "self_attn.q_proj", 8, 8}, {"key", "self_attn.k_proj", 8, 4}, {"value", "self_attn.v_proj", 8, 4},
			{"output", "self_attn.o_proj", 8, 8}, {"gate", "mlp.gate_proj", 8, 12}, {"up", "mlp.up_proj", 8, 12},
			{"down", "mlp.down_proj", 12, 8},
		} {
			require.Equal(t, turn(tensor(t, f, at+m.tensor+".weight"), m.in), fill(t, f, of+m.role+".weight", m.in, m.out), m.role)
		}
	}
	require.Len(t, f.Roles(), 21)
	requireAllRoles(t, f)
}

// requireAllRoles finds every role that the folder says a graph must have.
func requireAllRoles(t *testing.T, f *hf.Folder) {
	t.Helper()
	seen, used := map[string]bool{}, map[string]bool{}
	for _, r := range f.Roles() {
		require.False(t, seen[r.Name])
		seen[r.Name] = true
		s, err := f.Source(r.Name, r.Shape)
		require.NoError(t, err)
		require.False(t, used[s.Tensor().Name], "%s is used twice", s.Tensor().Name)
		used[s.Tensor().Name] = true
	}
}

func TestTiedDecoderHasNoLogitsWeight(t *testing.T) {
	config, tensors := hftest.Llama(t, "F32")
	config["tie_word_embeddings"] = true
	f := open(t, write(t, config, tensors, 1)) // some checkpoints keep the copy: it is not used
	require.Len(t, f.Roles(), 20)
	_, err := f.Source("logits.weight", []int{20, 8})
	require.ErrorIs(t, err, hf.ErrUnsupported)
}

func TestQwen2HasBiases(t *testing.T) {
	config, tensors := hftest.Llama(t, "F32")
	config["architectures"], config["model_type"] = []string{"Qwen2ForCausalLM"}, "qwen2"
	f := open(t, write(t, config, tensors, 1))
	require.True(t, f.Config().QKVBias)
	require.Len(t, f.Roles(), 21+2*3)
	_, err := f.Source("layer.1.key.bias", []int{4})
	require.ErrorContains(t, err, "no file holds tensor model.layers.1.self_attn.k_proj.bias")

	for _, part := range []string{"0.self_attn.q", "1.self_attn.q"} {
		name := "model.layers." + part + "_proj.bias"
		tensors[name] = hftest.Random(t, "F32", name, 8)
	}
	for _, part := range []string{"0.self_attn.k", "1.self_attn.k", "0.self_attn.v", "1.self_attn.v"} {
		name := "model.layers." + part + "_proj.bias"
		tensors[name] = hftest.Random(t, "F32", name, 4)
	}
	f = open(t, write(t, config, tensors, 1))
	require.Equal(t, tensor(t, f, "model.layers.1.self_attn.k_proj.bias"), fill(t, f, "layer.1.key.bias", 4))
	requireAllRoles(t, f)
}

// renamed are the tensors under names that change gives them.
func renamed(tensors map[string]hftest.Tensor, change func(string) string) map[string]hftest.Tensor {
	out := map[string]hftest.Tensor{}
	for name, x := range tensors {
		out[change(name)] = x
	}
	return out
}

func TestEncoderRoles(t *testing.T) {
	config, tensors := hftest.Bert(t, "F16")
	same := func(name string) string { return name }
	bare := func(name string) string { return strings.TrimPrefix(name, "bert.") }
	old := func(name string) string {
		return strings.NewReplacer("LayerNorm.weight", "LayerNorm.gamma", "LayerNorm.bias", "LayerNorm.beta").Replace(name)
	}
	for name, change := range map[string]func(string) string{
		"prefixed": same, "bare": bare, "gamma": old, "bare gamma": func(name string) string { return bare(old(name)) },
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t, write(t, config, renamed(tensors, change), 1))
			of := func(name string) []float32 { return tensor(t, f, change("bert."+name)) }
			require.Equal(t, of("embeddings.word_embeddings.weight"), fill(t, f, "embedding.token", 20, 8))
			require.Equal(t, of("embeddings.token_type_embeddings.weight"), fill(t, f, "embedding.segment", 2, 8))
			require.Equal(t, of("embeddings.position_embeddings.weight"), fill(t, f, "embedding.position", 16, 8))
			require.Equal(t, of("embeddings.LayerNorm.weight"), fill(t, f, "embedding.norm.gamma", 8))
			require.Equal(t, of("embeddings.LayerNorm.bias"), fill(t, f, "embedding.norm.beta", 8))
			require.Equal(t, turn(tensor(t, f, "qa_outputs.weight"), 8), fill(t, f, "span.weight", 8, 2))
			require.Equal(t, tensor(t, f, "qa_outputs.bias"), fill(t, f, "span.bias", 2))
			for layer, at := range []string{"encoder.layer.0.", "encoder.layer.1."} {
				role := "layer." + string(rune('0'+layer)) + "."
				for _, m := range []struct {
					role, tensor string
					in, out      int
				}{
					{"query", "attention.self.query", 8, 8}, {"key", "attention.self.key", 8, 8},
					{"value", "attention.self.value", 8, 8}, {"output", "attention.output.dense", 8, 8},
					{"up", "intermediate.dense", 8, 12}, {"down", "output.dense", 12, 8},
				} {
					require.Equal(t, turn(of(at+m.tensor+".weight"), m.in), fill(t, f, role+m.role+".weight", m.in, m.out))
					require.Equal(t, of(at+m.tensor+".bias"), fill(t, f, role+m.role+".bias", m.out))
				}
				for _, n := range []struct{ role, tensor string }{
					{"attention_norm", "attention.output.LayerNorm"}, {"ffn_norm", "output.LayerNorm"},
				} {
					require.Equal(t, of(at+n.tensor+".weight"), fill(t, f, role+n.role+".gamma", 8))
					require.Equal(t, of(at+n.tensor+".bias"), fill(t, f, role+n.role+".beta", 8))
				}
			}
			require.Len(t, f.Roles(), 7+2*16)
			requireAllRoles(t, f)
		})
	}
}

func TestEncoderWithoutSpanHead(t *testing.T) {
	config, tensors := hftest.Bert(t, "F32")
	delete(tensors, "qa_outputs.weight")
	f := open(t, write(t, config, tensors, 1))
	_, err := f.Source("span.weight", []int{8, 2})
	require.ErrorIs(t, err, hf.ErrFormat)
	require.ErrorContains(t, err, "no file holds tensor qa_outputs.weight")

	config["architectures"] = []string{"BertModel"}
	f = open(t, write(t, config, renamed(tensors, func(n string) string { return strings.TrimPrefix(n, "bert.") }), 1))
	require.Len(t, f.Roles(), 5+2*16)
	_, err = f.Source("span.weight", []int{8, 2})
	require.ErrorIs(t, err, hf.ErrUnsupported)
	require.ErrorContains(t, err, "BertModel has no span head (qa_outputs): it takes the folder of a BertForQuestionAnswering")
}

func TestSourceRefuses(t *testing.T) {
	config, tensors := hftest.Llama(t, "F32")
	delete(tensors, "model.layers.1.mlp.up_proj.weight")
	tensors["model.layers.0.mlp.up_proj.weight"] = hftest.Random(t, "F32", "x", 8, 12)
	tensors["model.norm.weight"] = hftest.Tensor{DType: "I8", Shape: []int{8}, Data: make([]byte, 8)}
	f := open(t, write(t, config, tensors, 1))
	for _, test := range []struct {
		role  string
		shape []int
		wraps error
		want  string
	}{
		{"layer.1.up.weight", []int{8, 12}, hf.ErrFormat, "finding layer.1.up.weight in model folder "},
		{"layer.1.up.weight", []int{8, 12}, hf.ErrFormat, "no file holds tensor model.layers.1.mlp.up_proj.weight"},
		{"layer.0.up.weight", []int{8, 12}, hf.ErrFormat, "tensor model.layers.0.mlp.up_proj.weight of model.safetensors is [8 12], but [12 8]"},
		{"layer.0.up.weight", []int{12, 8}, hf.ErrFormat, "it is [8 12] by config.json, but [12 8] in the graph"},
		{"embedding", []int{160}, hf.ErrFormat, "[160] in the graph"},
		{"norm", []int{8}, hf.ErrUnsupported, "has type I8"},
		{"layer.2.ffn_norm", []int{8}, hf.ErrUnsupported, "no such parameter"},
		{"layer.-1.ffn_norm", []int{8}, hf.ErrUnsupported, "no such parameter"},
		{"layer.01.ffn_norm", []int{8}, hf.ErrUnsupported, "no such parameter"},
		{"layer.1.query.bias", []int{8}, hf.ErrUnsupported, "no such parameter"},
		{"layer.", nil, hf.ErrUnsupported, "no such parameter"},
		{"ffn_norm", []int{8}, hf.ErrUnsupported, "no such parameter"},
		{"span.weight", []int{8, 2}, hf.ErrUnsupported, "LlamaForCausalLM has no such parameter"},
	} {
		_, err := f.Source(test.role, test.shape)
		require.ErrorIs(t, err, test.wraps, test.role)
		require.ErrorContains(t, err, test.want)
	}
}

func TestSourcesCompare(t *testing.T) {
	config, tensors := hftest.Llama(t, "F32")
	f := open(t, write(t, config, tensors, 1))
	a, err := f.Source("layer.0.query.weight", []int{8, 8})
	require.NoError(t, err)
	b, err := f.Source("layer.0.query.weight", []int{8, 8})
	require.NoError(t, err)
	c, err := f.Source("layer.1.query.weight", []int{8, 8})
	require.NoError(t, err)
	require.True(t, a == b)
	require.False(t, a == c)
}

func TestChunkCoversManyColumns(t *testing.T) {
	config, tensors := hftest.Llama(t, "BF16")
	config["vocab_size"] = 2000
	for _, name := range []string{"lm_head.weight", "model.embed_tokens.weight"} {
		tensors[name] = hftest.Random(t, "BF16", name, 2000, 8)
	}
	f := open(t, write(t, config, tensors, 1))
	for _, test := range []struct {
		role  string
		shape []int
		want  int
	}{{"logits.weight", []int{2000, 8}, 1 << 18}, {"embedding", []int{2000, 8}, 1 << 18}, {"layer.0.up.weight", []int{8, 12}, 1 << 18}} {
		s, err := f.Source(test.role, test.shape)
		require.NoError(t, err)
		require.Equal(t, test.want, s.Chunk(), test.role)
	}
}
