package workloads_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads/hf/hftest"
)

// naive are the models as Hugging Face defines them, in float64, from its config.json and its tensors alone: no line of it is
// shared with the graphs, the reference or the reader of folders.
type naive struct {
	t       *testing.T
	config  map[string]any
	tensors map[string]hftest.Tensor
}

func (m naive) int(key string) int { return m.config[key].(int) }

// weight is a tensor of f32 by its name, nil if there is none.
func (m naive) weight(name string) []float64 {
	tensor, ok := m.tensors[name]
	if !ok {
		return nil
	}
	require.Equal(m.t, "F32", tensor.DType)
	out := make([]float64, len(tensor.Data)/4)
	for i := range out {
		out[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(tensor.Data[4*i:])))
	}
	return out
}

// linear is torch's: y = x W^T + b, W of [out, in].
func (m naive) linear(x [][]float64, name string) [][]float64 {
	w, b := m.weight(name+".weight"), m.weight(name+".bias")
	in, out := len(x[0]), len(w)/len(x[0])
	y := make([][]float64, len(x))
	for s, row := range x {
		y[s] = make([]float64, out)
		for o := range out {
			for i := range in {
				y[s][o] += row[i] * w[o*in+i]
			}
			if b != nil {
				y[s][o] += b[o]
			}
		}
	}
	return y
}

// row is a row of an embedding table.
func (m naive) row(name string, i, width int) []float64 {
	return m.weight(name + ".weight")[i*width : (i+1)*width]
}

func added(x, y [][]float64) [][]float64 {
	out := make([][]float64, len(x))
	for s := range x {
		for i := range x[s] {
			out[s] = append(out[s], x[s][i]+y[s][i])
		}
	}
	return out
}

// rmsNorm is LlamaRMSNorm: weight * x * rsqrt(mean(x^2) + eps).
func (m naive) rmsNorm(x [][]float64, name string) [][]float64 {
	w, eps := m.weight(name+".weight"), m.config["rms_norm_eps"].(float64)
	out := make([][]float64, len(x))
	for s, row := range x {
		var square float64
		for _, v := range row {
			square += v * v
		}
		for i, v := range row {
			out[s] = append(out[s], w[i]*v/math.Sqrt(square/float64(len(row))+eps))
		}
	}
	return out
}

// inverseFrequencies are those of LlamaRotaryEmbedding, with the function for rope_type llama3 where it is asked for.
func (m naive) inverseFrequencies(headDim int) []float64 {
	var out []float64
	for i := 0; i < headDim; i += 2 {
		out = append(out, 1/math.Pow(m.config["rope_theta"].(float64), float64(i)/float64(headDim)))
	}
	scaling, ok := m.config["rope_scaling"].(map[string]any)
	if !ok {
		return out
	}
	factor, low, high := scaling["factor"].(float64), scaling["low_freq_factor"].(float64), scaling["high_freq_factor"].(float64)
	old := float64(scaling["original_max_position_embeddings"].(int))
	for i, f := range out {
		wavelength := 2 * math.Pi / f
		switch {
		case wavelength < old/high:
		case wavelength > old/low:
			out[i] = f / factor
		default:
			smooth := (old/wavelength - low) / (high - low)
			out[i] = (1-smooth)*f/factor + smooth*f
		}
	}
	return out
}

// rotate is apply_rotary_pos_emb: x cos + rotate_half(x) sin, where both halves of a head have the same angles.
func rotate(head, frequencies []float64, position int) []float64 {
	half := len(head) / 2
	out := make([]float64, len(head))
	for i := range head {
		angle := float64(position) * frequencies[i%half]
		turned := -head[(i+half)%len(head)]
		if i >= half {
			turned = head[i-half]
		}
		out[i] = head[i]*math.Cos(angle) + turned*math.Sin(angle)
	}
	return out
}

// attend is softmax(q k^T / sqrt(d)) v of one head; a query row sees the first seen(row) rows.
func attend(q, k, v [][]float64, seen func(row int) int) [][]float64 {
	out := make([][]float64, len(q))
	for s := range q {
		n := seen(s)
		scores, sum, most := make([]float64, n), 0.0, math.Inf(-1)
		for j := range n {
			for i := range q[s] {
				scores[j] += q[s][i] * k[j][i] / math.Sqrt(float64(len(q[s])))
			}
			most = max(most, scores[j])
		}
		for j := range n {
			scores[j] = math.Exp(scores[j] - most)
			sum += scores[j]
		}
		out[s] = make([]float64, len(v[0]))
		for j := range n {
			for i := range v[j] {
				out[s][i] += scores[j] / sum * v[j][i]
			}
		}
	}
	return out
}

// head is columns h*d to (h+1)*d.
func head(x [][]float64, h, d int) [][]float64 {
	out := make([][]float64, len(x))
	for s := range x {
		out[s] = x[s][h*d : (h+1)*d]
	}
	return out
}

// decoder are the logits after the last token of LlamaForCausalLM, MistralForCausalLM (within its window) and
// Qwen2ForCausalLM (which is the same with three biases).
func (m naive) decoder(tokens []int32) []float64 {
	width, heads, kvHeads := m.int("hidden_size"), m.int("num_attention_heads"), m.int("num_key_value_heads")
	d := width / heads
	if explicit, ok := m.config["head_dim"].(int); ok {
		d = explicit
	}
	frequencies := m.inverseFrequencies(d)
	var x [][]float64
	for _, token := range tokens {
		x = append(x, m.row("model.embed_tokens", int(token), width))
	}
	for layer := range m.int("num_hidden_layers") {
		at := fmt.Sprintf("model.layers.%d.", layer)
		h := m.rmsNorm(x, at+"input_layernorm")
		q, k, v := m.linear(h, at+"self_attn.q_proj"), m.linear(h, at+"self_attn.k_proj"), m.linear(h, at+"self_attn.v_proj")
		y := make([][]float64, len(x))
		for i := range heads {
			group := i / (heads / kvHeads) // repeat_kv: each key head serves that many query heads in a row
			qh, kh := head(q, i, d), head(k, group, d)
			for s := range x {
				qh[s], kh[s] = rotate(qh[s], frequencies, s), rotate(kh[s], frequencies, s)
			}
			for s, row := range attend(qh, kh, head(v, group, d), func(row int) int { return row + 1 }) {
				y[s] = append(y[s], row...)
			}
		}
		x = added(x, m.linear(y, at+"self_attn.o_proj"))
		h = m.rmsNorm(x, at+"post_attention_layernorm")
		gate, up := m.linear(h, at+"mlp.gate_proj"), m.linear(h, at+"mlp.up_proj")
		for s := range gate {
			for i, g := range gate[s] {
				gate[s][i] = g / (1 + math.Exp(-g)) * up[s][i]
			}
		}
		x = added(x, m.linear(gate, at+"mlp.down_proj"))
	}
	last := m.rmsNorm(x[len(x)-1:], "model.norm")
	if m.config["tie_word_embeddings"].(bool) {
		return m.linear(last, "model.embed_tokens")[0]
	}
	return m.linear(last, "lm_head")[0]
}

// layerNorm is torch's, over the last axis.
func (m naive) layerNorm(x [][]float64, name string) [][]float64 {
	w, b, eps := m.weight(name+".weight"), m.weight(name+".bias"), m.config["layer_norm_eps"].(float64)
	out := make([][]float64, len(x))
	for s, row := range x {
		var mean, variance float64
		for _, v := range row {
			mean += v / float64(len(row))
		}
		for _, v := range row {
			variance += (v - mean) * (v - mean) / float64(len(row))
		}
		for i, v := range row {
			out[s] = append(out[s], (v-mean)/math.Sqrt(variance+eps)*w[i]+b[i])
		}
	}
	return out
}

// bert are the logits of BertForQuestionAnswering: start and end for every token.
func (m naive) bert(tokens, segments []int32) []float64 {
	width, heads := m.int("hidden_size"), m.int("num_attention_heads")
	var x [][]float64
	for s, token := range tokens {
		const at = "bert.embeddings."
		word, kind := m.row(at+"word_embeddings", int(token), width), m.row(at+"token_type_embeddings", int(segments[s]), width)
		place := m.row(at+"position_embeddings", s, width)
		x = append(x, added(added([][]float64{word}, [][]float64{kind}), [][]float64{place})[0])
	}
	x = m.layerNorm(x, "bert.embeddings.LayerNorm")
	for layer := range m.int("num_hidden_layers") {
		at := fmt.Sprintf("bert.encoder.layer.%d.", layer)
		q, k, v := m.linear(x, at+"attention.self.query"), m.linear(x, at+"attention.self.key"), m.linear(x, at+"attention.self.value")
		y := make([][]float64, len(x))
		for i := range heads {
			d := width / heads
			for s, row := range attend(head(q, i, d), head(k, i, d), head(v, i, d), func(int) int { return len(x) }) {
				y[s] = append(y[s], row...)
			}
		}
		x = m.layerNorm(added(m.linear(y, at+"attention.output.dense"), x), at+"attention.output.LayerNorm")
		h := m.linear(x, at+"intermediate.dense")
		for s := range h {
			for i, v := range h[s] {
				h[s][i] = v * 0.5 * (1 + math.Erf(v/math.Sqrt2))
			}
		}
		x = m.layerNorm(added(m.linear(h, at+"output.dense"), x), at+"output.LayerNorm")
	}
	var out []float64
	for _, row := range m.linear(x, "qa_outputs") {
		out = append(out, row...)
	}
	return out
}
