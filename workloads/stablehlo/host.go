package stablehlo

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/accelbench/accelbench/internal/half"
	"github.com/accelbench/accelbench/workloads"
)

// Host computes the content of a parameter's port on the host, row-major and little-endian: bit for bit what its generator makes on
// the device. The error is that of a port that w does not have, or of a file the parameter is read from.
func Host(w *workloads.Workload, p Port) ([]byte, error) {
	all := paramsOf(w)
	i := slices.IndexFunc(all, func(q parameter) bool { return q.port.Name == p.Name })
	if i < 0 || p.Role != Param {
		return nil, fmt.Errorf("making port %s of %s: there is no such parameter", p.Name, w.Name)
	}
	out, err := all[i].bytes()
	if err != nil {
		return nil, fmt.Errorf("making port %s of %s: %w", p.Name, w.Name, err)
	}
	return out, nil
}

// chunk is how many elements are made at a time.
const chunk = 1 << 16

func (p parameter) bytes() ([]byte, error) {
	n, width := workloads.Elements(p.port.Shape), int(p.port.DType.Bytes())
	out := make([]byte, n*width)
	step := p.value.Chunk(chunk)
	integers, x := make([]int8, step), make([]float32, step)
	for lo := 0; lo < n; lo += step {
		part := x[:min(step, n-lo)]
		switch p.part {
		case levels:
			p.value.Levels(lo, integers[:len(part)])
			for i, q := range integers[:len(part)] {
				part[i] = float32(q)
			}
		case scales:
			p.value.Scales(lo, part)
		default:
			if err := p.value.Generate(lo, part); err != nil {
				return nil, err
			}
		}
		if err := store(p.port.DType, out[lo*width:], part); err != nil {
			return nil, err
		}
	}
	if p.port.Turned {
		out = transposed(out, p.port.Shape[1], width)
	}
	return out, nil
}

// transposed is a matrix of so many rows, of elements of so many bytes, with rows and columns exchanged.
func transposed(in []byte, rows, width int) []byte {
	out, columns := make([]byte, len(in)), len(in)/width/rows
	for r := range rows {
		for c := range columns {
			copy(out[(c*rows+r)*width:][:width], in[(r*columns+c)*width:])
		}
	}
	return out
}

// store writes floats as elements of type t, rounded to nearest, ties to even.
func store(t workloads.DType, dst []byte, x []float32) error {
	for i, v := range x {
		switch t {
		case workloads.F32:
			binary.LittleEndian.PutUint32(dst[4*i:], math.Float32bits(v))
		case workloads.F16:
			binary.LittleEndian.PutUint16(dst[2*i:], half.Float16(v))
		case workloads.BF16:
			binary.LittleEndian.PutUint16(dst[2*i:], half.BFloat16(v))
		case workloads.I8:
			dst[i] = byte(int8(v))
		case workloads.F8E4M3:
			dst[i] = half.E4M3(v)
		default:
			return fmt.Errorf("type %s: %w", t, ErrUnsupported)
		}
	}
	return nil
}
