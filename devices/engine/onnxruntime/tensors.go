package onnxruntime

import (
	"fmt"
	"slices"
	"unsafe"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/onnxruntime/ort"
	"github.com/accelbench/accelbench/workloads"
)

// elemTypes are the library's names of the workloads' element types.
func elemTypes() map[workloads.DType]ort.ElemType {
	return map[workloads.DType]ort.ElemType{
		workloads.F32: ort.F32, workloads.F64: ort.F64, workloads.F16: ort.F16, workloads.BF16: ort.BF16,
		workloads.I64: ort.I64, workloads.I32: ort.I32, workloads.I16: ort.I16, workloads.I8: ort.I8,
		workloads.U64: ort.U64, workloads.U32: ort.U32, workloads.U16: ort.U16, workloads.U8: ort.U8, workloads.Bool: ort.Bool,
	}
}

// dtypeOf is the workloads' name of one of the library's element types; the error wraps ErrUnsupported.
func dtypeOf(t ort.ElemType) (workloads.DType, error) {
	for dtype, elem := range elemTypes() {
		if elem == t {
			return dtype, nil
		}
	}
	return "", fmt.Errorf("tensors of %s cannot be passed: %w", t, devices.ErrUnsupported)
}

// view is the memory of a slice as elements of another type; what is too short for one more element is left out.
func view[T, F any](from []F) []T {
	size := len(from) * int(unsafe.Sizeof(*new(F)))
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(from))), size/int(unsafe.Sizeof(*new(T))))
}

// replace makes t a tensor with the content of v. It keeps t's memory where that is large enough.
func replace(t *workloads.Tensor, v *ort.Value) error {
	dtype, err := dtypeOf(v.Type())
	if err != nil {
		return err
	}
	data, err := v.Bytes()
	if err != nil {
		return err
	}
	switch dtype {
	case workloads.F32:
		t.F32, t.I32, t.Raw = append(t.F32[:0], view[float32](data)...), nil, nil
	case workloads.I32:
		t.F32, t.I32, t.Raw = nil, append(t.I32[:0], view[int32](data)...), nil
	default:
		t.F32, t.I32, t.Raw = nil, nil, append(t.Raw[:0], data...)
	}
	t.DType = dtype
	// The tensor's own shape may be that of the workload's graph: it is not written to.
	if shape := v.Shape(); !slices.Equal(shape, dims(t.Shape)) {
		t.Shape = make([]int, len(shape))
		for i, d := range shape {
			t.Shape[i] = int(d)
		}
	}
	return nil
}

func dims(shape []int) []int64 {
	out := make([]int64, len(shape))
	for i, d := range shape {
		out[i] = int64(d)
	}
	return out
}
