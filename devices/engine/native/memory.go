package native

import (
	"slices"
	"unsafe"
)

// lineFloats is the number of floats in 64 bytes: a cache line, and the widest vector.
const lineFloats = 16

// block is the memory of one activation: its size in floats and the first and last level at which it is needed.
type block struct {
	size        int
	first, last int
	offset      int
}

// place gives every block an offset such that blocks needed at the same time do not overlap, and returns the size of the whole.
// Largest first, each at the lowest place that is free: simple, and near the optimum for the graphs of networks.
func place(blocks []*block) int {
	order := slices.Clone(blocks)
	slices.SortStableFunc(order, func(a, b *block) int { return b.size - a.size })
	total := 0
	var placed []*block // by offset
	for _, b := range order {
		b.offset = 0
		size := roundUp(b.size, lineFloats)
		for _, p := range placed {
			if p.last < b.first || b.last < p.first {
				continue
			}
			if b.offset+size <= p.offset {
				break
			}
			b.offset = max(b.offset, p.offset+roundUp(p.size, lineFloats))
		}
		at, _ := slices.BinarySearchFunc(placed, b.offset, func(p *block, offset int) int { return p.offset - offset })
		placed = slices.Insert(placed, at, b)
		total = max(total, b.offset+size)
	}
	return total
}

// alignedFloats returns n zeroed floats that start at a multiple of 64 bytes.
func alignedFloats(n int) []float32 {
	buf := make([]float32, n+lineFloats-1)
	skip := int(-(uintptr(unsafe.Pointer(unsafe.SliceData(buf))) / 4) & (lineFloats - 1))
	return buf[skip : skip+n : skip+n]
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }
