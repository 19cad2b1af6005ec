package hf

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Role is a parameter of this project's graph of a model: its name there and its shape, linear weights as [in, out].
type Role struct {
	Name  string
	Shape []int
	// tensor is the name in the files, before the prefix of encoders.
	tensor string
	// transposed says that the files hold [out, in].
	transposed bool
}

// Roles are all parameters that a graph of the model must have, those outside the layers first. A graph that lacks one of
// them, say a bias, or has others computes another model.
func (f *Folder) Roles() []Role {
	c := f.config
	roles := c.outer()
	for layer := range c.Layers {
		for _, r := range c.layer() {
			r.Name = fmt.Sprintf("layer.%d.%s", layer, r.Name)
			r.tensor = fmt.Sprintf(r.tensor, layer)
			roles = append(roles, r)
		}
	}
	return roles
}

// linear is a weight that the files hold as [out, in].
func linear(name, tensor string, in, out int) Role {
	return Role{Name: name, Shape: []int{in, out}, tensor: tensor, transposed: true}
}

// plain is a parameter that is the same in the files.
func plain(name, tensor string, shape ...int) Role {
	return Role{Name: name, Shape: shape, tensor: tensor}
}

// dense is a linear layer with its bias.
func dense(name, tensor string, in, out int) []Role {
	return []Role{linear(name+".weight", tensor+".weight", in, out), plain(name+".bias", tensor+".bias", out)}
}

// layerNorm is a LayerNorm with its two vectors.
func layerNorm(name, tensor string, width int) []Role {
	return []Role{plain(name+".gamma", tensor+".weight", width), plain(name+".beta", tensor+".bias", width)}
}

// outer are the roles outside the layers.
func (c Config) outer() []Role {
	if c.Family == Encoder {
		roles := []Role{
			plain("embedding.token", "embeddings.word_embeddings.weight", c.Vocab, c.Width),
			plain("embedding.segment", "embeddings.token_type_embeddings.weight", c.TypeVocab, c.Width),
			plain("embedding.position", "embeddings.position_embeddings.weight", c.MaxPositions, c.Width),
		}
		roles = append(roles, layerNorm("embedding.norm", "embeddings.LayerNorm", c.Width)...)
		if architectures()[c.Architecture].span {
			roles = append(roles, dense("span", spanHead, c.Width, 2)...)
		}
		return roles
	}
	roles := []Role{
		plain("embedding", "model.embed_tokens.weight", c.Vocab, c.Width),
		plain("norm", "model.norm.weight", c.Width),
	}
	if !c.Tied {
		roles = append(roles, plain("logits.weight", "lm_head.weight", c.Vocab, c.Width))
	}
	return roles
}

// layer are the roles of one layer. The rotary halves of Hugging Face's weights are those of this project's graphs, so that
// query and key need no permutation.
func (c Config) layer() []Role {
	w := c.Width
	if c.Family == Encoder {
		const at = "encoder.layer.%d."
		return slices.Concat(
			dense("query", at+"attention.self.query", w, w),
			dense("key", at+"attention.self.key", w, w),
			dense("value", at+"attention.self.value", w, w),
			dense("output", at+"attention.output.dense", w, w),
			layerNorm("attention_norm", at+"attention.output.LayerNorm", w),
			dense("up", at+"intermediate.dense", w, c.FFN),
			dense("down", at+"output.dense", c.FFN, w),
			layerNorm("ffn_norm", at+"output.LayerNorm", w),
		)
	}
	const at = "model.layers.%d."
	projection := func(name, tensor string, out int) []Role {
		roles := dense(name, tensor, w, out)
		if !c.QKVBias {
			return roles[:1]
		}
		return roles
	}
	return slices.Concat(
		[]Role{plain("attention_norm", at+"input_layernorm.weight", w)},
		projection("query", at+"self_attn.q_proj", c.Heads*c.HeadDim),
		projection("key", at+"self_attn.k_proj", c.KVHeads*c.HeadDim),
		projection("value", at+"self_attn.v_proj", c.KVHeads*c.HeadDim),
		[]Role{
			linear("output.weight", at+"self_attn.o_proj.weight", c.Heads*c.HeadDim, w),
			plain("ffn_norm", at+"post_attention_layernorm.weight", w),
			linear("gate.weight", at+"mlp.gate_proj.weight", w, c.FFN),
			linear("up.weight", at+"mlp.up_proj.weight", w, c.FFN),
			linear("down.weight", at+"mlp.down_proj.weight", c.FFN, w),
		},
	)
}

// role finds a role by its name.
func (c Config) role(name string) (Role, bool) {
	roles, part := c.outer(), name
	layer := 0
	if rest, ok := strings.CutPrefix(name, "layer."); ok {
		number, after, _ := strings.Cut(rest, ".")
		n, err := strconv.Atoi(number)
		if err != nil || n < 0 || n >= c.Layers || strconv.Itoa(n) != number {
			return Role{}, false
		}
		roles, part, layer = c.layer(), after, n
	}
	i := slices.IndexFunc(roles, func(r Role) bool { return r.Name == part })
	if i < 0 {
		return Role{}, false
	}
	r := roles[i]
	if part != name {
		r.Name, r.tensor = name, fmt.Sprintf(r.tensor, layer)
	}
	return r, true
}

// spanHead is the span head of BertForQuestionAnswering.
const spanHead = "qa_outputs"

// encoderPrefix is before the names of encoders that were saved with a head.
const encoderPrefix = "bert."

// names are those under which the files may hold the tensor of a role, the usual one first.
func (f *Folder) names(r Role) []string {
	if f.config.Family != Encoder || strings.HasPrefix(r.tensor, spanHead) {
		return []string{r.tensor}
	}
	names := []string{encoderPrefix + r.tensor, r.tensor}
	if _, bare := f.tensors["embeddings.word_embeddings.weight"]; bare {
		slices.Reverse(names)
	}
	// Checkpoints that came from TensorFlow keep its names.
	if norm, ok := strings.CutSuffix(names[0], "LayerNorm.weight"); ok {
		return append(names, norm+"LayerNorm.gamma")
	}
	if norm, ok := strings.CutSuffix(names[0], "LayerNorm.bias"); ok {
		return append(names, norm+"LayerNorm.beta")
	}
	return names
}

// Source fills one parameter of a graph from the files. It is comparable: equal sources give equal elements.
type Source struct {
	tensor     *Tensor
	transposed bool
}

// Source finds the parameter called role, which in the graph has the given shape. Errors wrap [ErrUnsupported] for a role
// that the model does not have and for element types that are not read, and [ErrFormat] for a tensor that is missing or has
// another shape.
func (f *Folder) Source(role string, shape []int) (Source, error) {
	s, err := f.source(role, shape)
	if err != nil {
		return Source{}, fmt.Errorf("finding %s in model folder %s: %w", role, f.dir, err)
	}
	return s, nil
}

func (f *Folder) source(role string, shape []int) (Source, error) {
	c := f.config
	r, ok := c.role(role)
	if !ok {
		if c.Family == Encoder && strings.HasPrefix(role, "span.") {
			return Source{}, fmt.Errorf("%w: %s has no span head (%s): it takes the folder of a BertForQuestionAnswering", ErrUnsupported,
				c.Architecture, spanHead)
		}
		return Source{}, fmt.Errorf("%w: %s has no such parameter", ErrUnsupported, c.Architecture)
	}
	if !slices.Equal(shape, r.Shape) {
		return Source{}, fmt.Errorf("%w: it is %v by %s, but %v in the graph", ErrFormat, r.Shape, configFile, shape)
	}
	names := f.names(r)
	i := slices.IndexFunc(names, func(name string) bool { return f.tensors[name] != nil })
	if i < 0 {
		return Source{}, fmt.Errorf("%w: no file holds tensor %s", ErrFormat, names[0])
	}
	t := f.tensors[names[i]]
	want := slices.Clone(r.Shape)
	if r.transposed {
		slices.Reverse(want)
	}
	if !slices.Equal(t.Shape, want) {
		return Source{}, fmt.Errorf("%w: tensor %s of %s is %v, but %v by %s", ErrFormat, t.Name, t.file, t.Shape, want, configFile)
	}
	if _, err := t.check(0, 0); err != nil {
		return Source{}, err
	}
	return Source{tensor: t, transposed: r.transposed}, nil
}

// Tensor is the tensor behind the source.
func (s Source) Tensor() *Tensor { return s.tensor }

// Fill writes the elements first, first+1, ... of the parameter, in the layout of the graph, to dst. It may be called
// concurrently.
func (s Source) Fill(first int, dst []float32) error {
	if s.transposed {
		return s.tensor.FillTransposed(first, dst)
	}
	return s.tensor.Fill(first, dst)
}

// Chunk is a number of elements for which one call of [Source.Fill] reads the file in long pieces: a call for fewer elements
// of a transposed matrix costs nearly as much.
func (s Source) Chunk() int {
	const elements, columns = 1 << 18, 256
	if s.transposed {
		return max(elements, columns*s.tensor.Shape[0])
	}
	return elements
}
