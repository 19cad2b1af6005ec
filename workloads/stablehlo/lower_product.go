package stablehlo

import (
	"github.com/gomlx/compute/dtypes"

	"github.com/accelbench/accelbench/workloads"
)

// lowerLinear multiplies the last axis of x by a matrix.
func lowerLinear(e *emitter, n *workloads.Node) {
	w := n.In[1]
	if e.routers[w.Name] {
		x := e.wide(e.get(n.In[0]))
		y := e.dot(x, axes{sum: []int{len(dims(x)) - 1}}, e.values[w], axes{sum: []int{sumAxis(n)}}, dtypes.Float32)
		if len(n.In) == 3 {
			y = e.add(y, e.channels(n.In[2], y))
		}
		e.values[n.Out] = y
		return
	}
	y := e.linear(n, e.get(n.In[0]))
	if len(n.In) == 3 {
		y = e.add(y, e.broadcast(e.get(n.In[2]), dims(y), len(dims(y))-1))
	}
	e.set(n, y)
}

// sumAxis is the axis of a linear node's matrix that sums run over.
func sumAxis(n *workloads.Node) int {
	if n.Attr.Transposed {
		return 1
	}
	return 0
}

// linear is x times the matrix of n, in the type of values.
func (e *emitter) linear(n *workloads.Node, x value) value {
	w, end, k := n.In[1], len(dims(x))-1, sumAxis(n)
	rows := workloads.Elements(dims(x)[:end])
	switch {
	case e.levels[w] == nil || !byColumn(w, w.Shape[k]) && rows > 1:
		return e.dot(x, axes{sum: []int{end}}, e.get(w), axes{sum: []int{k}}, e.floats)
	case rows == 1:
		return e.narrow(e.vector(x, w, k, n.Out.Shape))
	}
	y := e.dot(x, axes{sum: []int{end}}, e.narrow(e.levels[w]), axes{sum: []int{k}}, dtypes.Float32)
	scale := e.reshape(e.scales[w], last(y))
	return e.narrow(e.mul(y, e.broadcast(scale, dims(y), end)))
}

// byColumn tells whether the groups of a quantised weight are whole columns, that is, all that a sum over k terms runs over:
// then the scales come after the sum, and the product is one of integers and values.
func byColumn(w *workloads.Value, k int) bool { return w.Param.Block == k }

// vector is a single row times a quantised matrix, as a sum of products in 32 bits: compilers then read the integers, multiply
// and add up in one pass over memory, where they would first write out the dequantised matrix for a library's product.
func (e *emitter) vector(x value, w *workloads.Value, k int, shape []int) value {
	m := e.unpacked(e.wide(e.levels[w]), e.scales[w], w.Param)
	m = e.reshape(m, w.Shape...)
	row := e.wide(e.reshape(x, last(x)))
	y := e.reduce(sum(), e.mul(m, e.broadcast(row, w.Shape, k)), k)
	return e.reshape(y, shape...)
}

// unpacked multiplies levels, 32-bit, by the scales of their groups: [groups,Block,Stride].
func (e *emitter) unpacked(levels, scales value, p *workloads.ParamSpec) value {
	groups := workloads.Elements(dims(scales)) / p.Stride
	levels = e.reshape(levels, groups, p.Block, p.Stride)
	scales = e.reshape(scales, groups, p.Stride)
	return e.mul(levels, e.broadcast(scales, dims(levels), 0, 2))
}

// dequantised is a quantised parameter in the type of values.
func (e *emitter) dequantised(v *workloads.Value) value {
	return e.reshape(e.narrow(e.unpacked(e.wide(e.levels[v]), e.scales[v], v.Param)), v.Shape...)
}

// lowerConv convolves images and sequences. Scales of the output channels come after the sums.
func lowerConv(e *emitter, n *workloads.Node) {
	x, w := e.get(n.In[0]), n.In[1]
	var y value
	if e.levels[w] != nil && byColumn(w, workloads.Elements(w.Shape[:len(w.Shape)-1])) {
		y = e.wide(e.conv(x, e.narrow(e.levels[w]), n.Attr))
		y = e.narrow(e.mul(y, e.broadcast(e.reshape(e.scales[w], last(y)), dims(y), len(dims(y))-1)))
	} else {
		y = e.conv(x, e.get(w), n.Attr)
	}
	if len(n.In) == 3 {
		y = e.add(y, e.broadcast(e.get(n.In[2]), dims(y), len(dims(y))-1))
	}
	e.set(n, y)
}
