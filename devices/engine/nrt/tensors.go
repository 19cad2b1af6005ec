package nrt

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/accelbench/accelbench/workloads"
)

// bytesOf is the memory of a tensor. Neuron's hosts are little-endian, as its chips are.
func bytesOf(t *workloads.Tensor) []byte {
	switch t.DType {
	case workloads.F32:
		return view(t.F32)
	case workloads.I32:
		return view(t.I32)
	}
	return t.Raw
}

func view[T float32 | int32](from []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(from))), 4*len(from))
}

// fits is nil if the tensors are those of the values.
func fits(what string, want []*workloads.Value, have []workloads.Tensor) error {
	if len(have) != len(want) {
		return fmt.Errorf("%d %s, the graph has %d", len(have), what, len(want))
	}
	for i, v := range want {
		size := workloads.Elements(v.Shape) * int(v.DType.Bytes())
		if t := &have[i]; t.DType != v.DType || len(bytesOf(t)) != size {
			return fmt.Errorf("%s: %s has %d bytes of %s, the graph wants %v of %s", what, v.Name, len(bytesOf(t)), t.DType, v.Shape, v.DType)
		}
	}
	return nil
}

// marked tells whether the caller has filled the tensor with NaN, to see what an execution does not write.
func marked(t *workloads.Tensor) bool {
	return t.DType == workloads.F32 && len(t.F32) > 0 && math.IsNaN(float64(t.F32[0]))
}
