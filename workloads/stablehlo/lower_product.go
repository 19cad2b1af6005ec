package stablehlo

import (
	"slices"

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
	// Two axes are what the patterns of compilers for products with biases and of 8-bit floats want.
	x := e.get(n.In[0])
	y := e.linear(n, e.reshape(x, workloads.Elements(dims(x))/last(x), last(x)))
	if len(n.In) == 3 {
		y = e.add(y, e.broadcast(e.get(n.In[2]), dims(y), 1))
	}
	e.set(n, e.reshape(y, n.Out.Shape...))
}

// sumAxis is the axis of a linear node's matrix that sums run over.
func sumAxis(n *workloads.Node) int {
	if n.Attr.Transposed {
		return 1
	}
	return 0
}

// linear is x [rows,K] times the matrix of n, in the type of values.
func (e *emitter) linear(n *workloads.Node, x value) value {
	w, k := n.In[1], sumAxis(n)
	xs, ws := axes{sum: []int{1}}, axes{sum: []int{k}}
	switch {
	case e.levels[w] != nil && dims(x)[0] == 1:
		return e.narrow(e.vector(x, w, k))
	case e.levels[w] == nil || !byColumn(w, w.Shape[k]):
		return e.dot(x, xs, e.get(w), ws, e.floats)
	}
	return e.narrow(e.dotLevels(x, xs, w, ws, []int{n.Out.Shape[len(n.Out.Shape)-1]}, 1))
}

// dotLevels multiplies x by a quantised weight whose groups are columns: 32-bit. The scales have that shape, and lie along those
// axes of the product.
//
// For weights of 8-bit floats x becomes such as well, and the product is one of 8-bit floats in the text too: XLA makes it one in
// the hardware that has it, and computes the same in wider floats elsewhere. Were the factors widened here, simplifications that
// join conversions could undo the narrowing. The scales come after the sum, where those of columns can be.
func (e *emitter) dotLevels(x value, xs axes, w *workloads.Value, ws axes, shape []int, along ...int) value {
	levels, scales := e.levels[w], e.reshape(e.scales[w], shape...)
	if w.Param.Store == workloads.F8E4M3 {
		var unit value
		x, unit = e.small(x)
		scales = e.mul(scales, e.filled(unit, scales))
	} else {
		levels = e.narrow(levels)
	}
	y := e.dot(x, xs, levels, ws, dtypes.Float32)
	return e.mul(y, e.broadcast(scales, dims(y), along...))
}

// largest8 is the largest 8-bit float (e4m3).
const largest8 = 448

// small is x in 8-bit floats times unit, a scalar by which the largest element of x becomes the largest such float.
func (e *emitter) small(x value) (small, unit value) {
	x = e.wide(x)
	top := e.reduce(most(), e.abs(x), axesOf(x)...)
	top = e.max(top, e.scalar(dtypes.Float32, 0x1p-100)) // of zeros, whatever the scale
	unit = e.times(top, 1.0/largest8)
	x = e.div(x, e.filled(unit, x))
	x = e.max(e.min(x, e.number(largest8, x)), e.number(-largest8, x)) // rounding may have gone beyond
	return e.convert(x, dtypes.F8E4M3FN), unit
}

// byColumn tells whether the groups of a quantised weight are whole columns, that is, all that a sum over k terms runs over:
// then the scales come after the sum, and the product is one of integers and values.
func byColumn(w *workloads.Value, k int) bool { return w.Param.Block == k }

// vector is a single row times a quantised matrix, as a sum of products in 32 bits: compilers then read the integers, multiply
// and add up in one pass over memory, where they would first write out the dequantised matrix for a library's product.
func (e *emitter) vector(x value, w *workloads.Value, k int) value {
	m := e.unpacked(e.wide(e.levels[w]), e.scales[w], w.Param)
	m = e.reshape(m, w.Shape...)
	row := e.wide(e.reshape(x, last(x)))
	y := e.reduce(sum(), e.mul(m, e.broadcast(row, w.Shape, k)), k)
	return e.reshape(y, 1, last(y))
}

// unpacked multiplies levels, 32-bit, by the scales [...,Stride] of their groups: [...,Block,Stride]. The axes of the scales stay
// apart, since one of them may be split over devices.
func (e *emitter) unpacked(levels, scales value, p *workloads.ParamSpec) value {
	end := len(dims(scales)) - 1
	levels = e.reshape(levels, slices.Insert(slices.Clone(dims(scales)), end, p.Block)...)
	return e.mul(levels, e.broadcast(scales, dims(levels), append(upTo(end), end+1)...))
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
