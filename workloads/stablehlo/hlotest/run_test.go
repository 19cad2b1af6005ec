package hlotest_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/workloads/stablehlo/hlotest"
	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

func TestCallsAndDonatedArguments(t *testing.T) {
	const text = `module {
		func.func @main(%x: tensor<2xf32>, %state: tensor<3xi32> { tf.aliasing_output = 1 : i32 }) -> (tensor<2xf32>, tensor<3xi32>) {
			%0 = "func.call"(%x, %x) { callee = @product } : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
			%1 = "func.call"(%0, %x) { callee = @product } : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
			%c = "stablehlo.constant"() { value = dense<7> : tensor<1xi32> } : () -> tensor<1xi32>
			%i = "stablehlo.constant"() { value = dense<1> : tensor<i32> } : () -> tensor<i32>
			%2 = "stablehlo.dynamic_update_slice"(%state, %c, %i) : (tensor<3xi32>, tensor<1xi32>, tensor<i32>) -> tensor<3xi32>
			"stablehlo.return"(%1, %2) : (tensor<2xf32>, tensor<3xi32>) -> ()
		}
		func.func @product(%a: tensor<2xf32>, %b: tensor<2xf32>) -> tensor<2xf32> {
			%0 = "stablehlo.multiply"(%a, %b) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
			"stablehlo.return"(%0) : (tensor<2xf32>) -> ()
		}
	}`
	in := arrays(t, "[2.0, -3.0] : 2xf32", "[1, 2, 3] : 3xi32")
	out, err := run(t, text, in)
	require.NoError(t, err)
	require.Equal(t, "tensor<2xf32> 8 -27", show(out[0]))
	require.Equal(t, "tensor<3xi32> 1 7 3", show(out[1]))
	require.Equal(t, "tensor<3xi32> 1 2 3", show(in[1]), "arguments stay as they are")
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		name, rest string
		in, out    []string
		want       string
		is         error
	}{
		{"custom_call", `{ call_target_name = "x" }`, list("1 : i32"), list("1 : i32"), "line 3: stablehlo.custom_call: with 1 operands on i32", hlotest.ErrUnsupported},
		{"all_reduce", "", list("1 : i32"), list("1 : i32", "1 : i32"), "line 3: stablehlo.all_reduce: with 2 results", hlotest.ErrUnsupported},
		{"add", "", list("1.0 : f32", "1 : i32"), list("1.0 : f32"), "on i32 for f32", hlotest.ErrUnsupported},
		{"add", "", list("[1] : 1xi32", "1 : i32"), list("[1] : 1xi32"), "operand 1 is tensor<i32>, the result tensor<1xi32>", nil},
		{"compare", "{ comparison_direction = #stablehlo<comparison_direction LT>, compare_type = #stablehlo<comparison_type TOTALORDER> }",
			list("1.0 : f32", "1.0 : f32"), list("true : i1"), "TOTALORDER", hlotest.ErrUnsupported},
		{"convolution", "{ dimension_numbers = #stablehlo.conv<[b, f]x[i, o]->[b, f]>, batch_group_count = 2 : i64 }",
			list("[[1.0]] : 1x1xf32", "[[1.0]] : 1x1xf32"), list("[[1.0]] : 1x1xf32"), "groups of the batch", hlotest.ErrUnsupported},
		{"transpose", "{ permutation = array<i64: 1, 0> }", list("[[1, 2]] : 1x2xi32"), list("[[1, 2]] : 1x2xi32"), "result 0 is tensor<2x1xi32>, declared as tensor<1x2xi32>", nil},
		{"transpose", "", list("[[1, 2]] : 1x2xi32"), list("[[1, 2]] : 1x2xi32"), "line 3: stablehlo.transpose: attribute permutation is missing", nil},
		{"broadcast_in_dim", "{ broadcast_dimensions = array<i64: 0> }", list("[1, 2] : 2xi32"), list("[1, 2, 3] : 3xi32"), "do not fit: a dimension is neither", nil},
		{"dot_general", "{ dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [0], rhs_contracting_dimensions = [0]> }",
			list("[1, 2] : 2xi32", "[1, 2, 3] : 3xi32"), list("1 : i32"), "dimensions of tensor<2xi32> and tensor<3xi32> differ", nil},
		{"slice", "{ start_indices = array<i64: 0>, limit_indices = array<i64: 3> }", list("[1, 2] : 2xi32"), list("[1, 2, 3] : 3xi32"), "attribute strides is missing, want 1 integers", nil},
		{"slice", "{ start_indices = array<i64: 0>, limit_indices = array<i64: 3>, strides = array<i64: 1> }", list("[1, 2] : 2xi32"), list("[1, 2, 3] : 3xi32"), "outside of its operand", nil},
		{"slice", "{ start_indices = 7 : i64 }", list("[1, 2] : 2xi32"), list("[1, 2] : 2xi32"), "attribute start_indices is 7, want integers", nil},
		{"reduce", `({ ^f(%x: tensor<f32>, %y: tensor<f32>) : %z = "stablehlo.reshape"(%x) : (tensor<f32>) -> tensor<1xf32> "stablehlo.return"(%x) : (tensor<f32>) -> () }) { dimensions = array<i64: 0> }`,
			list("[1.0, 2.0] : 2xf32", "0.0 : f32"), list("1.0 : f32"), "stablehlo.reshape: in a region of scalars", hlotest.ErrUnsupported},
		{"func.call", "{ callee = @gone }", list("1 : i32"), list("1 : i32"), "there is no function @gone", nil},
	} {
		_, err := run(t, program(c.name, c.rest, c.in, c.out), arrays(t, c.in...))
		require.ErrorContains(t, err, "running @main: line 3: ", c.name)
		require.ErrorContains(t, err, c.want)
		if c.is != nil {
			require.ErrorIs(t, err, c.is)
		}
	}
	text := program("negate", "", list("[1, 2] : 2xi32"), list("[1, 2] : 2xi32"))
	_, err := run(t, text, nil)
	require.ErrorContains(t, err, "@main takes 1 arguments, given 0")
	_, err = run(t, text, arrays(t, "1 : i32"))
	require.ErrorContains(t, err, "argument 0 is tensor<2xi32>, given tensor<i32>")
	_, err = run(t, text, []hlotest.Array{{Type: mlir.Type{Elem: mlir.I32, Shape: []int{2}}, Data: make([]byte, 4)}})
	require.ErrorContains(t, err, "has 4 bytes, want 8")
	_, err = run(t, "module { }", nil)
	require.ErrorContains(t, err, "there is no function @main")

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	m, err := mlir.Parse([]byte(text))
	require.NoError(t, err)
	_, err = hlotest.Run(ctx, m, arrays(t, "[1, 2] : 2xi32"))
	require.ErrorIs(t, err, context.Canceled)
}

func shapedType(e mlir.Elem, shape ...int) mlir.Type { return mlir.Type{Elem: e, Shape: shape} }

func random(seed uint64, t mlir.Type) (hlotest.Array, []float64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	values := make([]float64, t.Elements())
	a := hlotest.Array{Type: t, Data: make([]byte, t.Bytes())}
	for i := range values {
		t.Elem.PutFloat(a.Data[i*t.Elem.Bytes():], rng.Float64()*2-1)
		values[i] = t.Elem.FloatAt(a.Data[i*t.Elem.Bytes():])
	}
	return a, values
}

// Products of any size are those of the textbook loop in float64, to the rounding of float32.
func TestProductsOfAnySize(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b, m, n, k := rapid.IntRange(1, 3).Draw(r, "b"), rapid.IntRange(1, 9).Draw(r, "m"), rapid.IntRange(1, 70).Draw(r, "n"), rapid.IntRange(0, 1100).Draw(r, "k")
		e := rapid.SampledFrom([]mlir.Elem{mlir.F32, mlir.BF16}).Draw(r, "type")
		lhs, l := random(1, shapedType(e, b, m, k))
		rhs, w := random(2, shapedType(e, k, b, n))
		text := "module { func.func @main(%a: L, %b: R) -> O { %0 = \"stablehlo.dot_general\"(%a, %b) { dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [0]," +
			" rhs_batching_dimensions = [1], lhs_contracting_dimensions = [2], rhs_contracting_dimensions = [0]> } : (L, R) -> O \"stablehlo.return\"(%0) : (O) -> () } }"
		out, err := run(t, substitute(text, "L", lhs.Type, "R", rhs.Type, "O", shapedType(mlir.F32, b, m, n)), []hlotest.Array{lhs, rhs})
		require.NoError(r, err)
		for i := range b * m * n {
			want := 0.0
			for j := range k {
				want += l[i/n*k+j] * w[(j*b+i/(m*n))*n+i%n]
			}
			require.InDelta(r, want, mlir.F32.FloatAt(out[0].Data[4*i:]), 1e-4)
		}
	})
}

// Convolutions are what the definition says, for any stride, padding, dilation and groups.
func TestConvolutionsOfAnyKind(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		draw := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(r, name) }
		size, window, stride, dilation, base := draw("size", 1, 9), draw("window", 1, 3), draw("stride", 1, 3), draw("dilation", 1, 2), draw("base", 1, 2)
		low, high, groups, in, out := draw("low", 0, 2), draw("high", 0, 2), draw("groups", 1, 3), draw("in", 1, 3), draw("out", 1, 3)
		padded := low + (size-1)*base + 1 + high
		if padded < (window-1)*dilation+1 {
			r.Skip("the window does not fit")
		}
		places := (padded-(window-1)*dilation-1)/stride + 1
		lhs, x := random(3, shapedType(mlir.F32, 2, size, groups*in))
		rhs, w := random(4, shapedType(mlir.F32, window, in, groups*out))
		o := shapedType(mlir.F32, 2, places, groups*out)
		text := "module { func.func @main(%a: L, %b: R) -> O { %0 = \"stablehlo.convolution\"(%a, %b) { dimension_numbers = #stablehlo.conv<[b, 0, f]x[0, i, o]->[b, 0, f]>," +
			" window_strides = array<i64: " + str(stride) + ">, padding = dense<[[" + str(low) + ", " + str(high) + "]]> : tensor<1x2xi64>, lhs_dilation = array<i64: " + str(base) +
			">, rhs_dilation = array<i64: " + str(dilation) + ">, feature_group_count = " + str(groups) + " : i64 } : (L, R) -> O \"stablehlo.return\"(%0) : (O) -> () } }"
		got, err := run(t, substitute(text, "L", lhs.Type, "R", rhs.Type, "O", o), []hlotest.Array{lhs, rhs})
		require.NoError(r, err)
		for i := range o.Elements() {
			image, place, feature := i/(places*groups*out), i/(groups*out)%places, i%(groups*out)
			want := 0.0
			for k := range window {
				at := place*stride + k*dilation - low
				if at < 0 || at%base != 0 || at/base >= size {
					continue
				}
				for c := range in {
					want += x[(image*size+at/base)*groups*in+feature/out*in+c] * w[(k*in+c)*groups*out+feature]
				}
			}
			require.InDelta(r, want, mlir.F32.FloatAt(got[0].Data[4*i:]), 1e-5)
		}
	})
}

// Arrays beyond one buffer and one CPU: the sum of many ones is their number, which bf16 could not count one by one.
func TestLongReductions(t *testing.T) {
	const n = 100_003
	a := hlotest.Array{Type: shapedType(mlir.F32, n), Data: make([]byte, 4*n)}
	for i := range n {
		mlir.F32.PutFloat(a.Data[4*i:], 0.1)
	}
	text := "module { func.func @main(%a: A) -> S { %init = \"stablehlo.constant\"() { value = dense<0.0> : S } : () -> S %0 = \"stablehlo.reduce\"(%a, %init) " +
		reducer("add", "f32") + " { dimensions = array<i64: 0> } : (A, S) -> S \"stablehlo.return\"(%0) : (S) -> () } }"
	out, err := run(t, substitute(text, "A", a.Type, "S", shapedType(mlir.F32)), []hlotest.Array{a})
	require.NoError(t, err)
	require.InEpsilon(t, 0.1*n, mlir.F32.FloatAt(out[0].Data), 1e-6)

	iota := "module { func.func @main() -> I { %i = \"stablehlo.iota\"() { iota_dimension = 0 : i64 } : () -> I %0 = \"stablehlo.multiply\"(%i, %i) : (I, I) -> I \"stablehlo.return\"(%0) : (I) -> () } }"
	out, err = run(t, substitute(iota, "I", shapedType(mlir.UI64, n)), nil)
	require.NoError(t, err)
	for _, i := range []int{0, 511, 512, 70_000, n - 1} {
		require.EqualValues(t, i*i, mlir.Dense{Type: shapedType(mlir.UI64), Data: out[0].Data[8*i : 8*i+8]}.Ints()[0])
	}
}

// Transposes of any shape and permutation move each element to its place.
func TestTransposesOfAnyShape(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rank := rapid.IntRange(1, 4).Draw(r, "rank")
		shape := rapid.SliceOfN(rapid.IntRange(1, 37), rank, rank).Draw(r, "shape")
		perm := rapid.Permutation(seq(rank)).Draw(r, "permutation")
		e := rapid.SampledFrom([]mlir.Elem{mlir.I8, mlir.I16, mlir.I32, mlir.I64}).Draw(r, "type")
		in := shapedType(e, shape...)
		out := mlir.Type{Elem: e}
		for _, p := range perm {
			out.Shape = append(out.Shape, shape[p])
		}
		a := hlotest.Array{Type: in, Data: make([]byte, in.Bytes())}
		rng := rand.New(rand.NewPCG(1, 2))
		for i := range a.Data {
			a.Data[i] = byte(rng.Uint32())
		}
		text := "module { func.func @main(%a: A) -> B { %0 = \"stablehlo.transpose\"(%a) { permutation = array<i64: " + join(perm) +
			"> } : (A) -> B \"stablehlo.return\"(%0) : (B) -> () } }"
		got, err := run(t, substitute(text, "A", in, "B", out), []hlotest.Array{a})
		require.NoError(r, err)
		size := e.Bytes()
		for i := range in.Elements() {
			index, rest := make([]int, rank), i
			for d := rank - 1; d >= 0; d-- {
				index[d], rest = rest%shape[d], rest/shape[d]
			}
			at := 0
			for d, p := range perm {
				at = at*out.Shape[d] + index[p]
			}
			require.Equal(r, a.Data[i*size:(i+1)*size], got[0].Data[at*size:(at+1)*size])
		}
	})
}
