package stablehlo

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/go-xla/stablehlo"
	"github.com/gomlx/go-xla/types"
	"github.com/gomlx/go-xla/types/shapes"
	"github.com/gomlx/go-xla/types/shardy"

	"github.com/accelbench/accelbench/internal/half"
	"github.com/accelbench/accelbench/workloads"
)

// value is a result of an operation.
type value = *stablehlo.Value

// code writes the operations of a function. What does not fit panics with a [misfit], which [code.build] turns into an error: a
// lowering then reads as a list of operations.
type code struct {
	module  *stablehlo.Builder
	main    *stablehlo.Function
	mesh    *shardy.DeviceMesh // of the devices that execute the module together; nil for one
	scalars map[string]value
}

// misfit is why an operation could not be written.
type misfit struct{ err error }

// The names of the devices that share a module out, and of the one axis along which they lie.
const (
	meshName = "mesh"
	meshAxis = "device"
)

// newCode starts a module for so many devices together.
func newCode(name string, parts int) *code {
	m := stablehlo.New(name)
	c := &code{module: m, main: m.Main(), scalars: map[string]value{}}
	if parts > 1 {
		var err error
		if c.mesh, err = shardy.NewDeviceMesh(meshName, []int{parts}, []string{meshAxis}); err != nil {
			panic(err) // the names are good ones
		}
		m.WithShardy(c.mesh)
	}
	return c
}

// sharding says how a port is split, also that it is not: of what is left open the compiler decides. Nil on one device.
func (c *code) sharding(p Port) *shardy.ShardingSpec {
	if c.mesh == nil {
		return nil
	}
	s := shardy.NewShardingSpec(c.mesh)
	for axis := range p.Shape {
		if axis == p.Shard {
			s.AddShardedAxis(meshAxis)
		} else {
			s.AddReplicated()
		}
	}
	return s
}

// build runs write, which gives the results and their ports, and returns the text of the module.
func (c *code) build(write func() ([]value, []Port)) (text []byte, err error) {
	defer func() {
		switch failed := recover().(type) {
		case nil:
		case misfit:
			err = failed.err
		default:
			panic(failed)
		}
	}()
	results, ports := write()
	var shardings []*shardy.ShardingSpec
	if c.mesh != nil {
		for _, p := range ports {
			shardings = append(shardings, c.sharding(p))
		}
	}
	if err := c.main.ReturnWithShardingAndAttributes(results, shardings, nil); err != nil {
		return nil, err
	}
	text, err = c.module.Build()
	return spell(text), err
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(misfit{err})
	}
	return v
}

// fail ends the writing.
func fail(format string, args ...any) { panic(misfit{fmt.Errorf(format, args...)}) }

func dims(x value) []int          { return x.Shape().Dimensions }
func typeOf(x value) dtypes.DType { return x.Shape().DType }
func last(x value) int            { return dims(x)[len(dims(x))-1] }
func axesOf(x value) []int        { return upTo(len(dims(x))) }

// upTo is 0, 1, ..., n-1.
func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// argument adds an argument to the function; donated tells the result that takes over its buffer, -1 for none.
func (c *code) argument(p Port) value {
	var attributes map[string]any
	if p.Result >= 0 {
		attributes = map[string]any{"tf.aliasing_output": int32(p.Result)}
	}
	return must(c.main.InputWithShardingAndAttributes(shapes.Make(dtype(p.DType), p.Shape...), c.sharding(p), attributes))
}

// scalar is a constant of type t, a float or an integer.
func (c *code) scalar(t dtypes.DType, x float64) value {
	key := fmt.Sprintf("%v %x", t, math.Float64bits(x))
	if c.scalars[key] == nil {
		c.scalars[key] = must(c.main.ConstantFromScalar(pod(t, x)))
	}
	return c.scalars[key]
}

func pod(t dtypes.DType, x float64) any {
	switch t {
	case dtypes.Float32:
		return float32(x)
	case dtypes.Float16:
		return float16.Float16(half.Float16(float32(x)))
	case dtypes.BFloat16:
		return bfloat16.BFloat16(half.BFloat16(float32(x)))
	case dtypes.Int32:
		return int32(x)
	}
	fail("a constant of type %v", t)
	return nil
}

// u64 is a constant of 64 bits.
func (c *code) u64(x uint64) value {
	key := fmt.Sprintf("u64 %x", x)
	if c.scalars[key] == nil {
		c.scalars[key] = must(c.main.ConstantFromScalar(x))
	}
	return c.scalars[key]
}

// filled is x, a scalar, in the shape of like.
func (c *code) filled(x, like value) value {
	if len(dims(like)) == 0 {
		return x
	}
	return c.broadcast(x, dims(like))
}

// number is a constant in the type and the shape of like.
func (c *code) number(x float64, like value) value { return c.filled(c.scalar(typeOf(like), x), like) }

// broadcast repeats x: axis i of x is axis axes[i] of shape.
func (c *code) broadcast(x value, shape []int, axes ...int) value {
	if slices.Equal(dims(x), shape) && slices.Equal(axes, axesOf(x)) {
		return x
	}
	return must(stablehlo.BroadcastInDim(x, shapes.Make(typeOf(x), shape...), axes))
}

func (c *code) reshape(x value, shape ...int) value {
	if slices.Equal(dims(x), shape) {
		return x
	}
	return must(stablehlo.Reshape(x, shapes.Make(typeOf(x), shape...)))
}

func (c *code) transpose(x value, perm ...int) value {
	if slices.IsSorted(perm) {
		return x
	}
	return must(stablehlo.Transpose(x, perm...))
}

func (c *code) convert(x value, t dtypes.DType) value {
	if typeOf(x) == t {
		return x
	}
	return must(stablehlo.Convert(x, t))
}

// wide is x in 32 bits, in which norms, softmax and sums are computed at any precision.
func (c *code) wide(x value) value { return c.convert(x, dtypes.Float32) }

func (c *code) add(x, y value) value  { return must(stablehlo.Add(x, y)) }
func (c *code) sub(x, y value) value  { return must(stablehlo.Subtract(x, y)) }
func (c *code) mul(x, y value) value  { return must(stablehlo.Multiply(x, y)) }
func (c *code) div(x, y value) value  { return must(stablehlo.Divide(x, y)) }
func (c *code) max(x, y value) value  { return must(stablehlo.Maximum(x, y)) }
func (c *code) min(x, y value) value  { return must(stablehlo.Minimum(x, y)) }
func (c *code) abs(x value) value     { return must(stablehlo.Abs(x)) }
func (c *code) and(x, y value) value  { return must(stablehlo.And(x, y)) }
func (c *code) exp(x value) value     { return must(stablehlo.Exponential(x)) }
func (c *code) rsqrt(x value) value   { return must(stablehlo.Rsqrt(x)) }
func (c *code) sigmoid(x value) value { return must(stablehlo.Logistic(x)) }
func (c *code) erf(x value) value     { return must(stablehlo.Erf(x)) }
func (c *code) times(x value, by float64) value {
	return c.mul(x, c.number(by, x))
}

// choose takes its elements from yes where the condition holds, else from no.
func (c *code) choose(condition, yes, no value) value {
	return must(stablehlo.Select(condition, yes, no))
}

func (c *code) compare(x, y value, d types.ComparisonDirection) value {
	kind := types.CompareSigned
	if typeOf(x).IsFloat() {
		kind = types.CompareFloat
	}
	return must(stablehlo.Compare(x, y, d, kind))
}

// iota counts along an axis.
func (c *code) iota(t dtypes.DType, axis int, shape ...int) value {
	return must(c.main.Iota(shapes.Make(t, shape...), axis))
}

// slice is the elements lo to hi of an axis.
func (c *code) slice(x value, axis, lo, hi int) value {
	from, to := make([]int, len(dims(x))), slices.Clone(dims(x))
	if lo == 0 && hi == to[axis] {
		return x
	}
	from[axis], to[axis] = lo, hi
	return must(stablehlo.Slice(x, from, to, nil))
}

func (c *code) concat(axis int, xs ...value) value {
	if len(xs) == 1 {
		return xs[0]
	}
	return must(stablehlo.Concatenate(axis, xs...))
}

// starts are the indexes of a dynamic slice of x: at on one axis, 0 on the others.
func (c *code) starts(x value, axis int, at value) []value {
	out := slices.Repeat([]value{c.scalar(dtypes.Int32, 0)}, len(dims(x)))
	out[axis] = at
	return out
}

// window is n elements of an axis from at on.
func (c *code) window(x value, axis int, at value, n int) value {
	size := slices.Clone(dims(x))
	size[axis] = n
	return must(stablehlo.DynamicSlice(x, c.starts(x, axis, at), size))
}

// update is x with part written over the elements of an axis from at on.
func (c *code) update(x, part value, axis int, at value) value {
	return must(stablehlo.DynamicUpdateSlice(x, part, c.starts(x, axis, at)))
}

// rows picks entries of the first axis of a table by their ids, of any shape: [ids..., the other axes of the table].
func (c *code) rows(table, ids value) value {
	rank := len(dims(ids))
	size, offsets := slices.Clone(dims(table)), make([]int, len(dims(table))-1)
	size[0] = 1
	for i := range offsets {
		offsets[i] = rank + i
	}
	return must(stablehlo.Gather(table, ids, rank, offsets, []int{0}, nil, nil, []int{0}, size, false))
}

// reduction folds axes by an operation on pairs.
type reduction struct {
	pair func(x, y value) (value, error)
	// start is what changes nothing.
	start float64
}

// sum, most and least are functions so that nothing of the package changes.
func sum() reduction   { return reduction{stablehlo.Add, 0} }
func most() reduction  { return reduction{stablehlo.Maximum, math.Inf(-1)} }
func least() reduction { return reduction{stablehlo.Minimum, math.MaxInt32} }

// pairs is the region of a reduction of elements of x.
func (c *code) pairs(r reduction, x value) *stablehlo.Function {
	fn := c.main.Closure()
	a := must(fn.Input(shapes.Make(typeOf(x))))
	b := must(fn.Input(shapes.Make(typeOf(x))))
	if err := fn.Return(must(r.pair(a, b))); err != nil {
		fail("a reduction: %w", err)
	}
	return fn
}

// reduce folds axes, which go.
func (c *code) reduce(r reduction, x value, axes ...int) value {
	return must(stablehlo.Reduce(x, c.scalar(typeOf(x), r.start), c.pairs(r, x), axes...))
}

// reduceWindows folds the windows of an image [B,H,W,C].
func (c *code) reduceWindows(r reduction, x value, a workloads.Attr) value {
	pad := [][2]int{{0, 0}, {a.Pad, a.Pad}, {a.Pad, a.Pad}, {0, 0}}
	return must(stablehlo.ReduceWindow(x, c.scalar(typeOf(x), r.start), c.pairs(r, x), []int{1, a.Kernel, a.Kernel, 1},
		[]int{1, a.Stride, a.Stride, 1}, nil, nil, pad))
}
