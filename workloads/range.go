package workloads

import (
	"encoding/binary"
	"math"

	"github.com/accelbench/accelbench/internal/half"
)

// Real tells whether elements are floating-point numbers.
func (t DType) Real() bool { return t == F32 || t == F64 || t == F16 || t == BF16 }

// fillRange writes uniform values of the range to a flat tensor of any type: reals in [Low, High), rounded to the type, so
// that High itself may occur; integers and bools from Low to High, both included.
func fillRange(stream uint64, spec *InputSpec, t Tensor) {
	if t.DType.Real() {
		for i := range Elements(t.Shape) {
			u := mix(stream + uint64(i)*weyl)
			// The conversion keeps product and sum apart: fused, they would give other bits on other machines.
			t.setReal(i, spec.Low+float64((spec.High-spec.Low)*(float64(u>>11)/(1<<53))))
		}
		return
	}
	low, count := int64(spec.Low), uint64(int64(spec.High)-int64(spec.Low))+1
	for i := range Elements(t.Shape) {
		t.setInteger(i, low+int64(mix(stream+uint64(i)*weyl)>>1%count))
	}
}

// setReal sets element i of a tensor of reals to x, rounded.
func (t Tensor) setReal(i int, x float64) {
	switch t.DType {
	case F32:
		t.F32[i] = float32(x)
	case F64:
		binary.NativeEndian.PutUint64(t.Raw[8*i:], math.Float64bits(x))
	case F16:
		binary.NativeEndian.PutUint16(t.Raw[2*i:], half.Float16(float32(x)))
	case BF16:
		binary.NativeEndian.PutUint16(t.Raw[2*i:], half.BFloat16(float32(x)))
	}
}

// setInteger sets element i of a tensor of integers or bools to x.
func (t Tensor) setInteger(i int, x int64) {
	if t.DType == I32 {
		t.I32[i] = int32(x)
		return
	}
	switch t.DType.Bytes() {
	case 8:
		binary.NativeEndian.PutUint64(t.Raw[8*i:], uint64(x))
	case 4:
		binary.NativeEndian.PutUint32(t.Raw[4*i:], uint32(x))
	case 2:
		binary.NativeEndian.PutUint16(t.Raw[2*i:], uint16(x))
	default:
		t.Raw[i] = byte(x)
	}
}

// Float16 is the nearest IEEE half of x, ties to even.
func Float16(x float32) uint16 { return half.Float16(x) }
