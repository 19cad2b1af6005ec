package workloads

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Kind says where the data of a Value comes from.
type Kind string

// A Value is fed per call (Input), generated once (Param), kept between calls and shared by the phases of a workload
// through its name (State), or computed by a node (Computed).
const (
	Input    Kind = "input"
	Param    Kind = "param"
	State    Kind = "state"
	Computed Kind = "computed"
)

// Value is one tensor of a graph: its static shape and where its data comes from.
type Value struct {
	ID    int        `json:"id"`
	Name  string     `json:"name"`
	Kind  Kind       `json:"kind"`
	DType DType      `json:"dtype"`
	Shape []int      `json:"shape"`
	Param *ParamSpec `json:"param,omitempty"`
	Fill  *InputSpec `json:"fill,omitempty"`
	// Weights is where a parameter comes from that is not generated; nil for generated ones.
	Weights Weights `json:"-"`
}

// Weights gives the elements of a parameter from elsewhere, a file for instance. It is safe for concurrent use.
type Weights interface {
	// Fill writes the elements first, first+1, ... to dst, row-major in the layout of the graph.
	Fill(first int, dst []float32) error
	// Chunk is a number of elements from which on a call is efficient.
	Chunk() int
}

// Chunk is how many elements of a parameter to generate at a time, where anything from least on would do.
func (v *Value) Chunk(least int) int {
	if v.Weights == nil {
		return least
	}
	return max(least, v.Weights.Chunk())
}

// Op names an operation. Shapes: B batch, S sequence, D width, H W C image height, width, channels (NHWC).
type Op string

// The operations. Every node has one output.
const (
	// OpEmbedding gathers rows: table [V,D], ids [B,S] i32 -> [B,S,D].
	OpEmbedding Op = "embedding"
	// OpLinear multiplies the last axis: x [...,K], w [K,N] (or [N,K] with Attr.Transposed), optional bias [N] -> [...,N].
	OpLinear Op = "linear"
	// OpConv2D convolves: x [B,H,W,C], w [KH,KW,C,O], optional bias [O] -> [B,H',W',O]. Attr: Kernel, Stride, Pad.
	OpConv2D Op = "conv2d"
	// OpMaxPool takes the maximum over windows; padding never wins: x [B,H,W,C] -> [B,H',W',C]. Attr: Kernel, Stride, Pad.
	OpMaxPool Op = "max_pool"
	// OpGlobalAvgPool averages over H and W: x [B,H,W,C] -> [B,C].
	OpGlobalAvgPool Op = "global_avg_pool"
	// OpAdd adds two tensors of one shape.
	OpAdd Op = "add"
	// OpMul multiplies two tensors of one shape, element by element.
	OpMul Op = "mul"
	// OpRelu is max(x, 0).
	OpRelu Op = "relu"
	// OpGelu is x/2 * (1 + erf(x/sqrt 2)), the erf form.
	OpGelu Op = "gelu"
	// OpSilu is x / (1 + exp(-x)).
	OpSilu Op = "silu"
	// OpSigmoid is 1 / (1 + exp(-x)).
	OpSigmoid Op = "sigmoid"
	// OpAddRows adds one row per batch entry everywhere: x [B,...,D], y [B,D] -> [B,...,D].
	OpAddRows Op = "add_rows"
	// OpConcat joins two or more tensors along the last axis; the axes before it are equal.
	OpConcat Op = "concat"
	// OpUpsample repeats each pixel twice along both axes (nearest neighbour): x [B,H,W,C] -> [B,2H,2W,C].
	OpUpsample Op = "upsample"
	// OpConv1D convolves a sequence: x [B,T,C], w [K,C,O], optional bias [O] -> [B,T',O]. Attr: Kernel, Stride, Pad.
	OpConv1D Op = "conv1d"
	// OpEmbeddingBag sums rows: table [V,D], ids [B,L] i32 -> [B,D].
	OpEmbeddingBag Op = "embedding_bag"
	// OpGroupNorm normalises each group of D/Attr.Groups channels of a batch entry over all its pixels and the channels of the
	// group, then scales and shifts by channel: x [B,...,D], gamma [D], beta [D]. Population variance. Attr: Groups, Eps.
	OpGroupNorm Op = "group_norm"
	// OpStore writes x to a state of the same shape and passes it on; later calls of any phase see it in the state.
	OpStore Op = "store"
	// OpMoE is a mixture of experts: x [B,S,D], router logits [B,S,E], gate and up [E,D,F], down [E,F,D]; with biases three
	// more inputs: [E,F], [E,F], [E,D]. Each row goes through the Attr.TopK experts of the largest logits (of equal ones the
	// first) and gets the sum of their outputs weighted by the softmax of those logits alone. An expert is
	// down(act(gate(x), up(x))). act(g, u) is silu(g)*u; with Attr.Clamp c > 0 it is g*sigmoid(1.702 g)*(u+1) with g at most c
	// and u between -c and c, as in gpt-oss.
	OpMoE Op = "moe"
	// OpLayerNorm normalises the last axis: x, gamma [D], beta [D]. Population variance. Attr: Eps.
	OpLayerNorm Op = "layer_norm"
	// OpRMSNorm divides the last axis by sqrt(mean(x*x) + eps) and multiplies by gamma [D]. Attr: Eps.
	OpRMSNorm Op = "rms_norm"
	// OpRope rotates each head of x [B,S,heads*head_dim] by its position: x, pos [1] i32. Row s is at position pos+s. Halves
	// rotate (i with i+head_dim/2), angle = position * frequency i of [Attr.Frequencies]; sine and cosine are multiplied by
	// [Attr.RopeScale]. Attr: HeadDim, Theta, Llama3, Yarn.
	OpRope Op = "rope"
	// OpAttention is softmax(q k^T / sqrt(head_dim)) v per head: q [B,S,Heads*HeadDim], k, v [B,S,KVHeads*HeadDim]; query
	// head h uses key head h*KVHeads/Heads. With three more inputs (kcache, vcache [B,T,KVHeads*HeadDim] State, pos [1] i32)
	// rows k and v are first written to the caches at positions pos..pos+S-1, and the query row s sees the positions
	// 0..pos+s, with Attr.Window w > 0 only the last w of these. A seventh input, sinks [Heads], adds one logit per head to
	// the denominator of the softmax alone. With three inputs every row sees every row, or rows 0..s with Attr.Causal; q may
	// then have any number of middle axes, [B,...,Heads*HeadDim], k and v may have another number of rows than q (attention
	// across sequences) and may be states.
	OpAttention Op = "attention"
	// OpLast takes the last row of a sequence: x [B,S,D] -> [B,D].
	OpLast Op = "last"
	// OpCopy copies its input to a new buffer.
	OpCopy Op = "copy"
)

// Attr holds what an operation needs besides its inputs; unused fields stay zero.
type Attr struct {
	Kernel     int     `json:"kernel,omitempty"`
	Stride     int     `json:"stride,omitempty"`
	Pad        int     `json:"pad,omitempty"`
	Heads      int     `json:"heads,omitempty"`
	KVHeads    int     `json:"kv_heads,omitempty"`
	HeadDim    int     `json:"head_dim,omitempty"`
	Causal     bool    `json:"causal,omitempty"`
	Transposed bool    `json:"transposed,omitempty"`
	Eps        float64 `json:"eps,omitempty"`
	Theta      float64 `json:"theta,omitempty"`
	// Llama3 and Yarn change the frequencies of a rotation for contexts longer than that of the training.
	Llama3 Llama3Scaling `json:"llama3,omitzero"`
	Yarn   YarnScaling   `json:"yarn,omitzero"`
	Groups int           `json:"groups,omitempty"`
	Window int           `json:"window,omitempty"`
	TopK   int           `json:"top_k,omitempty"`
	Clamp  float64       `json:"clamp,omitempty"`
}

// Node is one operation of a graph.
type Node struct {
	Op   Op       `json:"op"`
	In   []*Value `json:"-"`
	Out  *Value   `json:"-"`
	Attr Attr     `json:"attr"`
}

// Graph is a computation with static shapes. Nodes are in execution order; Values are in order of their ID.
type Graph struct {
	Name    string
	Batch   int
	Values  []*Value
	Nodes   []*Node
	Outputs []*Value
}

// Inputs are the values fed in each call, in the order in which a call gives them.
func (g *Graph) Inputs() []*Value { return g.ofKind(Input) }

// Params are the constant tensors.
func (g *Graph) Params() []*Value { return g.ofKind(Param) }

// States are the tensors that live between calls, zero before the first.
func (g *Graph) States() []*Value { return g.ofKind(State) }

func (g *Graph) ofKind(k Kind) []*Value {
	var out []*Value
	for _, v := range g.Values {
		if v.Kind == k {
			out = append(out, v)
		}
	}
	return out
}

// Hash identifies the computation: equal hashes mean equal operations, shapes, parameters and inputs.
func (g *Graph) Hash() string {
	type node struct {
		Op   Op    `json:"op"`
		In   []int `json:"in"`
		Out  int   `json:"out"`
		Attr Attr  `json:"attr"`
	}
	nodes := make([]node, len(g.Nodes))
	for i, n := range g.Nodes {
		nodes[i] = node{Op: n.Op, Out: n.Out.ID, Attr: n.Attr}
		for _, v := range n.In {
			nodes[i].In = append(nodes[i].In, v.ID)
		}
	}
	var outs []int
	for _, v := range g.Outputs {
		outs = append(outs, v.ID)
	}
	text, err := json.Marshal(struct {
		Values  []*Value `json:"values"`
		Nodes   []node   `json:"nodes"`
		Outputs []int    `json:"outputs"`
	}{g.Values, nodes, outs})
	if err != nil {
		panic(fmt.Sprintf("hashing graph %s: %v", g.Name, err)) // only plain data is marshalled
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
