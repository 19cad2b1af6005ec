package hlotest_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

type example struct {
	name, rest string
	in, out    []string
}

func check(t *testing.T, examples []example) {
	t.Helper()
	for _, c := range examples {
		text := program(c.name, c.rest, c.in, c.out)
		got, err := run(t, text, arrays(t, c.in...))
		require.NoError(t, err, text)
		for i, want := range arrays(t, c.out...) {
			require.Equal(t, show(want), show(got[i]), text)
		}
	}
}

func list(s ...string) []string { return s }

// The examples of the specification, where it has one that these types can say; the others are computed by hand.
func TestElementwise(t *testing.T) {
	const a, b = "[[1, 2], [3, 4]] : 2x2xi32", "[[5, 6], [7, 8]] : 2x2xi32"
	check(t, []example{
		{"abs", "", list("[-2, 0, 2] : 3xi32"), list("[2, 0, 2] : 3xi32")},
		{"abs", "", list("[-2.5, -0.0] : 2xf16"), list("[2.5, 0.0] : 2xf16")},
		{"add", "", list(a, b), list("[[6, 8], [10, 12]] : 2x2xi32")},
		{"add", "", list("[127, -128] : 2xi8", "[1, -1] : 2xi8"), list("[-128, 127] : 2xi8")},
		{"add", "", list("[255, 3] : 2xui8", "[1, 4] : 2xui8"), list("[0, 7] : 2xui8")},
		{"add", "", list("[true, true, false] : 3xi1", "[true, false, false] : 3xi1"), list("[true, true, false] : 3xi1")},
		// 256 + 1 is midway between bf16's 256 and 258; 258 + 1 between 258 and 260: ties to even.
		{"add", "", list("[256.0, 258.0] : 2xbf16", "[1.0, 1.0] : 2xbf16"), list("[256.0, 260.0] : 2xbf16")},
		{"add", "", list("[2048.0, 65504.0] : 2xf16", "[1.0, 65504.0] : 2xf16"), list("[2048.0, 0x7c00] : 2xf16")},
		{"add", "", list("[16.0, 448.0] : 2xf8E4M3FN", "[1.0, 448.0] : 2xf8E4M3FN"), list("[16.0, 0x7f] : 2xf8E4M3FN")},
		// 2^24 + 1 is no float32.
		{"add", "", list("[16777216.0] : 1xf32", "[1.0] : 1xf32"), list("[16777216.0] : 1xf32")},
		{"and", "", list(a, b), list("[[1, 2], [3, 0]] : 2x2xi32")},
		{"atan2", "", list("[0.0, 1.0, -1.0] : 3xf32", "[0.0, 0.0, 0.0] : 3xf32"), list("[0.0, 1.57079637, -1.57079637] : 3xf32")},
		{"cbrt", "", list("[0.0, 1.0, 8.0, 27.0] : 4xf64"), list("[0.0, 1.0, 2.0, 3.0] : 4xf64")},
		{"ceil", "", list("[-0.8166, -0.2530, 0.2530, 0.8166, 2.0] : 5xf32"), list("[-0.0, -0.0, 1.0, 1.0, 2.0] : 5xf32")},
		{"clamp", "", list("[5, 10, 15] : 3xi32", "[3, 13, 23] : 3xi32", "[10, 15, 20] : 3xi32"), list("[5, 13, 20] : 3xi32")},
		{"clamp", "", list("-1.0 : f32", "[-2.0, 0.5, 3.0] : 3xf32", "1.0 : f32"), list("[-1.0, 0.5, 1.0] : 3xf32")},
		{"cosine", "", list("[[0.0], [1.0]] : 2x1xf32"), list("[[1.0], [0.540302306]] : 2x1xf32")},
		{"count_leading_zeros", "", list("[[0, 1], [128, -1]] : 2x2xi64"), list("[[64, 63], [56, 0]] : 2x2xi64")},
		{"count_leading_zeros", "", list("[1, -1] : 2xi8"), list("[7, 0] : 2xi8")},
		{"divide", "", list("[17.1, -17.1, 17.1, -17.1] : 4xf32", "[3.0, 3.0, -3.0, -3.0] : 4xf32"), list("[5.70000029, -5.70000029, -5.70000029, 5.70000029] : 4xf32")},
		{"divide", "", list("[17, -17, 17, -17, 1, -2147483648] : 6xi32", "[3, 3, -3, -3, 0, -1] : 6xi32"), list("[5, -5, -5, 5, -1, -2147483648] : 6xi32")},
		{"divide", "", list("[18446744073709551615] : 1xui64", "[2] : 1xui64"), list("[9223372036854775807] : 1xui64")},
		{"exponential", "", list("[[0.0, 1.0], [2.0, 3.0]] : 2x2xf32"), list("[[1.0, 2.71828175], [7.3890562, 20.0855369]] : 2x2xf32")},
		{"exponential_minus_one", "", list("[0.0, 1.0] : 2xf32"), list("[0.0, 1.71828187] : 2xf32")},
		{"floor", "", list("[-0.8166, -0.2530, 0.2530, 0.8166, 2.0] : 5xf32"), list("[-1.0, -1.0, 0.0, 0.0, 2.0] : 5xf32")},
		{"is_finite", "", list("[0xff800000, -1.0, 0x7fc00000, 0.0] : 4xf32"), list("[false, true, false, true] : 4xi1")},
		{"log", "", list("[[1.0, 2.0], [3.0, 4.0]] : 2x2xf32"), list("[[0.0, 0.693147182], [1.09861231, 1.38629436]] : 2x2xf32")},
		{"log_plus_one", "", list("[0.0, -0.999, 7.0, 6.38905621, 15.0] : 5xf32"), list("[0.0, -6.90776825, 2.07944155, 2.0, 2.77258873] : 5xf32")},
		{"logistic", "", list("[[0.0, 1.0], [2.0, 3.0]] : 2x2xf32"), list("[[0.5, 0.731058598], [0.880797088, 0.952574134]] : 2x2xf32")},
		{"chlo.erf", "", list("[0.0, 1.0, -1.0] : 3xf32"), list("[0.0, 0.842700779, -0.842700779] : 3xf32")},
		{"maximum", "", list("[[1, 2], [7, 8]] : 2x2xi32", "[[5, 6], [3, 4]] : 2x2xi32"), list("[[5, 6], [7, 8]] : 2x2xi32")},
		{"maximum", "", list("[1.0, 0x7fc00000] : 2xf32", "[2.0, 1.0] : 2xf32"), list("[2.0, 0x7fc00000] : 2xf32")},
		{"maximum", "", list("[200, 1] : 2xui8", "[100, 2] : 2xui8"), list("[200, 2] : 2xui8")},
		{"maximum", "", list("[18446744073709551615] : 1xui64", "[1] : 1xui64"), list("[18446744073709551615] : 1xui64")},
		{"minimum", "", list("[[1, 2], [7, 8]] : 2x2xi32", "[[5, 6], [3, 4]] : 2x2xi32"), list("[[1, 2], [3, 4]] : 2x2xi32")},
		{"multiply", "", list(a, b), list("[[5, 12], [21, 32]] : 2x2xi32")},
		{"multiply", "", list("[true, true] : 2xi1", "[true, false] : 2xi1"), list("[true, false] : 2xi1")},
		{"multiply", "", list("[11400714819323198485] : 1xui64", "[3] : 1xui64"), list("[15755400384260043839] : 1xui64")},
		{"negate", "", list("[0, -2] : 2xi32"), list("[0, 2] : 2xi32")},
		{"not", "", list(a), list("[[-2, -3], [-4, -5]] : 2x2xi32")},
		{"not", "", list("[true, false] : 2xi1"), list("[false, true] : 2xi1")},
		{"not", "", list("[1] : 1xui16"), list("[65534] : 1xui16")},
		{"or", "", list(a, b), list("[[5, 6], [7, 12]] : 2x2xi32")},
		{"popcnt", "", list("[0, 1, 2, 127] : 4xi64"), list("[0, 1, 1, 7] : 4xi64")},
		{"popcnt", "", list("[-1] : 1xi8"), list("[8] : 1xi8")},
		{"power", "", list("[-2.0, -0.0, -36.0, 5.0, 3.0, 10000.0] : 6xf32", "[2.0, 2.0, 1.1, 2.0, -1.0, 10.0] : 6xf32"),
			list("[4.0, 0.0, 0xffc00000, 25.0, 0.333333343, 0x7f800000] : 6xf32")},
		{"power", "", list("[-2, 0, 3, -1, 2, 1, -1] : 7xi64", "[3, 0, 4, -3, -1, -5, -2] : 7xi64"), list("[-8, 1, 81, -1, 0, 1, 1] : 7xi64")},
		{"remainder", "", list("[17, -17, 17, -17] : 4xi64", "[3, 3, -3, -3] : 4xi64"), list("[2, -2, 2, -2] : 4xi64")},
		{"remainder", "", list("[7, 5] : 2xui32", "[4, 0] : 2xui32"), list("[3, 5] : 2xui32")},
		{"remainder", "", list("[5.5, -5.5] : 2xf32", "[2.0, 2.0] : 2xf32"), list("[1.5, -1.5] : 2xf32")},
		{"round_nearest_afz", "", list("[-2.5, 0.4, 0.5, 0.6, 2.5] : 5xf32"), list("[-3.0, 0.0, 1.0, 1.0, 3.0] : 5xf32")},
		{"round_nearest_even", "", list("[-2.5, 0.4, 0.5, 0.6, 2.5] : 5xf32"), list("[-2.0, 0.0, 0.0, 1.0, 2.0] : 5xf32")},
		{"rsqrt", "", list("[[1.0, 4.0], [9.0, 25.0]] : 2x2xf32"), list("[[1.0, 0.5], [0.333333343, 0.2]] : 2x2xf32")},
		{"select", "", list("[[false, true], [true, false]] : 2x2xi1", a, b), list("[[5, 2], [3, 8]] : 2x2xi32")},
		{"select", "", list("true : i1", "[1.5, 2.5] : 2xbf16", "[3.0, 4.0] : 2xbf16"), list("[1.5, 2.5] : 2xbf16")},
		{"shift_left", "", list("[-1, 0, 1] : 3xi64", "[1, 2, 3] : 3xi64"), list("[-2, 0, 8] : 3xi64")},
		{"shift_left", "", list("[1, 1] : 2xi8", "[7, 8] : 2xi8"), list("[-128, 0] : 2xi8")},
		{"shift_right_arithmetic", "", list("[-1, 0, 8, -128] : 4xi64", "[1, 2, 3, 64] : 4xi64"), list("[-1, 0, 1, -1] : 4xi64")},
		{"shift_right_logical", "", list("[-1, 0, 8, 1] : 4xi64", "[1, 2, 3, 64] : 4xi64"), list("[9223372036854775807, 0, 1, 0] : 4xi64")},
		{"shift_right_logical", "", list("[-1] : 1xi8", "[4] : 1xi8"), list("[15] : 1xi8")},
		{"shift_right_logical", "", list("[18446744073709551615] : 1xui64", "[33] : 1xui64"), list("[2147483647] : 1xui64")},
		{"sign", "", list("[0x7fc00000, -1.5, -0.0, 0.0, 0.5] : 5xf32"), list("[0x7fc00000, -1.0, -0.0, 0.0, 1.0] : 5xf32")},
		{"sign", "", list("[-5, 0, 5] : 3xi32"), list("[-1, 0, 1] : 3xi32")},
		{"sine", "", list("[[0.0], [1.0]] : 2x1xf32"), list("[[0.0], [0.841470957]] : 2x1xf32")},
		{"sqrt", "", list("[[0.0, 1.0], [4.0, 9.0]] : 2x2xf32"), list("[[0.0, 1.0], [2.0, 3.0]] : 2x2xf32")},
		{"subtract", "", list("[[6, 8], [10, 12]] : 2x2xi32", b), list("[[1, 2], [3, 4]] : 2x2xi32")},
		{"tan", "", list("[0.0, 1.0] : 2xf32"), list("[0.0, 1.55740774] : 2xf32")},
		{"tanh", "", list("[-1.0, 0.0, 1.0] : 3xf32"), list("[-0.761594176, 0.0, 0.761594176] : 3xf32")},
		{"xor", "", list(a, b), list("[[4, 4], [4, 12]] : 2x2xi32")},
		{"xor", "", list("[true, true] : 2xi1", "[true, false] : 2xi1"), list("[false, true] : 2xi1")},
	})
}

func TestCompare(t *testing.T) {
	attrs := func(direction string) string {
		return "{ comparison_direction = #stablehlo<comparison_direction " + direction + "> }"
	}
	x, y := "[1.0, 3.0, 2.0, 0x7fc00000, -0.0] : 5xf32", "[1.1, 2.9, 2.0, 1.0, 0.0] : 5xf32"
	check(t, []example{
		{"compare", attrs("LT"), list(x, y), list("[true, false, false, false, false] : 5xi1")},
		{"compare", attrs("LE"), list(x, y), list("[true, false, true, false, true] : 5xi1")},
		{"compare", attrs("GT"), list(x, y), list("[false, true, false, false, false] : 5xi1")},
		{"compare", attrs("GE"), list(x, y), list("[false, true, true, false, true] : 5xi1")},
		{"compare", attrs("EQ"), list(x, y), list("[false, false, true, false, true] : 5xi1")},
		{"compare", attrs("NE"), list(x, y), list("[true, true, false, true, false] : 5xi1")},
		{"compare", attrs("LT"), list("[-1, 5] : 2xi8", "[1, 5] : 2xi8"), list("[true, false] : 2xi1")},
		{"compare", attrs("LT"), list("[255] : 1xui8", "[1] : 1xui8"), list("[false] : 1xi1")},
		{"compare", attrs("GT"), list("[18446744073709551615] : 1xui64", "[1] : 1xui64"), list("[true] : 1xi1")},
		{"compare", attrs("EQ"), list("[true, false] : 2xi1", "[true, true] : 2xi1"), list("[true, false] : 2xi1")},
	})
}

func TestConvert(t *testing.T) {
	check(t, []example{
		{"convert", "", list("[1.00390625, 1.01171875, -1.0039064] : 3xf32"), list("[1.0, 1.015625, -1.0078125] : 3xbf16")}, // ties, and just above one
		{"convert", "", list("[65519.0, 65520.0, 1.0e-8] : 3xf32"), list("[65504.0, 0x7c00, 0.0] : 3xf16")},
		{"convert", "", list("[464.0, 465.0, 0x7f800000, -0.001] : 4xf32"), list("[448.0, 0x7f, 0x7f, -0.001953125] : 4xf8E4M3FN")},
		{"convert", "", list("[1.5, -448.0] : 2xf8E4M3FN"), list("[1.5, -448.0] : 2xf32")},
		{"convert", "", list("[1.9, -1.9, 200.0, 127.9, -128.9, -200.0, 0x7fc00000] : 7xf32"), list("[1, -1, 127, 127, -128, -128, 0] : 7xi8")},
		{"convert", "", list("[-1.0, 255.9, 256.0] : 3xf32"), list("[0, 255, 255] : 3xui8")},
		{"convert", "", list("[1.0e30, -1.0e30] : 2xf32"), list("[9223372036854775807, -9223372036854775808] : 2xi64")},
		{"convert", "", list("[1.0e30, 1.0e19] : 2xf64"), list("[18446744073709551615, 10000000000000000000] : 2xui64")},
		{"convert", "", list("[0.0, 0.5, 0x7fc00000] : 3xf32"), list("[false, true, true] : 3xi1")},
		{"convert", "", list("[true, false] : 2xi1"), list("[1.0, 0.0] : 2xf32")},
		{"convert", "", list("[true, false] : 2xi1"), list("[1, 0] : 2xi32")},
		{"convert", "", list("[256, 0] : 2xi32"), list("[true, false] : 2xi1")},
		{"convert", "", list("[-1, 300] : 2xi32"), list("[255, 44] : 2xui8")},
		{"convert", "", list("[-1] : 1xi8"), list("[18446744073709551615] : 1xui64")},
		{"convert", "", list("[255] : 1xui8"), list("[255] : 1xi32")},
		{"convert", "", list("[18446744073709551615] : 1xui64"), list("[18446744073709551615.0] : 1xf32")},
		// One rounding: by way of float64 the first would fall on a tie and become 2^61.
		{"convert", "", list("[2305843146652647425] : 1xi64"), list("[2305843284091600896.0] : 1xf32")},
		{"convert", "", list("[2305843146652647425] : 1xui64"), list("[2305843284091600896.0] : 1xf32")},
		{"bitcast_convert", "", list("0x0123456789ABCDEF : f64"), list("[0xCDEF, 0x89AB, 0x4567, 0x0123] : 4xf16")},
		{"bitcast_convert", "", list("[1.0] : 1xf32"), list("[1065353216] : 1xui32")},
	})
}

func TestMoving(t *testing.T) {
	const six = "[[1, 2], [3, 4], [5, 6]] : 3x2xi32"
	check(t, []example{
		{"broadcast_in_dim", "{ broadcast_dimensions = array<i64: 2, 1> }", list("[[1, 2, 3]] : 1x3xi32"),
			list("[[[1, 1], [2, 2], [3, 3]], [[1, 1], [2, 2], [3, 3]]] : 2x3x2xi32")},
		{"broadcast_in_dim", "{ broadcast_dimensions = array<i64> }", list("1.5 : f16"), list("[1.5, 1.5] : 2xf16")},
		{"concatenate", "{ dimension = 0 : i64 }", list(six, "[[7, 8]] : 1x2xi32"), list("[[1, 2], [3, 4], [5, 6], [7, 8]] : 4x2xi32")},
		{"concatenate", "{ dimension = 1 : i64 }", list("[[1], [2]] : 2x1xi8", "[[3, 4], [5, 6]] : 2x2xi8"), list("[[1, 3, 4], [2, 5, 6]] : 2x3xi8")},
		{"dynamic_slice", "{ slice_sizes = array<i64: 2, 2> }", list("[[0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0]] : 4x4xi32", "-1 : i64", "3 : i64"),
			list("[[1, 1], [1, 1]] : 2x2xi32")},
		{"dynamic_slice", "{ slice_sizes = array<i64: 1> }", list("[1, 2, 3] : 3xi32", "18446744073709551615 : ui64"), list("[3] : 1xi32")},
		{"dynamic_update_slice", "", list("[[1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1], [1, 1, 1, 1]] : 4x4xi32", "[[1, 1], [1, 1]] : 2x2xi32", "-1 : i64", "3 : i64"),
			list("1 : 4x4xi32")},
		{"dynamic_update_slice", "", list("[1, 2, 3, 4] : 4xi8", "[7, 8] : 2xi8", "1 : i32"), list("[1, 7, 8, 4] : 4xi8")},
		{"iota", "{ iota_dimension = 0 : i64 }", nil, list("[[0, 0, 0, 0, 0], [1, 1, 1, 1, 1], [2, 2, 2, 2, 2], [3, 3, 3, 3, 3]] : 4x5xi32")},
		{"iota", "{ iota_dimension = 1 : i64 }", nil, list("[[0.0, 1.0, 2.0], [0.0, 1.0, 2.0]] : 2x3xbf16")},
		{"pad", "{ edge_padding_low = array<i64: 0, 1>, edge_padding_high = array<i64: 2, 1>, interior_padding = array<i64: 1, 2> }",
			list("[[1, 2, 3], [4, 5, 6]] : 2x3xi32", "0 : i32"),
			list("[[0, 1, 0, 0, 2, 0, 0, 3, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 4, 0, 0, 5, 0, 0, 6, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0]] : 5x9xi32")},
		{"pad", "{ edge_padding_low = array<i64: -1>, edge_padding_high = array<i64: -2>, interior_padding = array<i64: 1> }",
			list("[1, 2, 3, 4] : 4xi32", "9 : i32"), list("[9, 2, 9, 3] : 4xi32")},
		{"reshape", "", list("[[1, 2, 3], [4, 5, 6]] : 2x3xi32"), list(six)},
		{"reverse", "{ dimensions = array<i64: 1> }", list(six), list("[[2, 1], [4, 3], [6, 5]] : 3x2xi32")},
		{"reverse", "{ dimensions = array<i64: 0, 1> }", list(six), list("[[6, 5], [4, 3], [2, 1]] : 3x2xi32")},
		{"slice", "{ start_indices = array<i64: 1, 2>, limit_indices = array<i64: 3, 4>, strides = array<i64: 1, 1> }",
			list("[[0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]] : 3x4xi32"), list("[[1, 1], [1, 1]] : 2x2xi32")},
		{"slice", "{ start_indices = array<i64: 1>, limit_indices = array<i64: 6>, strides = array<i64: 2> }",
			list("[0, 1, 2, 3, 4, 5] : 6xi8"), list("[1, 3, 5] : 3xi8")},
		{"transpose", "{ permutation = array<i64: 2, 1, 0> }", list("[[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 10], [11, 12]]] : 2x3x2xi32"),
			list("[[[1, 7], [3, 9], [5, 11]], [[2, 8], [4, 10], [6, 12]]] : 2x3x2xi32")},
		{"transpose", "{ permutation = array<i64: 1, 2, 0> }", list("[[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 10], [11, 12]]] : 2x3x2xi64"),
			list("[[[1, 7], [2, 8]], [[3, 9], [4, 10]], [[5, 11], [6, 12]]] : 3x2x2xi64")},
	})
}

const fortyEight = "[[[[1, 2], [3, 4], [5, 6], [7, 8]], [[9, 10], [11, 12], [13, 14], [15, 16]], [[17, 18], [19, 20], [21, 22], [23, 24]]]," +
	" [[[25, 26], [27, 28], [29, 30], [31, 32]], [[33, 34], [35, 36], [37, 38], [39, 40]], [[41, 42], [43, 44], [45, 46], [47, 48]]]] : 2x3x4x2xi32"

func TestGather(t *testing.T) {
	check(t, []example{
		{"gather", `{ dimension_numbers = #stablehlo.gather<offset_dims = [3, 4], collapsed_slice_dims = [1], operand_batching_dims = [0],
			start_indices_batching_dims = [1], start_index_map = [2, 1], index_vector_dim = 3>, indices_are_sorted = false, slice_sizes = array<i64: 1, 1, 2, 2> }`,
			list(fortyEight, "[[[[0, 0], [1, 0], [2, 1]], [[0, 1], [1, 1], [0, 9]]], [[[0, 0], [2, 1], [2, 2]], [[1, 2], [0, 1], [1, 0]]]] : 2x2x3x2xi32"),
			list("[[[[[1, 2], [3, 4]], [[3, 4], [5, 6]], [[13, 14], [15, 16]]], [[[33, 34], [35, 36]], [[35, 36], [37, 38]], [[41, 42], [43, 44]]]]," +
				" [[[[1, 2], [3, 4]], [[13, 14], [15, 16]], [[21, 22], [23, 24]]], [[[43, 44], [45, 46]], [[33, 34], [35, 36]], [[27, 28], [29, 30]]]]] : 2x2x3x2x2xi32")},
		// Rows of a table: the index vector is a scalar.
		{"gather", `{ dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1, 2> }`,
			list("[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]] : 3x2xbf16", "[2, 0, 2, -1] : 4xi32"), list("[[5.0, 6.0], [1.0, 2.0], [5.0, 6.0], [1.0, 2.0]] : 4x2xbf16")},
		{"gather", `{ dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1, 2> }`,
			list("[[1.0, 2.0]] : 1x2xf32", "[] : 0xi32"), list("[] : 0x2xf32")},
	})
}

func TestScatter(t *testing.T) {
	const numbers = `{ scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [3, 4], inserted_window_dims = [1], input_batching_dims = [0],
		scatter_indices_batching_dims = [1], scatter_dims_to_operand_dims = [2, 1], index_vector_dim = 3>, indices_are_sorted = false, unique_indices = false }`
	const updates = "1 : 2x2x3x2x2xi32"
	check(t, []example{
		// The example of the specification, but for its index out of bounds (0, 9), here (0, 2).
		{"scatter", reducer("add", "i32") + numbers,
			list(fortyEight, "[[[[0, 0], [1, 0], [2, 1]], [[0, 1], [1, 1], [0, 2]]], [[[0, 0], [2, 1], [2, 2]], [[1, 2], [0, 1], [1, 0]]]] : 2x2x3x2xi64", updates),
			list("[[[[3, 4], [6, 7], [6, 7], [7, 8]], [[9, 10], [11, 12], [15, 16], [17, 18]], [[17, 18], [19, 20], [22, 23], [24, 25]]]," +
				" [[[25, 26], [28, 29], [30, 31], [31, 32]], [[35, 36], [38, 39], [38, 39], [39, 40]], [[42, 43], [45, 46], [46, 47], [47, 48]]]] : 2x3x4x2xi32")},
		// Assignment: the last update of a place stays.
		{"scatter", `({ ^f(%x: tensor<f32>, %y: tensor<f32>) : "stablehlo.return"(%y) : (tensor<f32>) -> () })
			{ scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1> }`,
			list("[1.0, 2.0, 3.0] : 3xf32", "[2, 0, 2] : 3xi32", "[7.0, 8.0, 9.0] : 3xf32"), list("[8.0, 2.0, 9.0] : 3xf32")},
	})
	check(t, []example{{"scatter", reducer("add", "f32") + "{ scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1> }",
		list("[1.0, 2.0] : 2xf32", "[] : 0xi32", "[] : 0xf32"), list("[1.0, 2.0] : 2xf32")}})
	_, err := run(t, program("scatter", reducer("add", "i32")+numbers, list(fortyEight, "9 : 2x2x3x2xi64", updates), list(fortyEight)),
		arrays(t, fortyEight, "9 : 2x2x3x2xi64", updates))
	require.ErrorContains(t, err, "line 3: stablehlo.scatter: an update at [0 9 9 0], outside of tensor<2x3x4x2xi32>")
}
