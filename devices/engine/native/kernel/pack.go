package kernel

import (
	"fmt"
	"unsafe"
)

// PackedB is a K x N matrix as one Set reads it: blocks of KC rows; in a block, panels of NR columns, k-major; the last panel
// padded with zeros. The memory is aligned to 64 bytes. It belongs to the Set that packed it.
type PackedB struct {
	K, N int

	nr, kc int
	data   []float32
}

// Bytes returns the memory that a product reads of b, padding included.
func (b *PackedB) Bytes() int { return 4 * len(b.data) }

// PackB packs the row-major k x n matrix whose element (p, j) is b[p*ldb+j].
func (s *Set) PackB(k, n int, b []float32, ldb int) *PackedB {
	dst := new(PackedB)
	s.PackBInto(dst, k, n, b, ldb)
	return dst
}

// PackBT packs a k x n matrix from its transpose: element (p, j) is b[j*ldb+p]. Weights stored as output x input come this way.
func (s *Set) PackBT(k, n int, b []float32, ldb int) *PackedB {
	dst := new(PackedB)
	s.PackBTInto(dst, k, n, b, ldb)
	return dst
}

// PackBInto is PackB into dst, whose memory is reused where it is large enough.
func (s *Set) PackBInto(dst *PackedB, k, n int, b []float32, ldb int) {
	checkMatrix("PackB", k, n, len(b), ldb)
	s.reset(dst, k, n)
	nr, out := s.NR, dst.data
	for p0 := 0; p0 < k; p0 += s.KC {
		p1 := min(p0+s.KC, k)
		for j := 0; j < n; j += nr {
			w := min(nr, n-j)
			for p := p0; p < p1; p++ {
				copy(out[:w], b[p*ldb+j:])
				clear(out[w:nr])
				out = out[nr:]
			}
		}
	}
}

// PackBTInto is PackBT into dst, whose memory is reused where it is large enough.
func (s *Set) PackBTInto(dst *PackedB, k, n int, b []float32, ldb int) {
	checkMatrix("PackBT", n, k, len(b), ldb)
	s.reset(dst, k, n)
	nr, out := s.NR, dst.data
	for p0 := 0; p0 < k; p0 += s.KC {
		kc := min(s.KC, k-p0)
		for j := 0; j < n; j += nr {
			transposePanel(out[:kc*nr], b[j*ldb+p0:], ldb, kc, min(nr, n-j), nr)
			out = out[kc*nr:]
		}
	}
}

// transposePanel writes columns 0..w of a panel from w contiguous rows of kc values. Four rows at a time, so that the strided
// writes touch each line of the panel in groups.
func transposePanel(out, src []float32, ld, kc, w, nr int) {
	if w < nr {
		clear(out)
	}
	j := 0
	for ; j+4 <= w; j += 4 {
		r0 := src[j*ld:][:kc]
		r1 := src[(j+1)*ld:][:kc]
		r2 := src[(j+2)*ld:][:kc]
		r3 := src[(j+3)*ld:][:kc]
		o := out[j:]
		for p := range r0 {
			q := o[p*nr:][:4]
			q[0], q[1], q[2], q[3] = r0[p], r1[p], r2[p], r3[p]
		}
	}
	for ; j < w; j++ {
		for p, v := range src[j*ld:][:kc] {
			out[p*nr+j] = v
		}
	}
}

// reset shapes dst for a k x n matrix of this set.
func (s *Set) reset(dst *PackedB, k, n int) {
	size := k * roundUp(n, s.NR)
	dst.K, dst.N, dst.nr, dst.kc = k, n, s.NR, s.KC
	if cap(dst.data) < size {
		dst.data = alignedFloats(size)
	}
	dst.data = dst.data[:size]
}

func checkMatrix(what string, rows, cols, have, ld int) {
	if rows < 1 || cols < 1 || ld < cols || have < (rows-1)*ld+cols {
		panic(fmt.Sprintf("kernel: %s: %d x %d with row stride %d does not fit into %d values", what, rows, cols, ld, have))
	}
}

// alignedFloats returns n floats that start at a multiple of 64 bytes. The Go heap does not move, so that they stay there.
func alignedFloats(n int) []float32 {
	buf := make([]float32, n+15)
	skip := int(-(uintptr(unsafe.Pointer(unsafe.SliceData(buf))) / 4) & 15)
	return buf[skip : skip+n : skip+n]
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }
