package workloads

import (
	"fmt"
	"slices"
	"unsafe"
)

// DType is the element type of a tensor.
type DType string

// Graphs compute in F32 and index with I32, whatever the precision of the engine. The other types occur as inputs and
// outputs of the user's own models, and as what parameters are stored in. F8E4M3 has 4 bits of exponent with bias 7, 3 of
// fraction, no infinities and one NaN of each sign.
const (
	F32  DType = "f32"
	I32  DType = "i32"
	F64  DType = "f64"
	F16  DType = "f16"
	BF16 DType = "bf16"
	I64  DType = "i64"
	I16  DType = "i16"
	I8   DType = "i8"
	U64  DType = "u64"
	U32  DType = "u32"
	U16  DType = "u16"
	U8   DType = "u8"
	Bool DType = "bool"

	F8E4M3 DType = "f8e4m3fn"
)

// Bytes is the size of one element.
func (t DType) Bytes() int64 {
	switch t {
	case F64, I64, U64:
		return 8
	case F16, BF16, I16, U16:
		return 2
	case I8, U8, Bool, F8E4M3:
		return 1
	}
	return 4
}

// Tensor is dense row-major host data. DType says which field holds it: F32, I32, or for all other types Raw, in the byte
// order of the machine.
type Tensor struct {
	DType DType
	Shape []int
	F32   []float32
	I32   []int32
	Raw   []byte
}

// NewTensor allocates a zeroed tensor.
func NewTensor(t DType, shape []int) Tensor {
	n := Elements(shape)
	switch t {
	case F32:
		return Tensor{DType: t, Shape: shape, F32: make([]float32, n)}
	case I32:
		return Tensor{DType: t, Shape: shape, I32: make([]int32, n)}
	}
	return Tensor{DType: t, Shape: shape, Raw: make([]byte, n*int(t.Bytes()))}
}

// Slice is the tensor's elements lo to hi as a flat tensor over the same memory.
func (t Tensor) Slice(lo, hi int) Tensor {
	out := Tensor{DType: t.DType, Shape: []int{hi - lo}}
	switch t.DType {
	case F32:
		out.F32 = t.F32[lo:hi]
	case I32:
		out.I32 = t.I32[lo:hi]
	default:
		size := int(t.DType.Bytes())
		out.Raw = t.Raw[lo*size : hi*size]
	}
	return out
}

// Bytes is the tensor's memory, in the byte order of the machine, and not a copy.
func (t *Tensor) Bytes() []byte {
	switch t.DType {
	case F32:
		return memory(t.F32)
	case I32:
		return memory(t.I32)
	}
	return t.Raw
}

func memory[T float32 | int32](elements []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(elements))), 4*len(elements))
}

// Match is nil if the tensors are those of the values in type and size; what names them in the error.
func Match(what string, want []*Value, have []Tensor) error {
	if len(have) != len(want) {
		return fmt.Errorf("%d %s, the graph has %d", len(have), what, len(want))
	}
	for i, v := range want {
		size := Elements(v.Shape) * int(v.DType.Bytes())
		if t := &have[i]; t.DType != v.DType || len(t.Bytes()) != size {
			return fmt.Errorf("%s: %s has %d bytes of %s, the graph wants %v of %s", what, v.Name, len(t.Bytes()), t.DType, v.Shape, v.DType)
		}
	}
	return nil
}

// copyFrom copies the data of a tensor of the same type and size.
func (t Tensor) copyFrom(o Tensor) {
	copy(t.F32, o.F32)
	copy(t.I32, o.I32)
	copy(t.Raw, o.Raw)
}

// Equal tells whether two tensors have the same type, shape and elements: those of F32 as numbers, so that NaN equals nothing,
// those in Raw bit by bit.
func (t Tensor) Equal(o Tensor) bool {
	return t.DType == o.DType && slices.Equal(t.Shape, o.Shape) && slices.Equal(t.F32, o.F32) &&
		slices.Equal(t.I32, o.I32) && slices.Equal(t.Raw, o.Raw)
}

// Elements is the product of the dimensions; 1 for a scalar.
func Elements(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
