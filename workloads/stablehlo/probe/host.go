package probe

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/accelbench/accelbench/internal/half"
	"github.com/accelbench/accelbench/workloads"
)

// Fill writes to dst the elements, from the one of index from on, that the program of [Random] makes of the seed: little-endian, bit for
// bit. The length of dst is a multiple of an element's; the error is that of a type that Random does not make.
func Fill(dst []byte, dtype workloads.DType, seed uint64, from int) error {
	width := int(dtype.Bytes())
	for i := 0; i*width < len(dst); i++ {
		x, to := uniform(seed, from+i), dst[i*width:]
		switch dtype {
		case workloads.F32:
			binary.LittleEndian.PutUint32(to, math.Float32bits(x))
		case workloads.F16:
			binary.LittleEndian.PutUint16(to, half.Float16(x))
		case workloads.BF16:
			binary.LittleEndian.PutUint16(to, half.BFloat16(x))
		case workloads.F8E4M3:
			to[0] = half.E4M3(x)
		case workloads.I8:
			to[0] = byte(int8(math.Floor(float64(x) * 128)))
		default:
			return fmt.Errorf("making random numbers of type %s: no program does", dtype)
		}
	}
	return nil
}

// uniform is in [-1, 1), of 24 random bits.
func uniform(seed uint64, index int) float32 {
	x := seed + uint64(index)*workloads.Weyl
	x = (x ^ x>>30) * workloads.MixFirst
	x = (x ^ x>>27) * workloads.MixSecond
	x ^= x >> 31
	return float32(x>>40)*(1.0/(1<<23)) - 1
}
