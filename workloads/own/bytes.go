package own

import (
	"encoding/binary"
	"math"

	"github.com/accelbench/accelbench/workloads"
)

// ofBytes is a tensor of little-endian data, which has the size that the shape asks for.
func ofBytes(t workloads.DType, shape []int, data []byte) workloads.Tensor {
	out := workloads.NewTensor(t, shape)
	switch t {
	case workloads.F32:
		for i := range out.F32 {
			out.F32[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		}
		return out
	case workloads.I32:
		for i := range out.I32 {
			out.I32[i] = int32(binary.LittleEndian.Uint32(data[4*i:]))
		}
		return out
	}
	size := int(t.Bytes())
	for i := 0; i < len(out.Raw); i += size {
		switch size {
		case 8:
			binary.NativeEndian.PutUint64(out.Raw[i:], binary.LittleEndian.Uint64(data[i:]))
		case 4:
			binary.NativeEndian.PutUint32(out.Raw[i:], binary.LittleEndian.Uint32(data[i:]))
		case 2:
			binary.NativeEndian.PutUint16(out.Raw[i:], binary.LittleEndian.Uint16(data[i:]))
		default:
			out.Raw[i] = data[i]
		}
	}
	return out
}
