package ort

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"unsafe"
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

// Number is a Go type whose slices are tensors as they are.
type Number interface {
	float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// TypeOf is the element type that has T's numbers.
func TypeOf[T Number]() ElemType {
	var x T
	switch any(x).(type) {
	case float32:
		return F32
	case float64:
		return F64
	case int8:
		return I8
	case int16:
		return I16
	case int32:
		return I32
	case int64:
		return I64
	case uint8:
		return U8
	case uint16:
		return U16
	case uint32:
		return U32
	}
	return U64
}

// NewTensor is NewValue over a slice of numbers: the Value borrows data, and writes of one are seen by the other.
func NewTensor[T Number](l *Library, data []T, shape []int64) (*Value, error) {
	size := len(data) * int(unsafe.Sizeof(*new(T)))
	return l.NewValue(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(data))), size), TypeOf[T](), shape)
}

// Data is the memory of a Value as numbers, without a copy; see Value.Bytes. T must have the width of the Value's type: raw bits
// of types that Go lacks are read as unsigned integers, 4-bit types as uint8.
func Data[T Number](v *Value) ([]T, error) {
	raw, err := v.Bytes()
	if err != nil {
		return nil, err
	}
	width, of, fits := int(unsafe.Sizeof(*new(T))), TypeOf[T](), false
	switch of {
	case v.Type():
		fits = true
	case U8, U16, U32, U64:
		fits = max(v.Type().bits(), 8) == 8*width
	}
	if !fits {
		return nil, fmt.Errorf("reading a tensor of %v as %v: the types differ", v.Type(), of)
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(raw))), len(raw)/width), nil
}
