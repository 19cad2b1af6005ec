package mlir

import (
	"encoding/binary"
	"math"

	"github.com/accelbench/accelbench/internal/half"
)

// Elem is the element type of a tensor, as MLIR spells it. Integers without u are signed; i1 is a truth value.
type Elem string

// The element types that are understood.
const (
	F64      Elem = "f64"
	F32      Elem = "f32"
	F16      Elem = "f16"
	BF16     Elem = "bf16"
	F8E4M3FN Elem = "f8E4M3FN"
	I1       Elem = "i1"
	I8       Elem = "i8"
	I16      Elem = "i16"
	I32      Elem = "i32"
	I64      Elem = "i64"
	UI8      Elem = "ui8"
	UI16     Elem = "ui16"
	UI32     Elem = "ui32"
	UI64     Elem = "ui64"
	Index    Elem = "index"
)

// Bits is the width of one element; 0 for types that are not understood. A truth value has 1.
func (e Elem) Bits() int {
	switch e {
	case F64, I64, UI64, Index:
		return 64
	case F32, I32, UI32:
		return 32
	case F16, BF16, I16, UI16:
		return 16
	case F8E4M3FN, I8, UI8:
		return 8
	case I1:
		return 1
	}
	return 0
}

// Bytes is the size of one element in a host buffer: a truth value takes one byte.
func (e Elem) Bytes() int { return (e.Bits() + 7) / 8 }

// Float tells whether elements are floating-point numbers.
func (e Elem) Float() bool {
	switch e {
	case F64, F32, F16, BF16, F8E4M3FN:
		return true
	}
	return false
}

// Unsigned tells whether elements are unsigned integers; truth values are not.
func (e Elem) Unsigned() bool {
	switch e {
	case UI8, UI16, UI32, UI64:
		return true
	}
	return false
}

// PutFloat writes the number of a float type that is nearest to v, ties to even, little-endian. The types below f32 are
// rounded from v as float32.
func (e Elem) PutFloat(b []byte, v float64) {
	switch e {
	case F64:
		binary.LittleEndian.PutUint64(b, math.Float64bits(v))
	case F32:
		binary.LittleEndian.PutUint32(b, math.Float32bits(float32(v)))
	case F16:
		binary.LittleEndian.PutUint16(b, half.Float16(float32(v)))
	case BF16:
		binary.LittleEndian.PutUint16(b, half.BFloat16(float32(v)))
	case F8E4M3FN:
		b[0] = half.E4M3(float32(v))
	}
}

// FloatAt is the number that the first bytes of b hold in a float type.
func (e Elem) FloatAt(b []byte) float64 {
	switch e {
	case F64:
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	case F32:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	case F16:
		return float64(half.FromFloat16(binary.LittleEndian.Uint16(b)))
	case BF16:
		return float64(half.FromBFloat16(binary.LittleEndian.Uint16(b)))
	}
	return float64(half.FromE4M3(b[0]))
}

// PutInt writes the low bits of v, little-endian, in an integer type; a truth value is one byte.
func (e Elem) PutInt(b []byte, v uint64) {
	for i := range e.Bytes() {
		b[i] = byte(v >> (8 * i))
	}
}
