package ort

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// ElemType is the type of a tensor's elements. The numbers are those of the C API and of ONNX's TensorProto.DataType.
type ElemType int32

// The element types. String tensors are known and cannot be made or read.
const (
	F32    ElemType = 1
	U8     ElemType = 2
	I8     ElemType = 3
	U16    ElemType = 4
	I16    ElemType = 5
	I32    ElemType = 6
	I64    ElemType = 7
	String ElemType = 8
	Bool   ElemType = 9 // one byte, 0 or 1
	F16    ElemType = 10
	F64    ElemType = 11
	U32    ElemType = 12
	U64    ElemType = 13
	BF16   ElemType = 16
	F8E4M3 ElemType = 17 // E4M3FN
	F8E4FZ ElemType = 18 // E4M3FNUZ
	F8E5M2 ElemType = 19 // E5M2
	F8E5FZ ElemType = 20 // E5M2FNUZ
	U4     ElemType = 21 // two in a byte, the first in the low half
	I4     ElemType = 22 // two in a byte, the first in the low half
)

// String is the type's name as ONNX writes it, in lower case.
func (t ElemType) String() string {
	names := [...]string{F32: "float32", U8: "uint8", I8: "int8", U16: "uint16", I16: "int16", I32: "int32", I64: "int64",
		String: "string", Bool: "bool", F16: "float16", F64: "float64", U32: "uint32", U64: "uint64", BF16: "bfloat16",
		F8E4M3: "float8e4m3fn", F8E4FZ: "float8e4m3fnuz", F8E5M2: "float8e5m2", F8E5FZ: "float8e5m2fnuz", U4: "uint4", I4: "int4"}
	if t < 0 || int(t) >= len(names) || names[t] == "" {
		return fmt.Sprintf("element type %d", int32(t))
	}
	return names[t]
}

// Size is the number of bytes of one element, 0 where there is no such number: strings, unknown types, and the 4-bit types, of
// which one byte holds two.
func (t ElemType) Size() int { return t.bits() / 8 }

func (t ElemType) bits() int {
	switch t {
	case U4, I4:
		return 4
	case U8, I8, Bool, F8E4M3, F8E4FZ, F8E5M2, F8E5FZ:
		return 8
	case U16, I16, F16, BF16:
		return 16
	case F32, I32, U32:
		return 32
	case F64, I64, U64:
		return 64
	}
	return 0
}

// ByteSize is the number of bytes of a dense tensor. No dimension is a scalar: one element. An odd number of 4-bit elements takes
// a last byte to itself. Strings, unknown types, negative dimensions and sizes beyond the address space are errors.
func (t ElemType) ByteSize(shape []int64) (int, error) {
	width := uint64(t.bits())
	if width == 0 {
		return 0, fmt.Errorf("sizing a tensor of %v: only numbers have a size in bytes", t)
	}
	if slices.ContainsFunc(shape, func(d int64) bool { return d < 0 }) {
		return 0, fmt.Errorf("sizing a tensor of %v%v: a dimension is negative", t, shape)
	}
	if slices.Contains(shape, 0) {
		return 0, nil
	}
	total := width
	for _, d := range shape {
		over, low := bits.Mul64(total, uint64(d))
		if over > 0 || low > math.MaxInt {
			return 0, fmt.Errorf("sizing a tensor of %v%v: too large", t, shape)
		}
		total = low
	}
	return int((total + 7) / 8), nil
}
