package probe

import (
	"bytes"
	"fmt"

	"github.com/gomlx/compute/dtypes"
	hlo "github.com/gomlx/go-xla/stablehlo"
	"github.com/gomlx/go-xla/types"
	"github.com/gomlx/go-xla/types/shapes"
	"github.com/gomlx/go-xla/types/shardy"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo"
)

// builder writes a program. The first error stays and makes everything after it void.
type builder struct {
	module *hlo.Builder
	main   *hlo.Function
	parts  int
	mesh   *shardy.DeviceMesh // nil for one device
	args   []stablehlo.Port
	err    error
}

// newBuilder starts a program that so many devices execute, each on arguments of its own: nothing is shared out.
func newBuilder(name string, parts int) *builder {
	module := hlo.New(name)
	b := &builder{module: module, main: module.Main(), parts: parts}
	if parts > 1 {
		if b.mesh, b.err = shardy.NewDeviceMesh("mesh", []int{parts}, []string{"device"}); b.err == nil {
			module.WithShardy(b.mesh)
		}
	}
	return b
}

// whole says that each device has all of an array of so many axes; nil on one device.
func (b *builder) whole(rank int) *shardy.ShardingSpec {
	if b.mesh == nil {
		return nil
	}
	s := shardy.NewShardingSpec(b.mesh)
	for range rank {
		s.AddReplicated()
	}
	return s
}

// do takes the result of a step.
func (b *builder) do(step func() (*hlo.Value, error)) *hlo.Value {
	if b.err != nil {
		return nil
	}
	var v *hlo.Value
	v, b.err = step()
	return v
}

// arg adds an argument.
func (b *builder) arg(dtype workloads.DType, shape ...int) *hlo.Value {
	b.args = append(b.args, stablehlo.Port{Role: stablehlo.Seed, DType: dtype, Shape: shape, Shard: -1, Result: -1})
	return b.do(func() (*hlo.Value, error) {
		return b.main.InputWithSharding(shapeOf(dtype, shape), b.whole(len(shape)))
	})
}

// scalar is a constant in every element of a shape.
func (b *builder) scalar(value any, shape shapes.Shape) *hlo.Value {
	c := b.do(func() (*hlo.Value, error) { return b.main.ConstantFromScalar(value) })
	return b.spread(c, shape)
}

// spread is a scalar in every element of a shape.
func (b *builder) spread(v *hlo.Value, shape shapes.Shape) *hlo.Value {
	return b.do(func() (*hlo.Value, error) { return hlo.BroadcastInDim(v, shape, nil) })
}

func (b *builder) two(op func(x, y *hlo.Value) (*hlo.Value, error), x, y *hlo.Value) *hlo.Value {
	return b.do(func() (*hlo.Value, error) { return op(x, y) })
}

func (b *builder) convert(x *hlo.Value, to dtypes.DType) *hlo.Value {
	return b.do(func() (*hlo.Value, error) { return hlo.Convert(x, to) })
}

// build ends the program.
func (b *builder) build(name string, results ...*hlo.Value) (*stablehlo.Program, error) {
	var ports []stablehlo.Port
	if b.err == nil {
		var wholes []*shardy.ShardingSpec
		for _, r := range results {
			ports = append(ports, stablehlo.Port{Role: stablehlo.Output, DType: typeOf(r.Shape().DType), Shape: r.Shape().Dimensions, Shard: -1, Result: -1})
			if b.mesh != nil {
				wholes = append(wholes, b.whole(r.Shape().Rank()))
			}
		}
		b.err = b.main.ReturnWithShardingAndAttributes(results, wholes, nil)
	}
	if b.err != nil {
		return nil, fmt.Errorf("writing the program %s: %w", name, b.err)
	}
	text, err := b.module.Build()
	// The library has no name for this type, which it knows otherwise.
	text = bytes.ReplaceAll(text, []byte("unknown_dtype<F8E4M3FN>"), []byte("f8E4M3FN"))
	if err != nil {
		return nil, fmt.Errorf("writing the program %s: %w", name, err)
	}
	return &stablehlo.Program{Name: name, Text: text, Parts: b.parts, Args: b.args, Results: ports}, nil
}

// elements are the names of element types in the library that writes programs.
func elements() map[workloads.DType]dtypes.DType {
	return map[workloads.DType]dtypes.DType{
		workloads.F32: dtypes.Float32, workloads.F16: dtypes.Float16, workloads.BF16: dtypes.BFloat16, workloads.I8: dtypes.Int8,
		workloads.I32: dtypes.Int32, workloads.U64: dtypes.Uint64, workloads.F8E4M3: dtypes.F8E4M3FN,
	}
}

func element(t workloads.DType) dtypes.DType { return elements()[t] }

// typeOf is the inverse of element.
func typeOf(name dtypes.DType) workloads.DType {
	for t, n := range elements() {
		if n == name {
			return t
		}
	}
	return ""
}

func shapeOf(t workloads.DType, shape []int) shapes.Shape { return shapes.Make(element(t), shape...) }

// Zeros is the program that makes an array of zeros on each of so many devices.
func Zeros(dtype workloads.DType, shape []int, parts int) (*stablehlo.Program, error) {
	b := newBuilder("zeros", parts)
	zero := b.scalar(float32(0), shapes.Make(dtypes.Float32))
	return b.build("zeros", b.spread(b.convert(zero, element(dtype)), shapeOf(dtype, shape)))
}

// Random is the program that makes a matrix of random elements from a seed (ui64): floats uniform in [-1, 1), integers in
// [-128, 127]. Zeros would be no load: they let a chip run cooler and faster than any data do.
func Random(dtype workloads.DType, rows, columns, parts int) (*stablehlo.Program, error) {
	b := newBuilder("random", parts)
	seed := b.arg(workloads.U64)
	shape := shapes.Make(dtypes.Uint64, rows, columns)
	number := func(x uint64) *hlo.Value { return b.scalar(x, shape) }
	row := b.do(func() (*hlo.Value, error) { return b.main.Iota(shape, 0) })
	column := b.do(func() (*hlo.Value, error) { return b.main.Iota(shape, 1) })
	index := b.two(hlo.Add, b.two(hlo.Multiply, row, number(uint64(columns))), column)
	x := b.two(hlo.Add, b.two(hlo.Multiply, index, number(workloads.Weyl)), b.spread(seed, shape))
	for _, step := range []struct{ shift, factor uint64 }{{30, workloads.MixFirst}, {27, workloads.MixSecond}, {31, 1}} {
		x = b.two(hlo.Xor, x, b.two(hlo.ShiftRightLogical, x, number(step.shift)))
		x = b.two(hlo.Multiply, x, number(step.factor))
	}
	// The upper 24 bits are exact in a float.
	f := shapes.Make(dtypes.Float32, rows, columns)
	unit := b.convert(b.two(hlo.ShiftRightLogical, x, number(40)), dtypes.Float32)
	unit = b.two(hlo.Subtract, b.two(hlo.Multiply, unit, b.scalar(float32(1.0/(1<<23)), f)), b.scalar(float32(1), f))
	if dtype == workloads.I8 {
		floor := func(v *hlo.Value) *hlo.Value { return b.do(func() (*hlo.Value, error) { return hlo.Floor(v) }) }
		unit = floor(b.two(hlo.Multiply, unit, b.scalar(float32(128), f)))
	}
	return b.build("random", b.convert(unit, element(dtype)))
}

// Products is the program of n products of two square matrices of a size each, A_i times the transpose of B_i. The result is in
// the type that hardware accumulates in, for floats of 16 bits in theirs.
func Products(dtype workloads.DType, size, n, parts int) (*stablehlo.Program, error) {
	b := newBuilder("products", parts)
	result := dtype
	switch dtype {
	case workloads.I8:
		result = workloads.I32
	case workloads.F8E4M3:
		result = workloads.F32
	}
	precision := types.DotGeneralPrecisionDefault
	if dtype == workloads.F32 {
		precision = types.DotGeneralPrecisionHighest // no TF32
	}
	var results []*hlo.Value
	left := b.arg(dtype, size, size)
	for range n {
		right := b.arg(dtype, size, size)
		results = append(results, b.do(func() (*hlo.Value, error) {
			return hlo.DotGeneral(left, []int{1}, nil, right, []int{1}, nil).Precision(precision, precision).OutputDType(element(result)).Done()
		}))
	}
	return b.build("products", results...)
}

// Sum is the program that adds two arrays of rows by columns floats into a third.
func Sum(rows, columns, parts int) (*stablehlo.Program, error) {
	b := newBuilder("sum", parts)
	x, y := b.arg(workloads.F32, rows, columns), b.arg(workloads.F32, rows, columns)
	return b.build("sum", b.two(hlo.Add, x, y))
}

// End is the program that reads the last of so many bytes.
func End(size, parts int) (*stablehlo.Program, error) {
	b := newBuilder("end", parts)
	x := b.arg(workloads.I8, 1, size)
	return b.build("end", b.do(func() (*hlo.Value, error) { return hlo.Slice(x, []int{0, size - 1}, []int{1, size}, nil) }))
}

// Nothing is the program that is all overhead: it adds two numbers.
func Nothing(parts int) (*stablehlo.Program, error) {
	b := newBuilder("nothing", parts)
	x, y := b.arg(workloads.F32), b.arg(workloads.F32)
	return b.build("nothing", b.two(hlo.Add, x, y))
}
