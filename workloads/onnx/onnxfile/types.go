package onnxfile

import (
	"fmt"
	"math"
	"math/bits"
)

// TensorType is the type of the elements of a tensor: the numbers of TensorProto.DataType in onnx.proto. Undefined is
// "not said".
type TensorType int32

// The types of ONNX up to IR version 13.
const (
	Undefined TensorType = iota
	F32
	U8
	I8
	U16
	I16
	I32
	I64
	String
	Bool
	F16
	F64
	U32
	U64
	C64
	C128
	BF16
	F8E4M3FN
	F8E4M3FNUZ
	F8E5M2
	F8E5M2FNUZ
	U4
	I4
	F4E2M1
	F8E8M0
	U2
	I2
	lastType = I2
)

// String is the short name: f32, i64, bool and so on; "number 99" for one that ONNX does not have.
func (t TensorType) String() string {
	name, _ := t.layout()
	return name
}

// Bytes is the size of one element in a dense tensor; 0 for strings, for types narrower than a byte and for unknown ones.
func (t TensorType) Bytes() int {
	_, size := t.layout()
	return size
}

func (t TensorType) layout() (name string, size int) {
	if t < 0 || t > lastType {
		return fmt.Sprintf("number %d", int32(t)), 0
	}
	row := [...]struct {
		name string
		size int
	}{
		Undefined: {"undefined", 0}, F32: {"f32", 4}, U8: {"u8", 1}, I8: {"i8", 1}, U16: {"u16", 2}, I16: {"i16", 2},
		I32: {"i32", 4}, I64: {"i64", 8}, String: {"string", 0}, Bool: {"bool", 1}, F16: {"f16", 2}, F64: {"f64", 8},
		U32: {"u32", 4}, U64: {"u64", 8}, C64: {"c64", 8}, C128: {"c128", 16}, BF16: {"bf16", 2},
		F8E4M3FN: {"f8e4m3fn", 1}, F8E4M3FNUZ: {"f8e4m3fnuz", 1}, F8E5M2: {"f8e5m2", 1}, F8E5M2FNUZ: {"f8e5m2fnuz", 1},
		U4: {"u4", 0}, I4: {"i4", 0}, F4E2M1: {"f4e2m1", 0}, F8E8M0: {"f8e8m0", 1}, U2: {"u2", 0}, I2: {"i2", 0},
	}[t]
	return row.name, row.size
}

// valueRange is what numbers of a type an input can be filled with.
type valueRange struct {
	low, high float64
	integer   bool
}

// exact is the largest count up to which every integer is a float64; the bounds of a range are float64.
const exact = 1 << 53

// fill is the range of values of t; ok is false for types that no input is filled with.
func (t TensorType) fill() (r valueRange, ok bool) {
	switch t {
	case F32:
		return valueRange{-math.MaxFloat32, math.MaxFloat32, false}, true
	case F64:
		return valueRange{-math.MaxFloat64, math.MaxFloat64, false}, true
	case F16:
		return valueRange{-65504, 65504, false}, true
	case BF16:
		return valueRange{-0x1.fep127, 0x1.fep127, false}, true
	case Bool:
		return valueRange{0, 1, true}, true
	case U8, U16, U32:
		return valueRange{0, math.Ldexp(1, 8*t.Bytes()) - 1, true}, true
	case I8, I16, I32:
		half := math.Ldexp(1, 8*t.Bytes()-1)
		return valueRange{-half, half - 1, true}, true
	case U64:
		return valueRange{0, exact, true}, true
	case I64:
		return valueRange{-exact, exact, true}, true
	}
	return valueRange{}, false
}

// fillable are the names of the types that an input can be filled with, in the order of their numbers.
func fillable() []string {
	var names []string
	for t := Undefined; t <= lastType; t++ {
		if _, ok := t.fill(); ok {
			names = append(names, t.String())
		}
	}
	return names
}

// parseType is the inverse of String for the fillable types.
func parseType(name string) (TensorType, bool) {
	for t := Undefined; t <= lastType; t++ {
		if _, ok := t.fill(); ok && t.String() == name {
			return t, true
		}
	}
	return Undefined, false
}

// maxRank bounds the dimensions of a tensor; numpy has the same bound.
const maxRank = 64

// elements is the product of the dimensions; ok is false when one is negative or the product is 2^63 or more.
func elements(shape []int64) (n int64, ok bool) {
	n = 1
	for _, d := range shape {
		high, low := bits.Mul64(uint64(n), uint64(d))
		if d < 0 || high != 0 || low > math.MaxInt64 {
			return 0, false
		}
		n = int64(low)
	}
	return n, true
}
