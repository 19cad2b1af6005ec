package workloads_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/hf/hftest"
	"github.com/accelbench/accelbench/workloads/reference"
)

func TestFolderOptions(t *testing.T) {
	llama := decoderFolder(t, "LlamaForCausalLM", "llama").write("llama")
	config, tensors := hftest.Bert(t, "F32")
	bert := naive{t, config, tensors}.write("bert")
	for name, test := range map[string]struct {
		dir     string
		options workloads.Options
		want    workloads.Options
		err     string // a part of it
	}{
		"defaults fit the context": {llama, workloads.Options{}, workloads.Options{Precision: "f32", Batch: 1, ISL: 32, OSL: 32}, ""},
		"all of the context":       {llama, workloads.Options{Precision: "f16", Batch: 3, ISL: 63, OSL: 1}, workloads.Options{Precision: "f16", Batch: 3, ISL: 63, OSL: 1}, ""},
		"beyond the context":       {llama, workloads.Options{ISL: 63, OSL: 2}, workloads.Options{}, "workload llama: isl+osl is 65, allowed are 2 to 64"},
		"input too long":           {llama, workloads.Options{ISL: 64, OSL: 1}, workloads.Options{}, "workload llama: isl is 64, allowed are 1 to 63"},
		"no such option":           {llama, workloads.Options{SeqLen: 8}, workloads.Options{}, "workload llama has no option seq-len"},
		"negative":                 {llama, workloads.Options{Batch: -1}, workloads.Options{}, "batch is -1"},
		"encoder":                  {bert, workloads.Options{}, workloads.Options{Precision: "f32", Batch: 1, SeqLen: 16}, ""},
		"encoder, too long":        {bert, workloads.Options{SeqLen: 17}, workloads.Options{}, "workload bert: seq-len is 17, allowed are 1 to 16"},
		"encoder, no such option":  {bert, workloads.Options{OSL: 2}, workloads.Options{}, "workload bert has no option osl"},
	} {
		w, err := workloads.FromFolder(test.dir, "", test.options)
		if test.err != "" {
			require.ErrorContains(t, err, test.err, name)
			require.ErrorAs(t, err, new(*workloads.OptionError), name)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, test.want, w.Options, name)
	}
	for _, dir := range []string{llama, bert} {
		for _, precision := range []string{workloads.Int8, workloads.Int4, workloads.Float8} {
			_, err := workloads.FromFolder(dir, "", workloads.Options{Precision: precision})
			require.ErrorIs(t, err, workloads.ErrPrecision)
			require.ErrorContains(t, err, "it is defined in f32, f16, bf16")
		}
	}
}

func TestBrokenFolders(t *testing.T) {
	for name, test := range map[string]struct {
		bert   bool
		change func(naive)
		is     error
		text   string
	}{
		"no tensor": {false, func(m naive) { delete(m.tensors, "model.layers.1.mlp.up_proj.weight") }, workloads.ErrFolderFormat, "no file holds tensor model.layers.1.mlp.up_proj.weight"},
		"no bias": {false, func(m naive) {
			m.config["architectures"], m.config["model_type"] = []string{"Qwen2ForCausalLM"}, "qwen2"
		}, workloads.ErrFolderFormat, "self_attn.q_proj.bias"},
		"no logits":   {false, func(m naive) { delete(m.tensors, "lm_head.weight") }, workloads.ErrFolderFormat, "lm_head.weight"},
		"other shape": {false, func(m naive) { m.tensors["model.norm.weight"] = hftest.Random(t, "F32", "n", 17) }, workloads.ErrFolderFormat, "model.norm.weight"},
		"transposed":  {false, func(m naive) { m.tensors["model.layers.0.mlp.down_proj.weight"] = hftest.Random(t, "F32", "n", 12, 16) }, workloads.ErrFolderFormat, "down_proj"},
		"integers": {false, func(m naive) {
			m.tensors["model.norm.weight"] = hftest.Tensor{DType: "I32", Shape: []int{16}, Data: make([]byte, 64)}
		}, workloads.ErrFolder, "model.norm.weight"},
		"other model":      {false, func(m naive) { m.config["architectures"] = []string{"GPT2LMHeadModel"} }, workloads.ErrFolder, `architecture "GPT2LMHeadModel"`},
		"quantised":        {false, func(m naive) { m.config["quantization_config"] = map[string]any{"bits": 4} }, workloads.ErrFolder, "quantization_config"},
		"one token":        {false, func(m naive) { m.config["max_position_embeddings"] = 1 }, workloads.ErrFolder, "sequences of at most 1 token"},
		"no layers":        {false, func(m naive) { delete(m.config, "num_hidden_layers") }, workloads.ErrFolderFormat, "num_hidden_layers"},
		"encoder, no span": {true, func(m naive) { m.config["architectures"] = []string{"BertModel"} }, workloads.ErrFolder, "has no span head"},
		"encoder, one kind": {true, func(m naive) {
			m.config["type_vocab_size"] = 1
			m.tensors["bert.embeddings.token_type_embeddings.weight"] = hftest.Random(t, "F32", "n", 1, 8)
		}, workloads.ErrFolder, "type_vocab_size: 1"},
	} {
		t.Run(name, func(t *testing.T) {
			m := decoderFolder(t, "LlamaForCausalLM", "llama")
			if test.bert {
				m.config, m.tensors = hftest.Bert(t, "F32")
			}
			test.change(m)
			_, err := workloads.FromFolder(m.write("model"), "", workloads.Options{})
			require.ErrorIs(t, err, test.is)
			require.ErrorContains(t, err, test.text)
		})
	}
	_, err := workloads.FromFolder(t.TempDir(), "", workloads.Options{})
	require.ErrorIs(t, err, workloads.ErrFolderFormat)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestFolderThatIsCutWhileItIsRead says that what cannot be read is an error of the computation, not zeros.
func TestFolderThatIsCutWhileItIsRead(t *testing.T) {
	m := decoderFolder(t, "LlamaForCausalLM", "llama")
	dir := filepath.Join(t.TempDir(), "model")
	require.NoError(t, os.Mkdir(dir, 0o755))
	hftest.Write(t, dir, m.config, m.tensors, 1)
	w, err := workloads.FromFolder(dir, "", workloads.Options{ISL: 2, OSL: 1})
	require.NoError(t, err)
	info, err := os.Stat(filepath.Join(dir, "model.safetensors"))
	require.NoError(t, err)
	require.NoError(t, os.Truncate(filepath.Join(dir, "model.safetensors"), info.Size()-1))
	in := w.NewInputs(0)
	w.Fill(0, []int{0}, in)
	_, err = reference.Run(t.Context(), w.Phases[0].Graph, in, nil)
	require.ErrorContains(t, err, "reading parameter norm")
	require.ErrorContains(t, err, "model.safetensors")
	_, err = reference.Compute(t.Context(), w, nil)
	require.Error(t, err)
}
