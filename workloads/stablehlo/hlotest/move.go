package hlotest

import (
	"slices"

	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// move evaluates the operations that make or move elements without computing; known is false for others.
func move(op *mlir.Op, name string, in []Array) (out Array, known bool, err error) {
	t, f := op.Results[0].Type, op.Fields()
	rank := len(t.Shape)
	var do func() Array
	// Attributes are read first: what is wrong with them is the error, not what comes of it.
	switch name {
	case "constant":
		d := f.Dense("value")
		do = func() Array { return constant(d) }
	case "iota":
		dim := f.NeedInt("iota_dimension")
		do = func() Array { return iota(t, dim) }
	case "reshape":
		if in[0].Type.Elem != t.Elem {
			return out, true, op.Errorf("from %s to %s", in[0].Type, t)
		}
		do = func() Array { return Array{t, in[0].Data} }
	case "bitcast_convert":
		do = func() Array { return Array{t, in[0].Data} }
	case "broadcast_in_dim":
		dims := f.NeedInts("broadcast_dimensions")
		do = func() Array { return broadcast(t, in[0], dims) }
	case "transpose":
		perm := f.NeedInts("permutation")
		do = func() Array {
			return take(in[0], pick(in[0].Type.Shape, perm), place{strides: pick(dense(in[0].Type.Shape).strides, perm)})
		}
	case "reverse":
		dims := f.NeedInts("dimensions")
		do = func() Array { return reverse(in[0], dims) }
	case "slice":
		start, limit, stride := f.NeedIntsOf("start_indices", rank), f.NeedIntsOf("limit_indices", rank), f.NeedIntsOf("strides", rank)
		do = func() Array { return slice(in[0], start, limit, stride) }
	case "dynamic_slice":
		sizes := f.NeedInts("slice_sizes")
		do = func() Array {
			from := dense(in[0].Type.Shape)
			from.base = dot(starts(in[0].Type.Shape, sizes, in[1:]), from.strides)
			return take(in[0], sizes, from)
		}
	case "dynamic_update_slice":
		do = func() Array { return updateSlice(in[0], in[1], in[2:]) }
	case "concatenate":
		dim := f.NeedInt("dimension")
		do = func() Array { return concatenate(t, in, dim) }
	case "pad":
		low, high, interior := f.NeedIntsOf("edge_padding_low", rank), f.NeedIntsOf("edge_padding_high", rank), f.NeedIntsOf("interior_padding", rank)
		do = func() Array { return pad(in[0], in[1], low, high, interior) }
	case "gather":
		d := gatherOf(f)
		do = func() Array { return d.gather(t, in[0], in[1]) }
	default:
		return out, false, nil
	}
	if f.Err() != nil {
		return out, true, f.Err()
	}
	return do(), true, nil
}

func updateSlice(a, update Array, at []Array) Array {
	out := Array{a.Type, slices.Clone(a.Data)}
	to := dense(a.Type.Shape)
	to.base = dot(starts(a.Type.Shape, update.Type.Shape, at), to.strides)
	copyStrided(a.Type.Elem.Bytes(), update.Type.Shape, out.Data, to, update.Data, dense(update.Type.Shape))
	return out
}

func constant(d mlir.Dense) Array {
	if !d.Splat {
		return Array{d.Type, d.Data}
	}
	return broadcast(d.Type, Array{mlir.Type{Elem: d.Type.Elem}, d.Data}, nil)
}

func iota(t mlir.Type, dim int) Array {
	out := newArray(t)
	inner, n := product(t.Shape[dim+1:]), t.Shape[dim]
	parallel(t.Elements(), 1<<14, func(lo, hi int) {
		var buffer [256]int64
		for at := lo; at < hi; {
			b := buffer[:min(len(buffer), hi-at)]
			for i := range b {
				b[i] = int64((at + i) / inner % n)
			}
			storeNumbers(out, at, b)
			at += len(b)
		}
	})
	return out
}

// take copies an index space out of an array.
func take(a Array, shape []int, from place) Array {
	out := newArray(mlir.Type{Elem: a.Type.Elem, Shape: shape})
	copyStrided(a.Type.Elem.Bytes(), shape, out.Data, dense(shape), a.Data, from)
	return out
}

func broadcast(t mlir.Type, a Array, dims []int) Array {
	from := place{strides: make([]int, len(t.Shape))}
	own := dense(a.Type.Shape)
	for i, d := range dims {
		switch a.Type.Shape[i] {
		case 1:
		case t.Shape[d]:
			from.strides[d] = own.strides[i]
		default:
			panic("a dimension is neither 1 nor that of the result")
		}
	}
	if len(dims) != len(a.Type.Shape) || a.Type.Elem != t.Elem {
		panic("rank or element type differs")
	}
	return take(a, t.Shape, from)
}

func reverse(a Array, dims []int) Array {
	from := dense(a.Type.Shape)
	if a.Type.Elements() == 0 {
		return a
	}
	for _, d := range dims {
		from.base += (a.Type.Shape[d] - 1) * from.strides[d]
		from.strides[d] = -from.strides[d]
	}
	return take(a, a.Type.Shape, from)
}

func slice(a Array, start, limit, stride []int) Array {
	from := dense(a.Type.Shape)
	shape := make([]int, len(start))
	for i := range start {
		if start[i] < 0 || limit[i] > a.Type.Shape[i] || start[i] > limit[i] || stride[i] < 1 {
			panic("a slice outside of its operand")
		}
		shape[i] = (limit[i] - start[i] + stride[i] - 1) / stride[i]
		from.base += start[i] * from.strides[i]
		from.strides[i] *= stride[i]
	}
	return take(a, shape, from)
}

// starts are scalar indices, clamped so that the slice is within the shape.
func starts(shape, sizes []int, scalars []Array) []int {
	if len(scalars) != len(shape) {
		panic("one start index per dimension")
	}
	out := make([]int, len(shape))
	for i, a := range scalars {
		out[i] = clampStart(integer(a, 0), shape[i]-sizes[i])
	}
	return out
}

func clampStart(v, most int) int { return max(0, min(v, most)) }

// integer is one element; huge unsigned ones are the largest int.
func integer(a Array, at int) int {
	var v [1]int64
	loadNumbers(a, at, v[:])
	if a.Type.Elem == mlir.UI64 && v[0] < 0 {
		return int(^uint64(0) >> 1)
	}
	return int(v[0])
}

func concatenate(t mlir.Type, in []Array, dim int) Array {
	out := newArray(t)
	to := dense(t.Shape)
	for _, a := range in {
		copyStrided(t.Elem.Bytes(), a.Type.Shape, out.Data, to, a.Data, dense(a.Type.Shape))
		to.base += a.Type.Shape[dim] * to.strides[dim]
	}
	if to.base != t.Shape[dim]*to.strides[dim] {
		panic("dimensions do not add up")
	}
	return out
}

// pad puts a value around and between elements; negative edges take elements away.
func pad(a, value Array, low, high, interior []int) Array {
	shape := make([]int, len(low))
	for i, n := range a.Type.Shape {
		shape[i] = low[i] + n + max(0, n-1)*interior[i] + high[i]
	}
	out := broadcast(mlir.Type{Elem: a.Type.Elem, Shape: shape}, value, nil)
	to, from, part := dense(shape), dense(a.Type.Shape), make([]int, len(low))
	for i, n := range a.Type.Shape {
		step := interior[i] + 1
		first, end := 0, n
		for first < n && low[i]+first*step < 0 {
			first++
		}
		for end > first && low[i]+(end-1)*step >= shape[i] {
			end--
		}
		part[i] = end - first
		from.base += first * from.strides[i]
		to.base += (low[i] + first*step) * to.strides[i]
		to.strides[i] *= step
	}
	copyStrided(a.Type.Elem.Bytes(), part, out.Data, to, a.Data, from)
	return out
}

// gatherDims are the attributes of a gather.
type gatherDims struct {
	offset, collapsed, batching, indexBatching, mapping, sizes []int
	vector                                                     int
}

func gatherOf(f *mlir.Fields) gatherDims {
	d := f.Struct("dimension_numbers")
	return gatherDims{offset: d.Ints("offset_dims"), collapsed: d.Ints("collapsed_slice_dims"), batching: d.Ints("operand_batching_dims"),
		indexBatching: d.Ints("start_indices_batching_dims"), mapping: d.Ints("start_index_map"), vector: d.Int("index_vector_dim", 0),
		sizes: f.NeedInts("slice_sizes")}
}

// gather: each index vector starts a slice of the operand, clamped to lie within it; slices lose their collapsed and batching
// dimensions and become the offset dimensions of the result.
func (g gatherDims) gather(t mlir.Type, operand, indices Array) Array {
	sizes, offset := g.sizes, g.offset
	kept := others(len(sizes), g.collapsed, g.batching)
	batch := others(len(t.Shape), offset)
	out, to, from, size := newArray(t), dense(t.Shape), dense(operand.Type.Shape), t.Elem.Bytes()
	if !slices.Equal(pick(sizes, kept), pick(t.Shape, offset)) {
		panic("slice sizes are not those of the result")
	}
	window, inner := place{strides: pick(to.strides, offset)}, place{strides: pick(from.strides, kept)}
	shape := pick(t.Shape, batch)
	if product(shape) == 0 {
		return out
	}
	for index := make([]int, len(shape)); ; {
		at := newIndexer(indices, g.vector, index)
		inner.base = 0
		for i, dim := range g.mapping {
			inner.base += clampStart(at.component(i), operand.Type.Shape[dim]-sizes[dim]) * from.strides[dim]
		}
		for i, dim := range g.batching {
			inner.base += at.batch(g.indexBatching[i]) * from.strides[dim]
		}
		window.base = dot(index, pick(to.strides, batch))
		copyStrided(size, pick(sizes, kept), out.Data, window, operand.Data, inner)
		if !next(index, shape) {
			return out
		}
	}
}

// indexer reads the index vector at one position of the other dimensions.
type indexer struct {
	indices  Array
	position []int // with the vector's own dimension, where it has one
	vector   int
}

func newIndexer(indices Array, vector int, position []int) indexer {
	if vector < len(indices.Type.Shape) {
		position = slices.Insert(slices.Clone(position), vector, 0)
	}
	return indexer{indices, position, vector}
}

func (x indexer) component(i int) int {
	strides := dense(x.indices.Type.Shape).strides
	at := dot(x.position, strides)
	if x.vector < len(strides) {
		at += i * strides[x.vector]
	}
	return integer(x.indices, at)
}

func (x indexer) batch(dim int) int { return x.position[dim] }
