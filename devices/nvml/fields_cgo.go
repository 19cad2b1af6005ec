//go:build linux && cgo

package nvml

import (
	"encoding/binary"
	"math"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

const symbolFields = "nvmlDeviceGetFieldValues"

// Fields asks the driver once. The call succeeds even when every field fails.
func (g *goGPU) Fields(fields []field) ([]reply, code) {
	if !g.has[symbolFields] {
		return nil, codeFunctionNotFound
	}
	if len(fields) == 0 {
		return nil, codeOK
	}
	values := make([]nvml.FieldValue, len(fields))
	for i, f := range fields {
		values[i].FieldId, values[i].ScopeId = f.id, f.scope
	}
	if ret := g.dev.GetFieldValues(values); ret != nvml.SUCCESS {
		return nil, code(ret)
	}
	replies := make([]reply, len(fields))
	for i, v := range values {
		replies[i].code = code(int32(v.NvmlReturn))
		if replies[i].code == codeOK {
			replies[i].value, replies[i].code = fieldNumber(v.ValueType, v.Value)
		}
	}
	return replies, codeOK
}

// fieldNumber decodes a field's value, which is in the machine's byte order, little-endian wherever there is NVML.
func fieldNumber(kind uint32, value [8]byte) (uint64, code) {
	bits := binary.LittleEndian.Uint64(value[:])
	switch nvml.ValueType(kind) {
	case nvml.VALUE_TYPE_DOUBLE:
		f := math.Float64frombits(bits)
		if math.IsNaN(f) || f < 0 || f >= 1<<63 {
			return 0, codeNoData
		}
		return uint64(f), codeOK
	case nvml.VALUE_TYPE_UNSIGNED_INT:
		return bits & math.MaxUint32, codeOK
	case nvml.VALUE_TYPE_UNSIGNED_LONG, nvml.VALUE_TYPE_UNSIGNED_LONG_LONG:
		return bits, codeOK
	case nvml.VALUE_TYPE_UNSIGNED_SHORT:
		return bits & math.MaxUint16, codeOK
	case nvml.VALUE_TYPE_SIGNED_INT:
		if v := int32(uint32(bits)); v >= 0 {
			return uint64(v), codeOK
		}
	case nvml.VALUE_TYPE_SIGNED_LONG_LONG:
		if v := int64(bits); v >= 0 {
			return uint64(v), codeOK
		}
	}
	return 0, codeNoData
}
