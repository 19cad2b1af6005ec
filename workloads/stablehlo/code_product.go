package stablehlo

import (
	"bytes"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"
	"github.com/gomlx/go-xla/types"

	"github.com/accelbench/accelbench/workloads"
)

// precision is that of products: the highest for 32-bit factors, since compilers else round these to the 10 bits of TF32. It
// says nothing for narrower ones.
func precision(x value) types.DotGeneralPrecisionType {
	if typeOf(x) == dtypes.Float32 {
		return types.DotGeneralPrecisionHighest
	}
	return types.DotGeneralPrecisionDefault
}

// axes say how a factor takes part in a product: sums run over the sum axes, the batch axes go along.
type axes struct{ batch, sum []int }

// dot multiplies two factors of one type; the result of type t has the batch axes, then the other axes of x, then those of y.
func (c *code) dot(x value, xs axes, y value, ys axes, t dtypes.DType) value {
	return must(stablehlo.DotGeneral(x, slices.Clone(xs.sum), slices.Clone(xs.batch), y, slices.Clone(ys.sum), slices.Clone(ys.batch)).
		Precision(precision(x), precision(y)).OutputDType(t).Done())
}

// conv convolves x [B,space...,C] with w [kernel...,C,O].
func (c *code) conv(x, w value, a workloads.Attr) value {
	rank := len(dims(x))
	space := upTo(rank - 2)
	image := make([]int, rank-2)
	pad := make([][2]int, rank-2)
	for i := range image {
		image[i], pad[i] = i+1, [2]int{a.Pad, a.Pad}
	}
	return must(stablehlo.Convolution(x, w, slices.Repeat([]int{a.Stride}, rank-2), pad, nil, nil,
		0, rank-1, image, rank-2, rank-1, space, 0, rank-1, image, 1, 1, precision(x), precision(w)))
}

// spell gives the types that the library has no name for the one that StableHLO has.
func spell(text []byte) []byte {
	return bytes.ReplaceAll(text, []byte("unknown_dtype<F8E4M3FN>"), []byte("f8E4M3FN"))
}
