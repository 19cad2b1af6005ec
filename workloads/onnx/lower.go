package onnx

import (
	"math"

	"github.com/accelbench/accelbench/workloads"
)

// elementwise lowers what has the same operator in ONNX and works on each element by itself, in whichever layout spares
// transpositions.
func elementwise(op string) lowering {
	return func(e *emitter, n *workloads.Node) {
		e.each(n, func(base string, in []string) string { return e.op(base, op, in) })
	}
}

// each writes an elementwise operation: write gets the name for the output and the inputs, all in one layout.
func (e *emitter) each(n *workloads.Node, write func(base string, in []string) string) {
	get, set, base := e.get, e.set, n.Out.Name
	if e.inPlanes(n, n.In...) {
		get, set, base = e.getPlanes, e.setPlanes, n.Out.Name+".planes"
	}
	var in []string
	for _, v := range n.In {
		in = append(in, get(v))
	}
	set(n.Out, write(base, in))
}

// lowerGelu has an operator of its own from version 20 on.
func lowerGelu(e *emitter, n *workloads.Node) {
	e.each(n, func(base string, in []string) string {
		if e.options.Opset >= 20 {
			return e.op(base, "Gelu", in)
		}
		y := e.op(base+".scaled", "Div", []string{in[0], e.number(math.Sqrt2, e.float)})
		y = e.op(base+".erf", "Erf", []string{y})
		y = e.op(base+".sum", "Add", []string{y, e.number(1, e.float)})
		y = e.op(base+".twice", "Mul", []string{in[0], y})
		return e.op(base, "Mul", []string{y, e.number(0.5, e.float)})
	})
}

func lowerSilu(e *emitter, n *workloads.Node) {
	e.each(n, func(base string, in []string) string {
		return e.op(base, "Mul", []string{in[0], e.op(base+".sigmoid", "Sigmoid", in)})
	})
}

// lowerAddRows adds y [B,D] along all axes but the first and the last of x.
func lowerAddRows(e *emitter, n *workloads.Node) {
	x, y := n.In[0], n.In[1]
	dims := make([]int64, len(x.Shape))
	for i := range dims {
		dims[i] = 1
	}
	dims[0] = int64(y.Shape[0])
	if e.inPlanes(n, x) {
		dims[1] = int64(y.Shape[1])
		row := e.reshape(n.Out.Name+".row", e.get(y), dims...)
		e.setPlanes(n.Out, e.op(n.Out.Name+".planes", "Add", []string{e.getPlanes(x), row}))
		return
	}
	dims[len(dims)-1] = int64(y.Shape[1])
	row := e.reshape(n.Out.Name+".row", e.get(y), dims...)
	e.set(n.Out, e.op(n.Out.Name, "Add", []string{e.get(x), row}))
}

func lowerConcat(e *emitter, n *workloads.Node) {
	axis := -1
	if e.inPlanes(n, n.In...) {
		axis = 1
	}
	e.each(n, func(base string, in []string) string { return e.op(base, "Concat", in, intAttr("axis", axis)) })
}

func lowerEmbedding(e *emitter, n *workloads.Node) {
	e.set(n.Out, e.op(n.Out.Name, "Gather", []string{e.get(n.In[0]), e.get(n.In[1])}))
}

func lowerEmbeddingBag(e *emitter, n *workloads.Node) {
	rows := e.op(n.Out.Name+".rows", "Gather", []string{e.get(n.In[0]), e.get(n.In[1])})
	e.set(n.Out, e.op(n.Out.Name, "ReduceSum", []string{rows, e.ints(1)}, intAttr("keepdims", 0)))
}

// lowerLinear multiplies by MatMul, which takes any number of axes, and two axes with a bias or a transposed weight by Gemm.
func lowerLinear(e *emitter, n *workloads.Node) {
	x, w := e.get(n.In[0]), e.get(n.In[1])
	var bias []string
	if len(n.In) == 3 {
		bias = []string{e.get(n.In[2])}
	}
	rank, base := len(n.In[0].Shape), n.Out.Name
	switch {
	case n.Attr.Transposed && rank > 2:
		flat := e.reshape(base+".rows", x, -1, int64(n.In[0].Shape[rank-1]))
		y := e.op(base+".flat", "Gemm", append([]string{flat, w}, bias...), intAttr("transB", 1))
		e.set(n.Out, e.reshape(base, y, e.dims(n.Out)...))
	case n.Attr.Transposed:
		e.set(n.Out, e.op(base, "Gemm", append([]string{x, w}, bias...), intAttr("transB", 1)))
	case bias == nil:
		e.set(n.Out, e.op(base, "MatMul", []string{x, w}))
	case rank == 2:
		e.set(n.Out, e.op(base, "Gemm", append([]string{x, w}, bias...)))
	default:
		y := e.op(base+".product", "MatMul", []string{x, w})
		e.set(n.Out, e.op(base, "Add", append([]string{y}, bias...)))
	}
}

func lowerLayerNorm(e *emitter, n *workloads.Node) {
	e.set(n.Out, e.op(n.Out.Name, "LayerNormalization", []string{e.get(n.In[0]), e.get(n.In[1]), e.get(n.In[2])},
		intAttr("axis", -1), floatAttr("epsilon", n.Attr.Eps)))
}

// lowerRMSNorm takes the mean square in 32 bits at any precision: squares of half precision overflow. The operators are those
// in whose order exporters write it, which engines recognise.
func lowerRMSNorm(e *emitter, n *workloads.Node) {
	base := n.Out.Name
	x := e.convert(base+".wide", e.get(n.In[0]), e.float, Float)
	square := e.op(base+".square", "Pow", []string{x, e.number(2, Float)})
	mean := e.reduceMean(base+".mean", square)
	sum := e.op(base+".sum", "Add", []string{mean, e.number(n.Attr.Eps, Float)})
	root := e.op(base+".root", "Sqrt", []string{sum})
	y := e.convert(base+".narrow", e.op(base+".unit", "Div", []string{x, root}), Float, e.float)
	e.set(n.Out, e.op(base, "Mul", []string{y, e.get(n.In[1])}))
}

// reduceMean is the mean over the last axis, which stays with one element. Its axes became an input in version 18.
func (e *emitter) reduceMean(base, x string) string {
	if e.options.Opset >= 18 {
		return e.op(base, "ReduceMean", []string{x, e.ints(-1)}, intAttr("keepdims", 1))
	}
	return e.op(base, "ReduceMean", []string{x}, intsAttr("axes", -1), intAttr("keepdims", 1))
}

func lowerLast(e *emitter, n *workloads.Node) {
	e.set(n.Out, e.op(n.Out.Name, "Gather", []string{e.get(n.In[0]), e.integer(-1)}, intAttr("axis", 1)))
}

// lowerStore writes the state, which the rest of the graph then sees.
func lowerStore(e *emitter, n *workloads.Node) {
	x, state := e.get(n.In[0]), n.In[1]
	if e.rows[state] != "" {
		e.fail(errTwice(state))
		return
	}
	e.stateOut(state, e.dims(state), x)
	e.rows[state] = x
	e.set(n.Out, x)
}
