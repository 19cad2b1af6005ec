package hlo

import (
	"slices"
	"strconv"

	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// precision writes a PrecisionConfig; DEFAULT is 0, and is written: the list has one entry per operand.
func precision(m *message, names []string) {
	var values []int
	for _, n := range names {
		values = append(values, slices.Index([]string{"DEFAULT", "HIGH", "HIGHEST"}, n))
	}
	if values != nil {
		m.message(51, func(m *message) { m.ints(1, values) })
	}
}

// precisions are the names of an attribute, or none; others than HLO's are an error.
func precisions(f *mlir.Fields) []string {
	names := f.Enums("precision_config")
	if slices.ContainsFunc(names, func(n string) bool { return n != "DEFAULT" && n != "HIGH" && n != "HIGHEST" }) {
		f.Refuse("precision_config", "DEFAULT, HIGH or HIGHEST")
	}
	return names
}

func (c *computation) dot(s shape, in []ref, f *mlir.Fields) ref {
	if f.Has("algorithm") {
		f.Refuse("algorithm", "none: HLO's algorithms are not those of StableHLO")
	}
	d, p := f.Struct("dot_dimension_numbers"), precisions(f)
	return c.add("dot", s, in, func(m *message) {
		m.message(30, func(m *message) {
			m.ints(1, d.Ints("lhs_contracting_dimensions"))
			m.ints(2, d.Ints("rhs_contracting_dimensions"))
			m.ints(3, d.Ints("lhs_batching_dimensions"))
			m.ints(4, d.Ints("rhs_batching_dimensions"))
		})
		precision(m, p)
	})
}

// window is a WindowDimension per dimension.
type window struct {
	size, stride, low, high, dilation, base []int
	reversed                                []bool
}

func (w window) write(m *message) {
	m.message(15, func(m *message) {
		for i := range w.size {
			m.message(1, func(m *message) {
				m.int(1, w.size[i])
				m.int(2, w.stride[i])
				m.int(3, w.low[i])
				m.int(4, w.high[i])
				m.int(5, w.dilation[i])
				m.int(6, w.base[i])
				m.truth(7, w.reversed[i])
			})
		}
	})
}

// edges splits the pairs of a padding.
func edges(padding []int) (low, high []int) {
	for i := 0; i+1 < len(padding); i += 2 {
		low, high = append(low, padding[i]), append(high, padding[i+1])
	}
	return low, high
}

func (c *computation) convolution(s shape, in []ref, f *mlir.Fields) ref {
	d, p := f.Conv("dimension_numbers"), precisions(f)
	if kernel := in[1].array().Shape; f.Err() == nil && len(kernel) != len(d.Kernel) {
		f.Refuse("dimension_numbers", "as many dimensions as the kernel has")
	}
	if f.Err() != nil {
		return ref{}
	}
	rank := len(d.Input) - 2
	w := window{stride: f.IntsOf("window_strides", rank, 1), dilation: f.IntsOf("rhs_dilation", rank, 1),
		base: f.IntsOf("lhs_dilation", rank, 1), reversed: f.Bools("window_reversal", rank)}
	w.low, w.high = edges(f.IntsOf("padding", 2*rank, 0))
	for _, at := range spatial(d.Kernel) {
		w.size = append(w.size, in[1].array().Shape[at])
	}
	return c.add("convolution", s, in, func(m *message) {
		w.write(m)
		m.message(16, func(m *message) {
			m.int(3, slices.Index(d.Kernel, "i"))
			m.int(4, slices.Index(d.Kernel, "o"))
			m.ints(6, spatial(d.Kernel))
			m.int(7, slices.Index(d.Input, "b"))
			m.int(8, slices.Index(d.Input, "f"))
			m.int(9, slices.Index(d.Output, "b"))
			m.int(10, slices.Index(d.Output, "f"))
			m.ints(11, spatial(d.Input))
			m.ints(12, spatial(d.Output))
		})
		m.int(50, f.Int("feature_group_count", 1))
		precision(m, p)
		m.int(58, f.Int("batch_group_count", 1))
	})
}

// spatial are the positions of the spatial dimensions, in their order.
func spatial(dims []string) []int {
	var out []int
	for i := range len(dims) - 2 {
		out = append(out, slices.Index(dims, strconv.Itoa(i)))
	}
	return out
}

func (c *computation) gather(s shape, in []ref, f *mlir.Fields) ref {
	d := f.Struct("dimension_numbers")
	return c.add("gather", s, in, func(m *message) {
		m.message(33, func(m *message) {
			m.ints(1, d.Ints("offset_dims"))
			m.ints(2, d.Ints("collapsed_slice_dims"))
			m.ints(3, d.Ints("start_index_map"))
			m.int(4, d.Int("index_vector_dim", 0))
			m.ints(5, d.Ints("operand_batching_dims"))
			m.ints(6, d.Ints("start_indices_batching_dims"))
		})
		m.ints(34, f.NeedInts("slice_sizes"))
		m.truth(67, f.Bool("indices_are_sorted"))
	})
}
