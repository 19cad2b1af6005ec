package workloads

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// DType is the element type of a tensor.
type DType string

// The element types that graphs use. Other precisions join when an engine computes in them.
const (
	F32 DType = "f32"
	I32 DType = "i32"
)

// Bytes is the size of one element.
func (t DType) Bytes() int64 { return 4 }

// Tensor is dense row-major host data. Exactly one of F32 and I32 is used, as DType says.
type Tensor struct {
	DType DType
	Shape []int
	F32   []float32
	I32   []int32
}

// NewTensor allocates a zeroed tensor.
func NewTensor(t DType, shape []int) Tensor {
	n := Elements(shape)
	if t == I32 {
		return Tensor{DType: t, Shape: shape, I32: make([]int32, n)}
	}
	return Tensor{DType: t, Shape: shape, F32: make([]float32, n)}
}

// Elements is the product of the dimensions; 1 for a scalar.
func Elements(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

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
	// OpLayerNorm normalises the last axis: x, gamma [D], beta [D]. Population variance. Attr: Eps.
	OpLayerNorm Op = "layer_norm"
	// OpRMSNorm divides the last axis by sqrt(mean(x*x) + eps) and multiplies by gamma [D]. Attr: Eps.
	OpRMSNorm Op = "rms_norm"
	// OpRope rotates each head of x [B,S,heads*head_dim] by its position: x, pos [1] i32. Row s is at position pos+s. Halves
	// rotate (i with i+head_dim/2), angle = position * theta^(-2i/head_dim). Attr: HeadDim, Theta.
	OpRope Op = "rope"
	// OpAttention is softmax(q k^T / sqrt(head_dim)) v per head: q [B,S,Heads*HeadDim], k, v [B,S,KVHeads*HeadDim]; query
	// head h uses key head h*KVHeads/Heads. With three more inputs (kcache, vcache [B,T,KVHeads*HeadDim] State, pos [1] i32)
	// rows k and v are first written to the caches at positions pos..pos+S-1, and the query row s sees the positions
	// 0..pos+s. Without them every row sees every row, or rows 0..s with Attr.Causal.
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
