package hlotest_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestProducts(t *testing.T) {
	const conv = `window_strides = array<i64: 4, 4>, padding = dense<0> : tensor<2x2xi64>, lhs_dilation = array<i64: 2, 2>, rhs_dilation = array<i64: 1, 1>,
		window_reversal = array<i1: false, false>, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>,
		batch_group_count = 1 : i64, feature_group_count = 1 : i64, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]`
	check(t, []example{
		{"dot_general", "{ dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [0], rhs_batching_dimensions = [0], lhs_contracting_dimensions = [2], rhs_contracting_dimensions = [1]> }",
			list("[[[1, 2], [3, 4]], [[5, 6], [7, 8]]] : 2x2x2xi64", "[[[1, 0], [0, 1]], [[1, 0], [0, 1]]] : 2x2x2xi64"),
			list("[[[1, 2], [3, 4]], [[5, 6], [7, 8]]] : 2x2x2xi64")},
		{"dot_general", "{ dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]> }",
			list("[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]] : 3x3xf32",
				"[[1.0, 2.0, 3.0, 4.0, 5.0], [0.0, 1.0, 0.0, -1.0, 2.0], [2.0, 0.0, 1.0, 0.0, -1.0]] : 3x5xf32"),
			list("[[7.0, 4.0, 6.0, 2.0, 6.0], [16.0, 13.0, 18.0, 11.0, 24.0], [25.0, 22.0, 30.0, 20.0, 42.0]] : 3x5xf32")},
		// Both dimensions contracted, in another order on each side.
		{"dot_general", "{ dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [0, 1], rhs_contracting_dimensions = [1, 0]> }",
			list("[[1.0, 2.0], [3.0, 4.0]] : 2x2xf32", "[[1.0, 10.0], [100.0, 1000.0]] : 2x2xf32"), list("4231.0 : f32")},
		// The batch is the last dimension; 8-bit operands, 32-bit sums beyond what float32 holds.
		{"dot_general", "{ dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [1], rhs_batching_dimensions = [1], lhs_contracting_dimensions = [0], rhs_contracting_dimensions = [0]> }",
			list("[[127, 1], [-128, 2]] : 2x2xi8", "[[127, 3], [-128, 4]] : 2x2xi8"), list("[32513, 11] : 2xi32")},
		{"dot_general", "{ dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [0], rhs_contracting_dimensions = [0]> }",
			list("[16777217, 1] : 2xi32", "[1, 1] : 2xi32"), list("16777218 : i32")},
		// Sums in float32, one rounding: in bf16 256 + 1 + 1 would stay 256.
		{"dot_general", "{ dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [0], rhs_contracting_dimensions = [0]> }",
			list("[256.0, 1.0, 1.0] : 3xbf16", "[1.0, 1.0, 1.0] : 3xbf16"), list("258.0 : bf16")},
		{"dot_general", "{ dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [0], rhs_contracting_dimensions = [0]> }",
			list("[16777216.0, 1.0] : 2xf32", "[1.0, 1.0] : 2xf32"), list("16777216.0 : f32")},
		{"dot_general", "{ dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [0], rhs_contracting_dimensions = [0]> }",
			list("[448.0, 0.5] : 2xf8E4M3FN", "[448.0, 2.0] : 2xf8E4M3FN"), list("200705.0 : f32")},
		{"convolution", "{" + conv + "}",
			list("[[[[1], [2], [5], [6]], [[3], [4], [7], [8]], [[10], [11], [14], [15]], [[12], [13], [16], [17]]]] : 1x4x4x1xi64", "1 : 3x3x1x1xi64"),
			list("[[[[10], [26]], [[46], [62]]]] : 1x2x2x1xi64")},
		// One dimension, padding, stride 2, dilated kernel: [0 1 2 3 4 0] by 1*x[i] + 10*x[i+2].
		{"convolution", `{ window_strides = array<i64: 2>, padding = dense<[[1, 1]]> : tensor<1x2xi64>, rhs_dilation = array<i64: 2>,
			dimension_numbers = #stablehlo.conv<[b, f, 0]x[o, i, 0]->[b, f, 0]> }`,
			list("[[[1.0, 2.0, 3.0, 4.0]]] : 1x1x4xf32", "[[[1.0, 10.0]]] : 1x1x2xf32"), list("[[[20.0, 42.0]]] : 1x1x2xf32")},
		// Reversed, it is 10*x[i] + 1*x[i+1].
		{"convolution", `{ window_reversal = array<i1: true>, dimension_numbers = #stablehlo.conv<[b, f, 0]x[o, i, 0]->[b, f, 0]> }`,
			list("[[[1.0, 2.0, 3.0]]] : 1x1x3xf32", "[[[1.0, 10.0]]] : 1x1x2xf32"), list("[[[12.0, 23.0]]] : 1x1x2xf32")},
		// Two groups of features, each with two features of its own, one of the result each; the result is laid out as f, b, 0.
		{"convolution", `{ feature_group_count = 2 : i64, dimension_numbers = #stablehlo.conv<[b, 0, f]x[0, i, o]->[f, b, 0]> }`,
			list("[[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]] : 1x2x4xf32", "[[[1.0, 100.0], [10.0, 1000.0]]] : 1x2x2xf32"),
			list("[[[21.0, 65.0]], [[4300.0, 8700.0]]] : 2x1x2xf32")},
		// Asymmetric padding, two features in, three out, 2 x 1 window.
		{"convolution", `{ padding = dense<[[0, 1], [0, 0]]> : tensor<2x2xi64>, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]> }`,
			list("[[[[1.0, 2.0]], [[3.0, 4.0]]]] : 1x2x1x2xf32", "[[[[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]], [[[10.0, 0.0, 10.0], [0.0, 10.0, 10.0]]]] : 2x1x2x3xf32"),
			list("[[[[31.0, 42.0, 73.0]], [[3.0, 4.0, 7.0]]]] : 1x2x1x3xf32")},
	})
}

func TestReductions(t *testing.T) {
	// The larger of two values with its index; of equal ones the first.
	const argmax = `({ ^f(%v: tensor<f32>, %i: tensor<i32>, %w: tensor<f32>, %j: tensor<i32>) :
		%ge = "stablehlo.compare"(%v, %w) { comparison_direction = #stablehlo<comparison_direction GE> } : (tensor<f32>, tensor<f32>) -> tensor<i1>
		%m = "stablehlo.select"(%ge, %v, %w) : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
		%k = "stablehlo.select"(%ge, %i, %j) : (tensor<i1>, tensor<i32>, tensor<i32>) -> tensor<i32>
		"stablehlo.return"(%m, %k) : (tensor<f32>, tensor<i32>) -> () }) { dimensions = array<i64: 1> }`
	// Not commutative: takes the second of the two.
	const last = `({ ^f(%x: tensor<i32>, %y: tensor<i32>) : "stablehlo.return"(%y) : (tensor<i32>) -> () })`
	check(t, []example{
		{"reduce", reducer("add", "i64") + "{ dimensions = array<i64: 1> }", list("[[0, 1, 2, 3, 4, 5]] : 1x6xi64", "0 : i64"), list("[15] : 1xi64")},
		{"reduce", reducer("add", "i64") + "{ dimensions = array<i64: 0, 2> }", list("[[[1, 2], [3, 4], [5, 6]], [[10, 20], [30, 40], [50, 60]]] : 2x3x2xi64", "1000 : i64"), list("[1033, 1077, 1121] : 3xi64")},
		{"reduce", reducer("maximum", "f32") + "{ dimensions = array<i64: 0> }", list("[[1.0, -2.0], [0x7fc00000, -3.0], [4.0, -5.0]] : 3x2xf32", "0xff800000 : f32"), list("[0x7fc00000, -2.0] : 2xf32")},
		{"reduce", reducer("minimum", "ui8") + "{ dimensions = array<i64: 0> }", list("[200, 100, 150] : 3xui8", "255 : ui8"), list("100 : ui8")},
		{"reduce", reducer("or", "i1") + "{ dimensions = array<i64: 0> }", list("[[false, true], [false, false]] : 2x2xi1", "false : i1"), list("[false, true] : 2xi1")},
		{"reduce", reducer("and", "i1") + "{ dimensions = array<i64: 0> }", list("[[true, true], [false, true]] : 2x2xi1", "true : i1"), list("[false, true] : 2xi1")},
		{"reduce", reducer("multiply", "i32") + "{ dimensions = array<i64: 0> }", list("[2, 3, 4] : 3xi32", "1 : i32"), list("24 : i32")},
		{"reduce", reducer("add", "f32") + "{ dimensions = array<i64: 0> }", list("[] : 0xf32", "3.0 : f32"), list("3.0 : f32")},
		{"reduce", last + "{ dimensions = array<i64: 1> }", list("[[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]] : 2x5xi32", "0 : i32"), list("[5, 10] : 2xi32")},
		{"reduce", argmax, list("[[1.0, 5.0, 2.0, 5.0, 0.0], [9.0, 1.0, 2.0, 3.0, 9.0]] : 2x5xf32", "[[0, 1, 2, 3, 4], [0, 1, 2, 3, 4]] : 2x5xi32", "0xff800000 : f32", "-1 : i32"),
			list("[5.0, 9.0] : 2xf32", "[1, 0] : 2xi32")},
		{"reduce_window", reducer("add", "i64") + `{ window_dimensions = array<i64: 2, 1>, window_strides = array<i64: 4, 1>, base_dilations = array<i64: 2, 1>,
			window_dilations = array<i64: 3, 1>, padding = dense<[[2, 1], [0, 0]]> : tensor<2x2xi64> }`,
			list("[[1, 2], [3, 4], [5, 6]] : 3x2xi64", "0 : i64"), list("[[0, 0], [3, 4]] : 2x2xi64")},
		{"reduce_window", reducer("maximum", "f32") + `{ window_dimensions = array<i64: 1, 3>, window_strides = array<i64: 1, 2>, padding = dense<[[0, 0], [1, 1]]> : tensor<2x2xi64> }`,
			list("[[1.0, 4.0, 2.0, 3.0], [-1.0, -4.0, -2.0, -3.0]] : 2x4xf32", "0xff800000 : f32"), list("[[4.0, 4.0], [-1.0, -2.0]] : 2x2xf32")},
		{"sort", `({ ^f(%a: tensor<i64>, %b: tensor<i64>, %c: tensor<i64>, %d: tensor<i64>) :
			%p = "stablehlo.compare"(%a, %b) { comparison_direction = #stablehlo<comparison_direction GT> } : (tensor<i64>, tensor<i64>) -> tensor<i1>
			"stablehlo.return"(%p) : (tensor<i1>) -> () }) { dimension = 0 : i64, is_stable = true }`,
			list("[[1, 2, 3], [3, 2, 1]] : 2x3xi64", "[[3, 2, 1], [1, 2, 3]] : 2x3xi64"), list("[[3, 2, 3], [1, 2, 1]] : 2x3xi64", "[[1, 2, 1], [3, 2, 3]] : 2x3xi64")},
		{"sort", `({ ^f(%a: tensor<f32>, %b: tensor<f32>) :
			%p = "stablehlo.compare"(%a, %b) { comparison_direction = #stablehlo<comparison_direction LT> } : (tensor<f32>, tensor<f32>) -> tensor<i1>
			"stablehlo.return"(%p) : (tensor<i1>) -> () })`, // without a dimension: the last
			list("[[3.0, 1.0, 2.0], [0.0, -1.0, 5.0]] : 2x3xf32"), list("[[1.0, 2.0, 3.0], [-1.0, 0.0, 5.0]] : 2x3xf32")},
	})
}

func TestControl(t *testing.T) {
	branches := "("
	for i := range 3 {
		branches += fmt.Sprintf(`{ %%c%d = "stablehlo.constant"() { value = dense<%d> : tensor<i32> } : () -> tensor<i32> "stablehlo.return"(%%c%d) : (tensor<i32>) -> () }, `, i, 10+i, i)
	}
	branches = strings.TrimSuffix(branches, ", ") + ")"
	check(t, []example{
		{"if", `({ %x = "stablehlo.constant"() { value = dense<1> : tensor<i32> } : () -> tensor<i32> "stablehlo.return"(%x) : (tensor<i32>) -> () },
			{ ^false_branch() : %y = "stablehlo.constant"() { value = dense<2> : tensor<i32> } : () -> tensor<i32> "stablehlo.return"(%y) : (tensor<i32>) -> () })`,
			list("true : i1"), list("1 : i32")},
		{"if", `({ %x = "stablehlo.constant"() { value = dense<1> : tensor<i32> } : () -> tensor<i32> "stablehlo.return"(%x) : (tensor<i32>) -> () },
			{ %y = "stablehlo.constant"() { value = dense<2> : tensor<i32> } : () -> tensor<i32> "stablehlo.return"(%y) : (tensor<i32>) -> () })`,
			list("false : i1"), list("2 : i32")},
		// While i < 10: i + 1, sum + the argument %a0 as it was before the loop.
		{"while", `({ ^cond(%i: tensor<i64>, %sum: tensor<i64>) :
			%ten = "stablehlo.constant"() { value = dense<10> : tensor<i64> } : () -> tensor<i64>
			%p = "stablehlo.compare"(%i, %ten) { comparison_direction = #stablehlo<comparison_direction LT> } : (tensor<i64>, tensor<i64>) -> tensor<i1>
			"stablehlo.return"(%p) : (tensor<i1>) -> () },
			{ ^body(%j: tensor<i64>, %s: tensor<i64>) :
			%one = "stablehlo.constant"() { value = dense<1> : tensor<i64> } : () -> tensor<i64>
			%n = "stablehlo.add"(%j, %one) : (tensor<i64>, tensor<i64>) -> tensor<i64>
			%t = "stablehlo.add"(%s, %a0) : (tensor<i64>, tensor<i64>) -> tensor<i64>
			"stablehlo.return"(%n, %t) : (tensor<i64>, tensor<i64>) -> () })`,
			list("3 : i64", "100 : i64"), list("10 : i64", "121 : i64")},
		{"case", branches, list("1 : i32"), list("11 : i32")},
		{"case", branches, list("-1 : i32"), list("12 : i32")},
		{"case", branches, list("3 : i32"), list("12 : i32")},
		{"optimization_barrier", "", list("1 : i32", "[2.0] : 1xf32"), list("1 : i32", "[2.0] : 1xf32")},
	})
}
