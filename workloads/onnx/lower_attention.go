package onnx

import (
	"fmt"
	"math"
	"slices"

	"github.com/accelbench/accelbench/workloads"
)

// lowerAttention writes attention without a cache. Middle axes of q and k are rows all alike.
func lowerAttention(e *emitter, n *workloads.Node) {
	if n.Attr.Window > 0 {
		e.fail(fmt.Errorf("a window without a cache: %w", ErrUnsupported))
		return
	}
	to := attended{keys: e.get(n.In[1]), values: e.get(n.In[2])}
	if n.Attr.Causal {
		to.mask = e.causal(n.In[0])
	}
	e.attend(n, to)
}

// attended are the keys and values of an attention, [B,...,KVHeads*HeadDim], and what is added to each head's scores [S,T];
// empty for nothing.
type attended struct{ keys, values, mask string }

// attend writes attention as two products around a softmax.
func (e *emitter) attend(n *workloads.Node, to attended) {
	a, base := n.Attr, n.Out.Name
	q := e.heads(base+".q", e.get(n.In[0]), n, a.Heads)
	k := e.heads(base+".k", to.keys, n, a.KVHeads)
	v := e.heads(base+".v", to.values, n, a.KVHeads)
	swap, back := []int{0, 1, 3, 2}, []int{0, 2, 1, 3}
	if a.Heads != a.KVHeads {
		swap, back = []int{0, 1, 2, 4, 3}, []int{0, 3, 1, 2, 4}
	}
	scaled := e.op(base+".scaled", "Mul", []string{q, e.number(1/math.Sqrt(float64(a.HeadDim)), e.float)})
	scores := e.op(base+".scores", "MatMul", []string{scaled, e.transpose(base+".kt", k, swap...)})
	if to.mask != "" {
		scores = e.op(base+".masked", "Add", []string{scores, to.mask})
	}
	sinks := len(n.In) == 7
	if sinks {
		scores = e.withSink(n, scores)
	}
	shares := e.op(base+".shares", "Softmax", []string{scores}, intAttr("axis", -1))
	if sinks {
		shares = e.withoutSink(base, shares)
	}
	y := e.op(base+".mixed", "MatMul", []string{shares, v})
	e.set(n.Out, e.reshape(base, e.transpose(base+".back", y, back...), e.dims(n.Out)...))
}

// heads takes x [B,...,heads*HeadDim] apart: [B,heads,S,HeadDim] where queries and keys have equally many heads; else queries
// become [B,KVHeads,Heads/KVHeads,S,HeadDim] and keys [B,KVHeads,1,S,HeadDim].
func (e *emitter) heads(base, x string, n *workloads.Node, heads int) string {
	a, batch := n.Attr, int64(n.Out.Shape[0])
	if a.Heads == a.KVHeads {
		split := e.reshape(base+".split", x, batch, -1, int64(heads), int64(a.HeadDim))
		return e.transpose(base, split, 0, 2, 1, 3)
	}
	split := e.reshape(base+".split", x, batch, -1, int64(a.KVHeads), int64(heads/a.KVHeads), int64(a.HeadDim))
	return e.transpose(base, split, 0, 2, 3, 1, 4)
}

// causal is a mask [S,S] for the rows of x: minus infinity above the diagonal, 0 elsewhere.
func (e *emitter) causal(x *workloads.Value) string {
	rows := e.rowCount(x)
	return e.memo("causal "+rows, func() string {
		row := e.floats("minus_infinity", []int64{1}, func(_ int, dst []float32) error {
			dst[0] = float32(math.Inf(-1))
			return nil
		})
		square := e.op("causal.shape", "Concat", []string{rows, rows}, intAttr("axis", 0))
		full := e.op("causal.full", "Expand", []string{row, square})
		return e.op("causal", "Trilu", []string{full, e.integer(1)}, intAttr("upper", 1))
	})
}

// rowCount is the number of rows of x [B,...,D], as a list of one 64-bit integer.
func (e *emitter) rowCount(x *workloads.Value) string {
	rows := int64(1)
	for _, d := range e.dims(x)[1 : len(x.Shape)-1] {
		rows *= d
	}
	switch {
	case rows > 0:
		return e.ints(rows)
	case rows < -1:
		e.fail(fmt.Errorf("%s has the number of tokens as one of several axes of rows: %w", x.Name, ErrUnsupported))
	}
	return e.tokens()
}

// tokens is the symbolic dimension, as a list of one 64-bit integer: it is read off the first input that has it.
func (e *emitter) tokens() string {
	return e.memo("tokens", func() string {
		for _, p := range e.inputs {
			if axis := slices.Index(p.Shape, -1); axis >= 0 {
				shape := e.op("tokens.shape", "Shape", []string{p.Name})
				return e.op("tokens.count", "Gather", []string{shape, e.ints(int64(axis))})
			}
		}
		e.fail(fmt.Errorf("no input has the number of tokens: %w", ErrUnsupported))
		return ""
	})
}
