package workloads_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/hf"
	"github.com/accelbench/accelbench/workloads/hf/hftest"
	"github.com/accelbench/accelbench/workloads/reference"
)

// decoderFolder is a decoder of 2 layers, width 16, 6 heads of 8, 2 of them for keys and values: a head is not a share of the
// width, and has frequencies on both sides of every bound that the scaling below has.
func decoderFolder(t *testing.T, architecture, kind string) naive {
	t.Helper()
	config, _ := hftest.Llama(t, "F32")
	config["architectures"], config["model_type"] = []string{architecture}, kind
	config["hidden_size"], config["num_attention_heads"], config["head_dim"] = 16, 6, 8
	tensors := map[string]hftest.Tensor{}
	add := func(name string, shape ...int) { tensors[name] = hftest.Random(t, "F32", name, shape...) }
	add("model.embed_tokens.weight", 20, 16)
	add("model.norm.weight", 16)
	add("lm_head.weight", 20, 16)
	for layer := range 2 {
		at := fmt.Sprintf("model.layers.%d.", layer)
		add(at+"input_layernorm.weight", 16)
		for name, out := range map[string]int{"q": 48, "k": 16, "v": 16} {
			add(at+"self_attn."+name+"_proj.weight", out, 16)
			if kind == "qwen2" {
				add(at+"self_attn."+name+"_proj.bias", out)
			}
		}
		add(at+"self_attn.o_proj.weight", 16, 48)
		add(at+"post_attention_layernorm.weight", 16)
		add(at+"mlp.gate_proj.weight", 12, 16)
		add(at+"mlp.up_proj.weight", 12, 16)
		add(at+"mlp.down_proj.weight", 16, 12)
	}
	return naive{t, config, tensors}
}

// folders are the models that are compared with their definitions.
func folders(t *testing.T) map[string]naive {
	t.Helper()
	out := map[string]naive{"llama": decoderFolder(t, "LlamaForCausalLM", "llama")}

	tied := decoderFolder(t, "LlamaForCausalLM", "llama")
	tied.config["tie_word_embeddings"] = true
	delete(tied.tensors, "lm_head.weight")
	out["llama, tied"] = tied

	scaled := decoderFolder(t, "LlamaForCausalLM", "llama")
	// Wavelengths are 6, 63, 628 and 6283: kept, blended, stretched, stretched.
	scaled.config["rope_scaling"] = map[string]any{"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
		"high_freq_factor": 4.0, "original_max_position_embeddings": 128}
	out["llama, scaled rope"] = scaled

	out["qwen2"] = decoderFolder(t, "Qwen2ForCausalLM", "qwen2")

	mistral := decoderFolder(t, "MistralForCausalLM", "mistral")
	mistral.config["sliding_window"] = 40
	out["mistral"] = mistral

	plain, tensors := hftest.Llama(t, "F32")
	out["llama, heads share the width"] = naive{t, plain, tensors}

	bert, tensors := hftest.Bert(t, "F32")
	out["bert"] = naive{t, bert, tensors}
	return out
}

// write writes the folder under a name, in two shards.
func (m naive) write(name string) string {
	m.t.Helper()
	dir := filepath.Join(m.t.TempDir(), name)
	require.NoError(m.t, os.Mkdir(dir, 0o755))
	hftest.Write(m.t, dir, m.config, m.tensors, 2)
	return dir
}

func TestFolderHasTheParametersOfItsModel(t *testing.T) {
	for name, m := range folders(t) {
		dir := m.write("model")
		w, err := workloads.FromFolder(dir, "", workloads.Options{})
		require.NoError(t, err, name)
		folder, err := hf.Open(dir)
		require.NoError(t, err)
		want, elements := map[string][]int{}, 0
		for _, role := range folder.Roles() {
			want[role.Name] = role.Shape
			elements += workloads.Elements(role.Shape)
		}
		require.Len(t, want, len(m.tensors), "%s: every tensor has a role", name)
		require.Equal(t, int64(elements), w.Parameters, name)
		for _, phase := range w.Phases {
			got := map[string][]int{}
			for _, v := range phase.Graph.Params() {
				got[v.Name] = v.Shape
				source, err := folder.Source(v.Name, v.Shape)
				require.NoError(t, err)
				require.Equal(t, valuesOf(t, source.Tensor(), v.Name), parameter(t, v), "%s: %s", name, v.Name)
				require.Equal(t, source.Chunk(), v.Chunk(1), "readers know how much to ask for")
				require.Equal(t, 1<<30, v.Chunk(1<<30))
			}
			require.Equal(t, want, got, "%s, %s", name, phase.Name)
		}
		require.NoError(t, folder.Close())
	}
}

// valuesOf are the elements of a tensor of a folder in the order of the graph: linear weights, but that of the logits, have
// their axes swapped.
func valuesOf(t *testing.T, tensor *hf.Tensor, role string) []float32 {
	t.Helper()
	out := make([]float32, tensor.Elements())
	require.NoError(t, tensor.Fill(0, out))
	if !strings.HasSuffix(role, ".weight") || role == "logits.weight" {
		return out
	}
	swapped := make([]float32, 0, len(out))
	for column := range tensor.Shape[1] {
		for row := range tensor.Shape[0] {
			swapped = append(swapped, out[row*tensor.Shape[1]+column])
		}
	}
	return swapped
}

// parameter are all elements of a parameter, read in pieces.
func parameter(t *testing.T, v *workloads.Value) []float32 {
	t.Helper()
	out := make([]float32, workloads.Elements(v.Shape))
	for first := 0; first < len(out); first += 7 {
		require.NoError(t, v.Generate(first, out[first:min(first+7, len(out))]))
	}
	return out
}

// TestFolderComputesItsModel is what a folder is for: the outputs are those of the model as it is defined.
func TestFolderComputesItsModel(t *testing.T) {
	for name, m := range folders(t) {
		t.Run(name, func(t *testing.T) {
			m.t = t
			options := workloads.Options{Batch: 2, ISL: 9, OSL: 4}
			if name == "bert" {
				options = workloads.Options{Batch: 2, SeqLen: 11}
			}
			w, err := workloads.FromFolder(m.write("model"), "", options)
			require.NoError(t, err)
			require.Equal(t, options.Batch, w.Options.Batch)

			tokens := make([][]int32, options.Batch) // so far, by batch row
			var states reference.States
			samples := []int{1, 0}
			for c := range w.Calls() {
				phase, _ := w.Phase(c)
				in := w.NewInputs(phase)
				w.Fill(c, samples, in)
				out, err := reference.Run(t.Context(), w.Phases[phase].Graph, in, &states)
				require.NoError(t, err)
				row := len(out[0]) / options.Batch
				for b := range tokens {
					n := len(in[0].I32) / options.Batch
					tokens[b] = append(tokens[b], in[0].I32[b*n:(b+1)*n]...)
					var want []float64
					if name == "bert" {
						want = m.bert(tokens[b], in[1].I32[b*n:(b+1)*n])
					} else {
						want = m.decoder(tokens[b])
					}
					same(t, want, out[0][b*row:(b+1)*row])
				}
			}
			require.NotEqual(t, tokens[0], tokens[1])
		})
	}
}

// TestFolderGoldenValues says the same of the values that engines are checked by.
func TestFolderGoldenValues(t *testing.T) {
	for name, m := range folders(t) {
		t.Run(name, func(t *testing.T) {
			m.t = t
			w, err := workloads.FromFolder(m.write("model"), "", workloads.Options{Batch: 3})
			require.NoError(t, err)
			g, err := reference.Compute(t.Context(), w, nil)
			require.NoError(t, err)
			c, err := w.Canonical()
			require.NoError(t, err)
			require.Len(t, g.Rows, c.Pool*max(1, len(w.GoldenPositions())))
			for _, r := range g.Rows {
				in := c.NewInputs(0)
				c.Fill(0, []int{r.Sample}, in)
				var want, picked []float64
				if name == "bert" {
					want = m.bert(in[0].I32, in[1].I32)
				} else {
					want = m.decoder(in[0].I32[:r.Position+1])
				}
				require.Len(t, want, g.Width)
				for _, e := range g.Elements {
					picked = append(picked, want[e])
				}
				same(t, picked, r.Values)
			}
		})
	}
}

// same compares two computations in float64 by the size of the whole row.
func same(t *testing.T, want, got []float64) {
	t.Helper()
	require.Len(t, got, len(want))
	var square float64
	for _, v := range want {
		square += v * v / float64(len(want))
	}
	require.Greater(t, square, 1e-6)
	for i := range want {
		require.InDelta(t, want[i], got[i], 1e-9*(math.Sqrt(square)+math.Abs(want[i])), "element %d", i)
	}
}

func TestFolderIdentity(t *testing.T) {
	key := func(w *workloads.Workload, err error) string {
		t.Helper()
		require.NoError(t, err)
		key, err := w.GoldenKey()
		require.NoError(t, err)
		return key
	}
	m := decoderFolder(t, "LlamaForCausalLM", "llama")
	dir := m.write("model")
	w, err := workloads.FromFolder(dir, "", workloads.Options{ISL: 4, OSL: 3})
	require.NoError(t, err)
	require.Equal(t, "model", w.Name)
	require.Equal(t, "Llama of 2 layers, weights from a folder, prefill and decode", w.Title)
	require.Contains(t, w.Data, "the folder's weights")
	folder, err := hf.Open(dir)
	require.NoError(t, err)
	digest, err := folder.Digest()
	require.NoError(t, err)
	require.NoError(t, folder.Close())
	require.Equal(t, digest, w.WeightsDigest)

	other, err := workloads.FromFolder(dir, "", workloads.Options{ISL: 5, OSL: 9, Batch: 4, Precision: workloads.Half})
	require.NoError(t, err)
	require.Equal(t, digest, other.WeightsDigest)
	require.Equal(t, key(workloads.FromFolder(dir, digest, workloads.Options{})), key(w, nil))
	_, err = workloads.FromFolder(dir, "another", workloads.Options{})
	require.ErrorIs(t, err, workloads.ErrFolderFormat)
	require.ErrorContains(t, err, "was changed since this measurement was planned")

	m.tensors["model.norm.weight"] = hftest.Random(t, "F32", "one tensor is another", 16)
	changed, err := workloads.FromFolder(m.write("model"), "", workloads.Options{})
	require.NoError(t, err)
	require.NotEqual(t, digest, changed.WeightsDigest)
	require.NotEqual(t, key(w, nil), key(changed, nil))

	t.Chdir(dir)
	w, err = workloads.FromFolder(".", "", workloads.Options{})
	require.NoError(t, err)
	require.Equal(t, "model", w.Name)
}

// TestFolderOfAStandardShape gives a folder the name, the shape and no bytes of BERT-base: the computation is that of the
// standard workload, the golden values are not.
func TestFolderOfAStandardShape(t *testing.T) {
	config := map[string]any{
		"architectures": []string{"BertForQuestionAnswering"}, "model_type": "bert", "num_hidden_layers": 12, "hidden_size": 768,
		"num_attention_heads": 12, "intermediate_size": 3072, "vocab_size": 30522, "max_position_embeddings": 512,
		"type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu", "position_embedding_type": "absolute",
	}
	standard, err := workloads.Find("bert-base", workloads.Options{})
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "bert-base")
	require.NoError(t, os.Mkdir(dir, 0o755))
	writeHoles(t, dir, config, standard)

	w, err := workloads.FromFolder(dir, "", workloads.Options{})
	require.NoError(t, err)
	require.Equal(t, standard.Options, w.Options)
	require.Equal(t, standard.Parameters, w.Parameters)
	require.Equal(t, standard.Cost(0), w.Cost(0))
	require.Equal(t, standard.Phases[0].Graph.Hash(), w.Phases[0].Graph.Hash())
	_, ok := standard.Golden()
	require.True(t, ok)
	_, ok = w.Golden()
	require.False(t, ok, "the values of the random weights are no measure for others")
	a, err := standard.GoldenKey()
	require.NoError(t, err)
	b, err := w.GoldenKey()
	require.NoError(t, err)
	require.NotEqual(t, a, b)
}

// writeHoles writes a folder whose tensors, those that a graph of BERT-base takes, are all zero and take no room.
func writeHoles(t *testing.T, dir string, config map[string]any, like *workloads.Workload) {
	t.Helper()
	hftest.Write(t, dir, config, map[string]hftest.Tensor{}, 1)
	header, at := map[string]any{}, 0
	add := func(name string, shape ...int) {
		size := 4 * workloads.Elements(shape)
		header[name] = map[string]any{"dtype": "F32", "shape": shape, "data_offsets": []int{at, at + size}}
		at += size
	}
	pair := func(name string, out int, in ...int) {
		add(name+".weight", append([]int{out}, in...)...)
		add(name+".bias", out)
	}
	add("bert.embeddings.word_embeddings.weight", 30522, 768)
	add("bert.embeddings.token_type_embeddings.weight", 2, 768)
	add("bert.embeddings.position_embeddings.weight", 512, 768)
	pair("bert.embeddings.LayerNorm", 768)
	for layer := range 12 {
		prefix := fmt.Sprintf("bert.encoder.layer.%d.", layer)
		for _, name := range []string{"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"} {
			pair(prefix+name, 768, 768)
		}
		pair(prefix+"attention.output.LayerNorm", 768)
		pair(prefix+"intermediate.dense", 3072, 768)
		pair(prefix+"output.dense", 768, 3072)
		pair(prefix+"output.LayerNorm", 768)
	}
	pair("qa_outputs", 2, 768)
	require.Equal(t, 4*like.Parameters, int64(at))
	text, err := json.Marshal(header)
	require.NoError(t, err)
	path := filepath.Join(dir, "model.safetensors")
	require.NoError(t, os.WriteFile(path, hftest.Prefixed(string(text)), 0o644))
	require.NoError(t, os.Truncate(path, int64(8+len(text)+at)))
}
