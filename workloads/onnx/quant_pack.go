package onnx

import (
	"encoding/binary"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/accelbench/accelbench/workloads"
)

// matrix is the constant factor of one product inside a parameter: k rows of n columns from element first on, or n rows of k
// where it is transposed. The parameter's blocks lie along k and do not leave the matrix.
type matrix struct {
	value      *workloads.Value
	first      int
	k, n       int
	transposed bool
	// Column j of the matrix becomes row j*step+offset of what is packed, so that two matrices can alternate.
	step, offset int
}

// experts are the matrices of a parameter [E,K,N], one after the other.
func experts(v *workloads.Value) []matrix {
	out := make([]matrix, v.Shape[0])
	for i := range out {
		out[i] = matrix{value: v, first: i * v.Shape[1] * v.Shape[2], k: v.Shape[1], n: v.Shape[2], step: 1}
	}
	return out
}

// whole is the matrix that is all of a parameter: [K,N], or [N,K] where it is transposed.
func whole(v *workloads.Value, transposed bool) matrix {
	m := matrix{value: v, k: v.Shape[0], n: v.Shape[1], transposed: transposed, step: 1}
	if transposed {
		m.k, m.n = m.n, m.k
	}
	return m
}

// share calls work(0) to work(n-1) on all CPUs and gives the first error.
func share(n int, work func(i int) error) error {
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && failed.Load() == nil; i = int(next.Add(1)) - 1 {
				if err := work(i); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// packLevels writes the integers of a quantised matrix as MatMulNBits and QMoE take them: one row of k for each of the n
// columns, unsigned with 2^(bits-1) for zero, two of 4 bits in a byte with the first in the lower half.
func (m matrix) packLevels(dst []byte) error {
	bits := m.value.Param.Bits
	row := m.k * bits / 8
	if m.transposed {
		return share(m.n, func(j int) error {
			levels := make([]int8, m.k)
			m.value.Levels(m.first+j*m.k, levels)
			pack(dst[(j*m.step+m.offset)*row:][:row], levels, 1, bits)
			return nil
		})
	}
	return m.tiles(max(m.value.Param.Block, tileRows), func(t tile) error {
		levels := make([]int8, t.rows*tilePitch)
		for i := range t.rows {
			m.value.Levels(t.first+i*m.n, levels[i*tilePitch:][:t.columns])
		}
		for j := range t.columns {
			pack(dst[((t.column+j)*m.step+m.offset)*row+t.row*bits/8:][:t.rows*bits/8], levels[j:], tilePitch, bits)
		}
		return nil
	})
}

// Tiles are turned one at a time, because a whole column would touch a new cache line and page with each element: their
// results fill cache lines, and the pitch keeps the lines of a tile out of each other's way.
const (
	tileRows    = 128
	tileColumns = 256
	tilePitch   = tileColumns + 64
)

// tile is a part of a matrix: its place, its size, and the element of the parameter at which its first row starts.
type tile struct{ row, rows, column, columns, first int }

// tiles calls work for all tiles of a matrix that is not transposed.
func (m matrix) tiles(rows int, work func(t tile) error) error {
	across := (m.n + tileColumns - 1) / tileColumns
	return share(across*((m.k+rows-1)/rows), func(i int) error {
		t := tile{row: i / across * rows, column: i % across * tileColumns}
		t.rows, t.columns = min(rows, m.k-t.row), min(tileColumns, m.n-t.column)
		t.first = m.first + t.row*m.n + t.column
		return work(t)
	})
}

// pack writes the levels of one row, which lie pitch apart.
func pack(dst []byte, levels []int8, pitch, bits int) {
	at := 0
	if bits == 8 {
		for i := range dst {
			dst[i] = byte(levels[at]) + 128
			at += pitch
		}
		return
	}
	for i := range dst {
		dst[i] = byte(levels[at]+8) | byte(levels[at+pitch]+8)<<4
		at += 2 * pitch
	}
}

// packScales writes the scales of the blocks: one row of k/Block for each of the n columns.
func (m matrix) packScales(typ int32, dst []byte) error {
	store, size := storeFloats(typ), int(width(typ))
	block := m.value.Param.Block
	blocks, base := m.k/block, m.first/block
	if m.transposed {
		return share(m.n, func(j int) error {
			scales := make([]float32, blocks)
			m.value.Scales(base+j*blocks, scales)
			store(dst[(j*m.step+m.offset)*blocks*size:], scales)
			return nil
		})
	}
	return share(blocks, func(b int) error {
		scales := make([]float32, m.n)
		m.value.Scales(base+b*m.n, scales)
		for j := range scales {
			store(dst[((j*m.step+m.offset)*blocks+b)*size:], scales[j:j+1])
		}
		return nil
	})
}

// packFloats writes the elements of the matrix, one row of k for each of the n columns.
func (m matrix) packFloats(typ int32, dst []byte) error {
	store, size := storeFloats(typ), int(width(typ))
	if m.transposed {
		return share(m.n, func(j int) error {
			row := make([]float32, m.k)
			err := m.value.Generate(m.first+j*m.k, row)
			store(dst[(j*m.step+m.offset)*m.k*size:], row)
			return err
		})
	}
	return m.tiles(tileRows, func(t tile) error {
		part, column := make([]float32, t.rows*tilePitch), make([]float32, t.rows)
		for i := range t.rows {
			if err := m.value.Generate(t.first+i*m.n, part[i*tilePitch:][:t.columns]); err != nil {
				return err
			}
		}
		for j := range t.columns {
			for i := range column {
				column[i] = part[i*tilePitch+j]
			}
			store(dst[(((t.column+j)*m.step+m.offset)*m.k+t.row)*size:], column)
		}
		return nil
	})
}

// copyLevels writes the integers of a quantised parameter as they lie in it, signed.
func copyLevels(v *workloads.Value, dst []byte) error {
	const chunk = 1 << 14
	return share((len(dst)+chunk-1)/chunk, func(i int) error {
		part := dst[i*chunk : min((i+1)*chunk, len(dst))]
		q := make([]int8, len(part))
		v.Levels(i*chunk, q)
		for j := range q {
			part[j] = byte(q[j])
		}
		return nil
	})
}

// kernelLevels writes the integers of a kernel [KH,KW,C,O] in the order [O,C,KH,KW], signed.
func kernelLevels(v *workloads.Value, dst []byte) error {
	q := make([]byte, len(dst))
	if err := copyLevels(v, q); err != nil {
		return err
	}
	pixels, channels, outputs := v.Shape[0]*v.Shape[1], v.Shape[2], v.Shape[3]
	for i := range pixels {
		for c := range channels {
			for o := range outputs {
				dst[(o*channels+c)*pixels+i] = q[(i*channels+c)*outputs+o]
			}
		}
	}
	return nil
}

// columnLevels writes the integers of a matrix in k rows of n, signed.
func (m matrix) columnLevels(dst []byte) error {
	if !m.transposed {
		return copyLevels(m.value, dst)
	}
	return share((m.n+tileColumns-1)/tileColumns, func(i int) error {
		lo := i * tileColumns
		hi := min(lo+tileColumns, m.n)
		rows := make([]int8, (hi-lo)*m.k)
		m.value.Levels(lo*m.k, rows)
		for k := range m.k {
			line := dst[k*m.n+lo : k*m.n+hi]
			for j := range line {
				line[j] = byte(rows[j*m.k+k])
			}
		}
		return nil
	})
}

// putInt32 writes element i of a tensor of 32-bit integers: the one nearest to x.
func putInt32(dst []byte, i int, x float64) {
	rounded := min(max(math.RoundToEven(x), math.MinInt32), math.MaxInt32)
	binary.LittleEndian.PutUint32(dst[4*i:], uint32(int32(rounded)))
}
