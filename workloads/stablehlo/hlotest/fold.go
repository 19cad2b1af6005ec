package hlotest

import (
	"slices"

	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// fold combines rows of n elements, first to last, by a reducer: neighbours pairwise until one row is left, and that with the initial
// values. rows has one array [count, n] per reduced operand.
func (x *executor) fold(r *mlir.Region, rows, init []Array, count, n int, s *scope) ([]Array, error) {
	for count > 1 {
		half := count / 2
		args := make([]Array, 0, 2*len(rows))
		for side := range 2 {
			for _, a := range rows {
				from := place{base: side * n, strides: []int{2 * n, 1}}
				args = append(args, take(a, []int{half, n}, from))
			}
		}
		out, err := x.lifted(r, args, half*n, s)
		if err != nil {
			return nil, err
		}
		if count%2 == 1 {
			for i, a := range rows {
				out[i].Data = slices.Concat(out[i].Data, a.Data[len(a.Data)/count*(count-1):])
			}
		}
		rows, count = out, half+count%2
	}
	args := make([]Array, 0, 2*len(rows))
	for _, a := range init {
		args = append(args, spread(a, n))
	}
	if count == 0 {
		return args, nil
	}
	return x.lifted(r, append(args, rows...), n, s)
}

func shaped(arrays []Array, op *mlir.Op) []Array {
	for i := range arrays {
		arrays[i].Type = mlir.Type{Elem: arrays[i].Type.Elem, Shape: op.Results[i].Type.Shape}
	}
	return arrays
}

func (x *executor) reduce(op *mlir.Op, in []Array, s *scope) ([]Array, error) {
	f := op.Fields()
	dims := slices.Sorted(slices.Values(f.NeedInts("dimensions")))
	if f.Err() != nil {
		return nil, f.Err()
	}
	k := len(in) / 2
	shape := in[0].Type.Shape
	order := append(slices.Clone(dims), others(len(shape), dims)...)
	count := product(pick(shape, dims))
	n := product(pick(shape, others(len(shape), dims)))
	rows := make([]Array, k)
	for i, a := range in[:k] {
		rows[i] = take(a, pick(shape, order), place{strides: pick(dense(shape).strides, order)})
		rows[i].Type.Shape = []int{count, n}
	}
	out, err := x.fold(op.Regions[0], rows, in[k:], count, n, s)
	if err != nil {
		return nil, err
	}
	return shaped(out, op), nil
}

func (x *executor) reduceWindow(op *mlir.Op, in []Array, s *scope) ([]Array, error) {
	f := op.Fields()
	k := len(in) / 2
	rank := len(in[0].Type.Shape)
	window := f.NeedIntsOf("window_dimensions", rank)
	stride, dilation := f.IntsOf("window_strides", rank, 1), f.IntsOf("window_dilations", rank, 1)
	base, padding := f.IntsOf("base_dilations", rank, 1), f.IntsOf("padding", 2*rank, 0)
	if f.Err() != nil {
		return nil, f.Err()
	}
	shape := op.Results[0].Type.Shape
	count, n := product(window), product(shape)
	rows := make([]Array, k)
	for i, a := range in[:k] {
		padded := pad(a, in[k+i], everySecond(padding, 0), everySecond(padding, 1), minusOne(base))
		rows[i] = newArray(mlir.Type{Elem: a.Type.Elem, Shape: []int{count, n}})
		windows(rows[i], padded, shape, window, stride, dilation)
	}
	out, err := x.fold(op.Regions[0], rows, in[k:], count, n, s)
	if err != nil {
		return nil, err
	}
	return shaped(out, op), nil
}

// windows writes one row per position of the window: what lies there for each element of the result.
func windows(rows, a Array, shape, window, stride, dilation []int) {
	from := dense(a.Type.Shape)
	step := make([]int, len(shape))
	offset := make([]int, len(shape))
	for i, v := range from.strides {
		if shape[i] != (a.Type.Shape[i]-(window[i]-1)*dilation[i]-1)/stride[i]+1 {
			panic("a result is not as large as windows fit")
		}
		step[i], offset[i] = v*stride[i], v*dilation[i]
	}
	to := dense(shape)
	if product(shape) == 0 {
		return
	}
	for index := make([]int, len(shape)); ; {
		copyStrided(a.Type.Elem.Bytes(), shape, rows.Data, to, a.Data, place{dot(index, offset), step})
		to.base += product(shape)
		if !next(index, window) {
			return
		}
	}
}

func everySecond(list []int, first int) []int {
	var out []int
	for i := first; i < len(list); i += 2 {
		out = append(out, list[i])
	}
	return out
}

func minusOne(list []int) []int {
	out := slices.Clone(list)
	for i := range out {
		out[i]--
	}
	return out
}

// sort sorts lines along a dimension, all operands by the same comparator. It is always stable.
func (x *executor) sort(op *mlir.Op, in []Array, s *scope) ([]Array, error) {
	f := op.Fields()
	shape := in[0].Type.Shape
	dim := f.Int("dimension", len(shape)-1)
	if f.Err() != nil {
		return nil, f.Err()
	}
	out := make([]Array, len(in))
	for i, a := range in {
		out[i] = newArray(a.Type)
	}
	n, inner := shape[dim], product(shape[dim+1:])
	args := make([]Array, 2*len(in))
	var failed error
	for line := range product(shape) / max(1, n) {
		base := line/inner*inner*n + line%inner
		order := make([]int, n)
		for i := range order {
			order[i] = base + i*inner
		}
		before := func(a, b int) bool {
			for i, v := range in {
				args[2*i], args[2*i+1] = one(v, a), one(v, b)
			}
			less, err := x.lifted(op.Regions[0], args, 1, s)
			if err != nil {
				failed = err
				return false
			}
			return less[0].Data[0] != 0
		}
		slices.SortStableFunc(order, func(a, b int) int {
			switch {
			case failed != nil:
				return 0
			case before(a, b):
				return -1
			case before(b, a):
				return 1
			}
			return 0
		})
		for i, v := range in {
			size := v.Type.Elem.Bytes()
			for j, at := range order {
				copy(out[i].Data[(base+j*inner)*size:], v.Data[at*size:(at+1)*size])
			}
		}
	}
	return out, failed
}

// one is a single element as an array.
func one(a Array, at int) Array {
	size := a.Type.Elem.Bytes()
	return Array{mlir.Type{Elem: a.Type.Elem, Shape: []int{1}}, a.Data[at*size : (at+1)*size]}
}

// scatter combines updates into the operands, window after window in the order of the indices. A window outside of the operand is an
// error, since implementations differ there.
func (x *executor) scatter(op *mlir.Op, in []Array, s *scope) ([]Array, error) {
	f := op.Fields()
	d := f.Struct("scatter_dimension_numbers")
	windowDims, inserted, batching := d.Ints("update_window_dims"), d.Ints("inserted_window_dims"), d.Ints("input_batching_dims")
	indexBatching, mapping, vector := d.Ints("scatter_indices_batching_dims"), d.Ints("scatter_dims_to_operand_dims"), d.Int("index_vector_dim", 0)
	if f.Err() != nil {
		return nil, f.Err()
	}
	k := len(in) / 2
	indices, updates := in[k], in[k+1:]
	out := make([]Array, k)
	for i, a := range in[:k] {
		out[i] = Array{a.Type, slices.Clone(a.Data)}
	}
	shape, updateShape := in[0].Type.Shape, updates[0].Type.Shape
	own, update := dense(shape), dense(updateShape)
	kept := others(len(shape), inserted, batching)
	batch := others(len(updateShape), windowDims)
	window, positions := pick(updateShape, windowDims), pick(updateShape, batch)
	n := product(window)
	if n == 0 || product(positions) == 0 {
		return out, nil
	}
	to := place{strides: pick(own.strides, kept)}
	from := place{strides: pick(update.strides, windowDims)}
	for index := make([]int, len(positions)); ; {
		at := newIndexer(indices, vector, index)
		start := make([]int, len(shape))
		for i, dim := range mapping {
			start[dim] = at.component(i)
		}
		for i, dim := range batching {
			start[dim] = at.batch(indexBatching[i])
		}
		extent := make([]int, len(shape))
		for i := range extent {
			extent[i] = 1
		}
		for i, dim := range kept {
			extent[dim] = window[i]
		}
		for i, v := range start {
			if v < 0 || v+extent[i] > shape[i] {
				return nil, op.Errorf("an update at %v, outside of %s", start, in[0].Type)
			}
		}
		to.base, from.base = dot(start, own.strides), dot(index, pick(update.strides, batch))
		if err := x.combine(op.Regions[0], out, updates, window, to, from, s); err != nil {
			return nil, err
		}
		if !next(index, positions) {
			return out, nil
		}
	}
}

func (x *executor) combine(r *mlir.Region, out, updates []Array, window []int, to, from place, s *scope) error {
	n := product(window)
	args := make([]Array, 0, 2*len(out))
	for _, a := range out {
		args = append(args, take(a, window, to))
	}
	for _, a := range updates {
		args = append(args, take(a, window, from))
	}
	for i := range args {
		args[i].Type.Shape = []int{n}
	}
	results, err := x.lifted(r, args, n, s)
	if err != nil {
		return err
	}
	for i, a := range results {
		copyStrided(a.Type.Elem.Bytes(), window, out[i].Data, to, a.Data, dense(window))
	}
	return nil
}
