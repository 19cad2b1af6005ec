package hlotest

import (
	"slices"

	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// chunk is how many elements are computed at once, in buffers that stay in the cache.
const chunk = 512

// pointwiseChecked evaluates an elementwise operation whose operands have the shape of the result, but for the scalars that select
// and clamp may take.
func pointwiseChecked(op *mlir.Op, name string, in []Array) (Array, error) {
	t := op.Results[0].Type
	for i, a := range in {
		scalar := len(a.Type.Shape) == 0 && (name == "select" && i == 0 || name == "clamp" && i != 1)
		if !scalar && !slices.Equal(a.Type.Shape, t.Shape) {
			return Array{}, op.Errorf("operand %d is %s, the result %s", i, a.Type, t)
		}
	}
	return pointwise(op, name, in, t)
}

// pointwise evaluates an elementwise operation of any number of elements; operands of one element stand for as many as the result has.
func pointwise(op *mlir.Op, name string, in []Array, t mlir.Type) (Array, error) {
	out := newArray(t)
	n := t.Elements()
	switch name {
	case "select":
		if len(in) == 3 && in[0].Type.Elem == mlir.I1 && in[1].Type.Elem == t.Elem && in[2].Type.Elem == t.Elem {
			selectElements(out, in[0], in[1], in[2])
			return out, nil
		}
	case "convert":
		convert(out, in[0])
		return out, nil
	case "compare":
		return out, compare(op, out, in)
	case "is_finite":
		parallel(n, 1<<14, func(lo, hi int) { eachChunk(out, in, lo, hi, isFinite) })
		return out, nil
	}
	for _, a := range in {
		if a.Type.Elem != t.Elem && (name != "power" || !t.Elem.Float()) {
			return out, op.Errorf("on %s for %s: %w", a.Type.Elem, t.Elem, ErrUnsupported)
		}
	}
	if t.Elem.Float() {
		if f := floatFunction(name, len(in)); f != nil {
			parallel(n, 1<<14, func(lo, hi int) { eachChunk(out, in, lo, hi, f) })
			return out, nil
		}
	} else if f := intFunction(name, len(in), kind{t.Elem.Bits(), !t.Elem.Unsigned() && t.Elem != mlir.I1}); f != nil {
		parallel(n, 1<<14, func(lo, hi int) { eachChunk(out, in, lo, hi, f) })
		return out, nil
	}
	return out, op.Errorf("with %d operands on %s: %w", len(in), t.Elem, ErrUnsupported)
}

// eachChunk computes elements lo to hi by a function of up to three lists of operands.
func eachChunk[T number](out Array, in []Array, lo, hi int, f func(out []T, in [3][]T)) {
	var result [chunk]T
	var operands [3][chunk]T
	for lo < hi {
		n := min(chunk, hi-lo)
		var lists [3][]T
		for i, a := range in {
			lists[i] = operands[i][:n]
			loadNumbers(a, lo, lists[i])
		}
		f(result[:n], lists)
		storeNumbers(out, lo, result[:n])
		lo += n
	}
}

func selectElements(out, pred, yes, no Array) {
	size := out.Type.Elem.Bytes()
	one := len(pred.Data) == 1
	at := func(a Array, i int) []byte {
		if len(a.Data) == size {
			i = 0
		}
		return a.Data[i*size : (i+1)*size]
	}
	parallel(out.Type.Elements(), 1<<14, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			p := 0
			if !one {
				p = i
			}
			from := no
			if pred.Data[p] != 0 {
				from = yes
			}
			copy(out.Data[i*size:], at(from, i))
		}
	})
}

// convert rounds floats to nearest even, drops the fractions of floats that become integers (which saturate, as in XLA), keeps the low
// bits of integers, and makes true of all but 0.
func convert(out, a Array) {
	from, to := a.Type.Elem, out.Type.Elem
	parallel(out.Type.Elements(), 1<<14, func(lo, hi int) {
		switch {
		case from == to:
			size := from.Bytes()
			copy(out.Data[lo*size:hi*size], a.Data[lo*size:hi*size])
		case from.Float() && to.Float():
			eachChunk(out, []Array{a}, lo, hi, func(out []float64, in [3][]float64) { copy(out, in[0]) })
		case from.Float():
			size := to.Bytes()
			var v [1]float64
			for i := lo; i < hi; i++ {
				loadNumbers(a, i, v[:])
				bits := saturate(v[0], to)
				if to == mlir.I1 {
					bits = truth(v[0] != 0)
				}
				to.PutInt(out.Data[i*size:], uint64(bits))
			}
		case from == mlir.UI64 && to.Float():
			size := to.Bytes()
			for i, v := range view[uint64](a.Data)[lo:hi] {
				if to == mlir.F64 {
					to.PutFloat(out.Data[(lo+i)*size:], float64(v))
				} else {
					to.PutFloat(out.Data[(lo+i)*size:], float64(float32(v)))
				}
			}
		case to.Float() && to != mlir.F64:
			eachChunk(out, []Array{a}, lo, hi, func(out []int64, in [3][]int64) { copy(out, in[0]) })
		default:
			eachChunk(out, []Array{a}, lo, hi, func(out []int64, in [3][]int64) {
				for i, v := range in[0] {
					if out[i] = v; to == mlir.I1 {
						out[i] = truth(v != 0)
					}
				}
			})
		}
	})
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func compare(op *mlir.Op, out Array, in []Array) error {
	f := op.Fields()
	direction := f.Enum("comparison_direction")
	e := in[0].Type.Elem
	if f.Enum("compare_type") == "TOTALORDER" || in[1].Type.Elem != e || out.Type.Elem != mlir.I1 {
		return op.Errorf("%s of %s and %s: %w", f.Enum("compare_type"), e, in[1].Type.Elem, ErrUnsupported)
	}
	test := comparison(direction)
	if test == nil {
		return op.Errorf("comparison direction %q: %w", direction, ErrUnsupported)
	}
	parallel(out.Type.Elements(), 1<<14, func(lo, hi int) {
		if e.Float() {
			eachChunk(out, in, lo, hi, func(out []float64, in [3][]float64) {
				for i, a := range in[0] {
					b := in[1][i]
					out[i] = float64(truth(test(a < b, a == b, a > b)))
				}
			})
			return
		}
		flip := int64(0) // of the sign: unsigned order
		if e == mlir.UI64 {
			flip = -1 << 63
		}
		eachChunk(out, in, lo, hi, func(out []int64, in [3][]int64) {
			for i, a := range in[0] {
				a, b := a^flip, in[1][i]^flip
				out[i] = truth(test(a < b, a == b, a > b))
			}
		})
	})
	return f.Err()
}

// comparison makes a direction of less, equal and greater, all of them false where NaN is compared.
func comparison(direction string) func(lt, eq, gt bool) bool {
	switch direction {
	case "EQ":
		return func(_, eq, _ bool) bool { return eq }
	case "NE":
		return func(_, eq, _ bool) bool { return !eq }
	case "LT":
		return func(lt, _, _ bool) bool { return lt }
	case "LE":
		return func(lt, eq, _ bool) bool { return lt || eq }
	case "GT":
		return func(_, _, gt bool) bool { return gt }
	case "GE":
		return func(_, eq, gt bool) bool { return gt || eq }
	}
	return nil
}
