package stablehlo

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"

	"github.com/accelbench/accelbench/workloads"
)

// storage says which element types the programs of a precision have.
type storage struct {
	// values is the type of activations, states and the parameters that are not quantised.
	values workloads.DType
}

// storageOf is the storage of a precision. Integers of 4 bits take a byte each: packed types are not safe to hand over on every
// platform, so int4 costs the memory and the bandwidth of int8.
func storageOf(precision string) (storage, error) {
	switch precision {
	case workloads.Full:
		return storage{workloads.F32}, nil
	case workloads.Half:
		return storage{workloads.F16}, nil
	case workloads.BFloat16, workloads.Int8, workloads.Int4, workloads.Float8:
		return storage{workloads.BF16}, nil
	}
	return storage{}, fmt.Errorf("precision %q: %w", precision, ErrUnsupported)
}

// Products is the precision in which products of a precision are computed: that of the activations, of 8-bit floats 8-bit floats.
func Products(precision string) string {
	if precision == workloads.Float8 {
		return precision
	}
	s, err := storageOf(precision)
	if err != nil {
		return ""
	}
	return string(s.values)
}

// levelType is the type of the integers of a quantised parameter.
func levelType(p *workloads.ParamSpec) workloads.DType {
	if p.Store != "" {
		return p.Store
	}
	return workloads.I8
}

// dtype is the name of an element type in the library that writes the text.
func dtype(t workloads.DType) dtypes.DType {
	switch t {
	case workloads.F32:
		return dtypes.Float32
	case workloads.F16:
		return dtypes.Float16
	case workloads.BF16:
		return dtypes.BFloat16
	case workloads.I8:
		return dtypes.Int8
	case workloads.I32:
		return dtypes.Int32
	case workloads.U32:
		return dtypes.Uint32
	case workloads.U64:
		return dtypes.Uint64
	case workloads.F8E4M3:
		return dtypes.F8E4M3FN
	}
	return dtypes.InvalidDType
}

// ports are the arguments that hold a parameter: its elements, or its integers and the scales of their groups, in rows of
// groups that lie side by side. wide ones are 32-bit at any precision.
func (s storage) ports(v *workloads.Value, wide bool) []Port {
	p := Port{Role: Param, Name: v.Name, DType: s.values, Shape: v.Shape, Shard: whole, Result: -1}
	switch {
	case v.Param.Bits > 0:
		p.DType = levelType(v.Param)
		if turned(v) {
			p.Shape, p.Turned = []int{v.Shape[1], v.Shape[0]}, true
		}
		scale := Port{Role: Param, Name: v.Name + scaleEnd, DType: workloads.F32, Shape: scaleShape(v), Shard: whole, Result: -1}
		return []Port{p, scale}
	case wide:
		p.DType = workloads.F32
	}
	return []Port{p}
}

// turned tells whether a matrix lies transposed on the device: one of 8-bit floats whose columns are multiplied and summed. Before
// Blackwell, GPUs multiply such floats only where the terms of a sum lie side by side, and XLA would transpose the matrix in each
// call: gpu_layout_assignment.cc.
func turned(v *workloads.Value) bool {
	p := v.Param
	return p.Store == workloads.F8E4M3 && len(v.Shape) == 2 && p.Block == v.Shape[0] && p.Stride == v.Shape[1]
}

// scaleEnd ends the names of the ports of scales.
const scaleEnd = ".scale"

// scaleShape is the shape of the scales of a quantised parameter: groups are Stride to a row. Those of matrices are a row for each
// Block rows of the matrix, so that experts, matrices one after the other, keep their axis.
func scaleShape(v *workloads.Value) []int {
	p, end := v.Param, len(v.Shape)-1
	if end > 0 && v.Shape[end] == p.Stride && v.Shape[end-1]%p.Block == 0 {
		shape := slices.Clone(v.Shape)
		shape[end-1] /= p.Block
		return shape
	}
	return []int{v.Groups() / p.Stride, p.Stride}
}
