package hlotest

import (
	"slices"
	"strconv"

	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// dotGeneral multiplies in float32 (float64 for f64), integers in 64 bits, and rounds once to the type of the result.
func dotGeneral(op *mlir.Op, in []Array) (Array, error) {
	f := op.Fields()
	d := f.Struct("dot_dimension_numbers")
	lb, lc := d.Ints("lhs_batching_dimensions"), d.Ints("lhs_contracting_dimensions")
	rb, rc := d.Ints("rhs_batching_dimensions"), d.Ints("rhs_contracting_dimensions")
	if f.Err() != nil {
		return Array{}, f.Err()
	}
	lhs, rhs := in[0].Type.Shape, in[1].Type.Shape
	lf, rf := others(len(lhs), lb, lc), others(len(rhs), rb, rc)
	if !slices.Equal(pick(lhs, lb), pick(rhs, rb)) || !slices.Equal(pick(lhs, lc), pick(rhs, rc)) {
		return Array{}, op.Errorf("dimensions of %s and %s differ", in[0].Type, in[1].Type)
	}
	shape := slices.Concat(pick(lhs, lb), pick(lhs, lf), pick(rhs, rf))
	out := newArray(mlir.Type{Elem: op.Results[0].Type.Elem, Shape: shape})
	left, right := transposed(in[0], lb, lf, lc), transposed(in[1], rb, rf, rc)
	b, m, n, k := product(pick(lhs, lb)), product(pick(lhs, lf)), product(pick(rhs, rf)), product(pick(lhs, lc))
	matrixProduct(out, left, right, b, m, n, k)
	return out, nil
}

// transposed is the array with its dimensions in the order of the lists.
func transposed(a Array, lists ...[]int) Array {
	order := slices.Concat(lists...)
	if slices.IsSorted(order) {
		return a
	}
	return take(a, pick(a.Type.Shape, order), place{strides: pick(dense(a.Type.Shape).strides, order)})
}

// matrixProduct is out[b,m,n] = the sum over k of left[b,m,k] * right[b,n,k].
func matrixProduct(out, left, right Array, b, m, n, k int) {
	switch e := left.Type.Elem; {
	case e == mlir.F64:
		multiplyAll[float64](out, left, right, b, m, n, k)
	case e.Float():
		multiplyAll[float32](out, left, right, b, m, n, k)
	default:
		multiplyAll[int64](out, left, right, b, m, n, k)
	}
}

func multiplyAll[T number](out, left, right Array, b, m, n, k int) {
	l, r := numbers[T](left), numbers[T](right)
	result := make([]T, b*m*n)
	// Tasks are blocks of columns, so that one row is enough for all CPUs.
	const block = 32
	blocks := (n + block - 1) / block
	parallel(b*blocks, max(1, 1<<17/max(1, block*m*k)), func(lo, hi int) {
		for task := lo; task < hi; task++ {
			batch, first := task/blocks, task%blocks*block
			multiply(result[batch*m*n:][:m*n], l[batch*m*k:][:m*k], r[batch*n*k:][:n*k], n, k, first, min(first+block, n))
		}
	})
	parallel(len(result), 1<<14, func(lo, hi int) { storeNumbers(out, lo, result[lo:hi]) })
}

// depth is over how many products a sum runs before it is added to the total: sums of sums round less.
const depth = 512

// multiply computes columns lo to hi of out[m,n] = left[m,k] * right[n,k] transposed.
func multiply[T number](out, left, right []T, n, k, lo, hi int) {
	if k == 0 {
		return
	}
	m := len(left) / k
	for k0 := 0; k0 < k; k0 += depth {
		d := min(depth, k-k0)
		for j := lo; j < hi; j += 4 {
			columns := min(4, hi-j)
			var r [4][]T
			for c := range columns {
				r[c] = right[(j+c)*k+k0:][:d]
			}
			for i := 0; i < m; i += 2 {
				l0 := left[i*k+k0:][:d]
				if i+1 < m && columns == 4 {
					tile(out[i*n+j:], out[(i+1)*n+j:], l0, left[(i+1)*k+k0:][:d], r)
					continue
				}
				for row := i; row < min(i+2, m); row++ {
					l := left[row*k+k0:][:d]
					if columns == 4 {
						line(out[row*n+j:], l, r)
						continue
					}
					for c := range columns {
						out[row*n+j+c] += scalar(l, r[c])
					}
				}
			}
		}
	}
}

func tile[T number](out0, out1, l0, l1 []T, r [4][]T) {
	var a0, a1, a2, a3, b0, b1, b2, b3 T
	r0, r1, r2, r3 := r[0], r[1], r[2], r[3]
	l1, r0, r1, r2, r3 = l1[:len(l0)], r0[:len(l0)], r1[:len(l0)], r2[:len(l0)], r3[:len(l0)]
	for i, x := range l0 {
		y := l1[i]
		v := r0[i]
		a0, b0 = a0+x*v, b0+y*v
		v = r1[i]
		a1, b1 = a1+x*v, b1+y*v
		v = r2[i]
		a2, b2 = a2+x*v, b2+y*v
		v = r3[i]
		a3, b3 = a3+x*v, b3+y*v
	}
	out0[0], out0[1], out0[2], out0[3] = out0[0]+a0, out0[1]+a1, out0[2]+a2, out0[3]+a3
	out1[0], out1[1], out1[2], out1[3] = out1[0]+b0, out1[1]+b1, out1[2]+b2, out1[3]+b3
}

func line[T number](out, l []T, r [4][]T) {
	var a0, a1, a2, a3 T
	r0, r1, r2, r3 := r[0][:len(l)], r[1][:len(l)], r[2][:len(l)], r[3][:len(l)]
	for i, x := range l {
		a0, a1, a2, a3 = a0+x*r0[i], a1+x*r1[i], a2+x*r2[i], a3+x*r3[i]
	}
	out[0], out[1], out[2], out[3] = out[0]+a0, out[1]+a1, out[2]+a2, out[3]+a3
}

func scalar[T number](l, r []T) T {
	var sum T
	for i, x := range l {
		sum += x * r[i]
	}
	return sum
}

// convolution makes a row of each window and multiplies the rows with the kernel, group after group of features.
func convolution(op *mlir.Op, in []Array) (Array, error) {
	f := op.Fields()
	dims := f.Conv("dimension_numbers")
	rank := len(dims.Input) - 2
	stride, padding := f.IntsOf("window_strides", rank, 1), f.IntsOf("padding", 2*rank, 0)
	base, dilation := f.IntsOf("lhs_dilation", rank, 1), f.IntsOf("rhs_dilation", rank, 1)
	reversed, groups := f.Bools("window_reversal", rank), f.Int("feature_group_count", 1)
	if f.Err() != nil {
		return Array{}, f.Err()
	}
	if f.Int("batch_group_count", 1) != 1 {
		return Array{}, op.Errorf("groups of the batch: %w", ErrUnsupported)
	}
	// Batch, space, features; then each operand is dense in that order.
	lhs := transposed(in[0], positions(dims.Input, "b", "f"))
	kernel := flipped(transposed(in[1], positions(dims.Kernel, "o", "i")), reversed)
	zero := Array{mlir.Type{Elem: lhs.Type.Elem}, make([]byte, lhs.Type.Elem.Bytes())}
	lhs = pad(lhs, zero, around(everySecond(padding, 0)), around(everySecond(padding, 1)), around(minusOne(base)))
	window := kernel.Type.Shape[1 : rank+1]
	shape := slices.Clone(lhs.Type.Shape) // of the windows
	for i := range rank {
		shape[i+1] = max(0, (shape[i+1]-(window[i]-1)*dilation[i]-1)/stride[i]+1)
	}
	features, out := lhs.Type.Shape[rank+1]/groups, kernel.Type.Shape[0]/groups
	if kernel.Type.Shape[rank+1] != features {
		return Array{}, op.Errorf("a kernel of %d features for %d in each group", kernel.Type.Shape[rank+1], features)
	}
	result := newArray(mlir.Type{Elem: op.Results[0].Type.Elem, Shape: append(slices.Clone(shape[:rank+1]), out*groups)})
	rows, k := product(shape[:rank+1]), product(window)*features
	for g := range groups {
		left := patches(lhs, shape, window, stride, dilation, g*features, features)
		size := kernel.Type.Elem.Bytes()
		right := Array{mlir.Type{Elem: kernel.Type.Elem, Shape: []int{out, k}}, kernel.Data[g*out*k*size : (g+1)*out*k*size]}
		part := newArray(mlir.Type{Elem: result.Type.Elem, Shape: []int{rows, out}})
		matrixProduct(part, left, right, 1, rows, out, k)
		copyStrided(part.Type.Elem.Bytes(), []int{rows, out}, result.Data, place{g * out, []int{out * groups, 1}}, part.Data, dense(part.Type.Shape))
	}
	order := positions(dims.Output, "b", "f")
	back := make([]int, len(order))
	for i, p := range order {
		back[p] = i
	}
	return transposed(result, back), nil
}

// positions of the first letter, the spatial dimensions in order, and the last letter.
func positions(dims []string, first, last string) []int {
	out := []int{slices.Index(dims, first)}
	for i := range len(dims) - 2 {
		out = append(out, slices.Index(dims, strconv.Itoa(i)))
	}
	return append(out, slices.Index(dims, last))
}

// around adds nothing for batch and features.
func around(spatial []int) []int { return slices.Concat([]int{0}, spatial, []int{0}) }

func flipped(kernel Array, reversed []bool) Array {
	var dims []int
	for i, r := range reversed {
		if r {
			dims = append(dims, i+1)
		}
	}
	if dims == nil {
		return kernel
	}
	return reverse(kernel, dims)
}

// patches is [batch and space of the result, window and features]: what each window covers of a group of features.
func patches(a Array, shape, window, stride, dilation []int, first, features int) Array {
	rank := len(window)
	k := product(window) * features
	out := newArray(mlir.Type{Elem: a.Type.Elem, Shape: []int{product(shape[:rank+1]), k}})
	if len(out.Data) == 0 {
		return out
	}
	space := append(slices.Clone(shape[:rank+1]), features)
	to := dense(space)
	for i := range rank + 1 {
		to.strides[i] = to.strides[i] / features * k
	}
	own := dense(a.Type.Shape)
	step, offset := slices.Clone(own.strides), make([]int, rank)
	for i := range rank {
		step[i+1] *= stride[i]
		offset[i] = own.strides[i+1] * dilation[i]
	}
	for index := make([]int, rank); ; {
		copyStrided(a.Type.Elem.Bytes(), space, out.Data, to, a.Data, place{first + dot(index, offset), step})
		to.base += features
		if !next(index, window) {
			return out
		}
	}
}
