package hlo_test

import "strings"

const customCall = `module { func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
	%0, %1 = "stablehlo.custom_call"(%x) { call_target_name = "target", backend_config = "config", api_version = 2 : i32, has_side_effect = true }
		: (tensor<2xf32>) -> (tensor<2xf32>, tensor<0xui8>)
	"stablehlo.return"(%0) : (tensor<2xf32>) -> () } }`

// constants have every type and an element other than zero, and splats.
const constants = `module {
	func.func @main() -> (tensor<2xi1>, tensor<2xi8>, tensor<2xi16>, tensor<2xi32>, tensor<2xi64>, tensor<2xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>,
			tensor<2xf16>, tensor<2xbf16>, tensor<2xf32>, tensor<2xf64>, tensor<2xf8E4M3FN>, tensor<3x2xf32>, tensor<0xi32>) {
		%0 = "stablehlo.constant"() { value = dense<[true, false]> : tensor<2xi1> } : () -> tensor<2xi1>
		%1 = "stablehlo.constant"() { value = dense<[-1, 2]> : tensor<2xi8> } : () -> tensor<2xi8>
		%2 = "stablehlo.constant"() { value = dense<[-300, 2]> : tensor<2xi16> } : () -> tensor<2xi16>
		%3 = "stablehlo.constant"() { value = dense<[-70000, 2]> : tensor<2xi32> } : () -> tensor<2xi32>
		%4 = "stablehlo.constant"() { value = dense<[-9007199254740993, 2]> : tensor<2xi64> } : () -> tensor<2xi64>
		%5 = "stablehlo.constant"() { value = dense<[255, 2]> : tensor<2xui8> } : () -> tensor<2xui8>
		%6 = "stablehlo.constant"() { value = dense<[65535, 2]> : tensor<2xui16> } : () -> tensor<2xui16>
		%7 = "stablehlo.constant"() { value = dense<[4294967295, 2]> : tensor<2xui32> } : () -> tensor<2xui32>
		%8 = "stablehlo.constant"() { value = dense<[18446744073709551615, 2]> : tensor<2xui64> } : () -> tensor<2xui64>
		%9 = "stablehlo.constant"() { value = dense<[1.5, 0x7c00]> : tensor<2xf16> } : () -> tensor<2xf16>
		%10 = "stablehlo.constant"() { value = dense<[-1.5, 0xff80]> : tensor<2xbf16> } : () -> tensor<2xbf16>
		%11 = "stablehlo.constant"() { value = dense<[0.1, 0xff800000]> : tensor<2xf32> } : () -> tensor<2xf32>
		%12 = "stablehlo.constant"() { value = dense<[0.1, -3.0]> : tensor<2xf64> } : () -> tensor<2xf64>
		%13 = "stablehlo.constant"() { value = dense<[448.0, -0.5]> : tensor<2xf8E4M3FN> } : () -> tensor<2xf8E4M3FN>
		%14 = "stablehlo.constant"() { value = dense<7.0> : tensor<3x2xf32> } : () -> tensor<3x2xf32>
		%15 = "stablehlo.constant"() { value = dense<[]> : tensor<0xi32> } : () -> tensor<0xi32>
		"stablehlo.return"(%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15) : (tensor<2xi1>, tensor<2xi8>, tensor<2xi16>, tensor<2xi32>,
			tensor<2xi64>, tensor<2xui8>, tensor<2xui16>, tensor<2xui32>, tensor<2xui64>, tensor<2xf16>, tensor<2xbf16>, tensor<2xf32>, tensor<2xf64>,
			tensor<2xf8E4M3FN>, tensor<3x2xf32>, tensor<0xi32>) -> ()
	} }`

const states = `module @Decode {
	func.func @main(%x: tensor<1x2xf32>, %cache: tensor<4x2xbf16> { tf.aliasing_output = 1 : i32 }, %old: tensor<1x2xf32> { tf.aliasing_output = 0 : i32 },
			%at: tensor<i32>) -> (tensor<1x2xf32>, tensor<4x2xbf16>) {
		%zero = "stablehlo.constant"() { value = dense<0> : tensor<i32> } : () -> tensor<i32>
		%0 = "stablehlo.convert"(%x) : (tensor<1x2xf32>) -> tensor<1x2xbf16>
		%1 = "stablehlo.dynamic_update_slice"(%cache, %0, %at, %zero) : (tensor<4x2xbf16>, tensor<1x2xbf16>, tensor<i32>, tensor<i32>) -> tensor<4x2xbf16>
		%2, %3 = "func.call"(%x, %old) { callee = @both } : (tensor<1x2xf32>, tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>)
		%4, %5 = "func.call"(%2, %3) { callee = @both } : (tensor<1x2xf32>, tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>)
		%6 = "func.call"(%4, %5) { callee = @one } : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
		"stablehlo.return"(%6, %1) : (tensor<1x2xf32>, tensor<4x2xbf16>) -> ()
	}
	func.func @one(%a: tensor<1x2xf32>, %b: tensor<1x2xf32>) -> tensor<1x2xf32> {
		%0, %1 = "func.call"(%b, %a) { callee = @both } : (tensor<1x2xf32>, tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>)
		"stablehlo.return"(%1) : (tensor<1x2xf32>) -> ()
	}
	func.func @both(%a: tensor<1x2xf32>, %b: tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
		%0 = "stablehlo.add"(%a, %b) : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
		%1 = "stablehlo.subtract"(%a, %b) : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
		"stablehlo.return"(%0, %1) : (tensor<1x2xf32>, tensor<1x2xf32>) -> ()
	} }`

const products = `module {
	func.func @main(%a: tensor<3x2x4xbf16>, %b: tensor<4x5x2xbf16>, %image: tensor<1x7x6x4xf32>, %kernel: tensor<3x2x2x6xf32>) -> (tensor<2x3x5xf32>, tensor<1x5x6x3xf32>) {
		%0 = "stablehlo.dot_general"(%a, %b) { dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [1], rhs_batching_dimensions = [2],
			lhs_contracting_dimensions = [2], rhs_contracting_dimensions = [0]>, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision DEFAULT>] }
			: (tensor<3x2x4xbf16>, tensor<4x5x2xbf16>) -> tensor<2x3x5xf32>
		%1 = "stablehlo.convolution"(%image, %kernel) { window_strides = array<i64: 2, 1>, padding = dense<[[1, 2], [0, -1]]> : tensor<2x2xi64>,
			lhs_dilation = array<i64: 2, 1>, rhs_dilation = array<i64: 3, 2>, window_reversal = array<i1: true, false>,
			dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, f, 1]>, feature_group_count = 2 : i64, batch_group_count = 1 : i64,
			precision_config = [#stablehlo<precision HIGH>, #stablehlo<precision HIGHEST>] } : (tensor<1x7x6x4xf32>, tensor<3x2x2x6xf32>) -> tensor<1x5x6x3xf32>
		"stablehlo.return"(%0, %1) : (tensor<2x3x5xf32>, tensor<1x5x6x3xf32>) -> ()
	} }`

const moving = `module {
	func.func @main(%x: tensor<1x2x3xf32>, %s: tensor<f32>, %p: tensor<i1>, %i: tensor<i32>) -> (tensor<4x3x2xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xi1>,
			tensor<4x5xf32>, tensor<2x2xf32>, tensor<4x3xf32>, tensor<1x3xf32>, tensor<2x3xi32>, tensor<2x3xui32>, tensor<3x2xui64>) {
		%0 = "stablehlo.broadcast_in_dim"(%x) { broadcast_dimensions = array<i64: 0, 2, 1> } : (tensor<1x2x3xf32>) -> tensor<4x3x2xf32>
		%1 = "stablehlo.reshape"(%x) : (tensor<1x2x3xf32>) -> tensor<2x3xf32>
		%2 = "stablehlo.clamp"(%s, %1, %s) : (tensor<f32>, tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
		%3 = "stablehlo.select"(%p, %1, %2) : (tensor<i1>, tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
		%4 = "stablehlo.floor"(%1) : (tensor<2x3xf32>) -> tensor<2x3xf32>
		%5 = "stablehlo.convert"(%4) : (tensor<2x3xf32>) -> tensor<2x3xi1>
		%6 = "stablehlo.pad"(%1, %s) { edge_padding_low = array<i64: 1, -1>, edge_padding_high = array<i64: 0, 2>, interior_padding = array<i64: 1, 1> } : (tensor<2x3xf32>, tensor<f32>) -> tensor<4x6xf32>
		%7 = "stablehlo.slice"(%6) { start_indices = array<i64: 0, 1>, limit_indices = array<i64: 4, 6>, strides = array<i64: 1, 1> } : (tensor<4x6xf32>) -> tensor<4x5xf32>
		%8 = "stablehlo.slice"(%1) { start_indices = array<i64: 0, 0>, limit_indices = array<i64: 2, 3>, strides = array<i64: 1, 2> } : (tensor<2x3xf32>) -> tensor<2x2xf32>
		%9 = "stablehlo.reverse"(%8) { dimensions = array<i64: 1> } : (tensor<2x2xf32>) -> tensor<2x2xf32>
		%10 = "stablehlo.concatenate"(%1, %2) { dimension = 0 : i64 } : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<4x3xf32>
		%zero = "stablehlo.constant"() { value = dense<0> : tensor<i32> } : () -> tensor<i32>
		%11 = "stablehlo.dynamic_slice"(%10, %i, %zero) { slice_sizes = array<i64: 1, 3> } : (tensor<4x3xf32>, tensor<i32>, tensor<i32>) -> tensor<1x3xf32>
		%12 = "stablehlo.iota"() { iota_dimension = 1 : i64 } : () -> tensor<2x3xi32>
		%13 = "stablehlo.bitcast_convert"(%1) : (tensor<2x3xf32>) -> tensor<2x3xui32>
		%14 = "stablehlo.convert"(%13) : (tensor<2x3xui32>) -> tensor<2x3xui64>
		%15 = "stablehlo.transpose"(%14) { permutation = array<i64: 1, 0> } : (tensor<2x3xui64>) -> tensor<3x2xui64>
		"stablehlo.return"(%0, %2, %3, %5, %7, %9, %10, %11, %12, %13, %15) : (tensor<4x3x2xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xi1>,
			tensor<4x5xf32>, tensor<2x2xf32>, tensor<4x3xf32>, tensor<1x3xf32>, tensor<2x3xi32>, tensor<2x3xui32>, tensor<3x2xui64>) -> ()
	} }`

const order = `module {
	func.func @main(%x: tensor<3x5xf32>, %i: tensor<2x1xi32>, %u: tensor<2x5xf32>, %w: tensor<1x6x6x2xf32>) -> (tensor<3x5xf32>, tensor<3x5xi32>, tensor<3xf32>, tensor<3xi32>,
			tensor<3x5xf32>, tensor<2x5xf32>, tensor<1x3x3x2xf32>) {
		%at = "stablehlo.iota"() { iota_dimension = 1 : i64 } : () -> tensor<3x5xi32>
		%0, %1 = "stablehlo.sort"(%x, %at) ({ ^c(%a: tensor<f32>, %b: tensor<f32>, %c: tensor<i32>, %d: tensor<i32>) :
			%2 = "stablehlo.compare"(%a, %b) { comparison_direction = #stablehlo<comparison_direction GT>, compare_type = #stablehlo<comparison_type FLOAT> } : (tensor<f32>, tensor<f32>) -> tensor<i1>
			"stablehlo.return"(%2) : (tensor<i1>) -> () }) { dimension = 1 : i64, is_stable = true } : (tensor<3x5xf32>, tensor<3x5xi32>) -> (tensor<3x5xf32>, tensor<3x5xi32>)
		%low = "stablehlo.constant"() { value = dense<0xff800000> : tensor<f32> } : () -> tensor<f32>
		%none = "stablehlo.constant"() { value = dense<-1> : tensor<i32> } : () -> tensor<i32>
		%3, %4 = "stablehlo.reduce"(%x, %at, %low, %none) ({ ^r(%v: tensor<f32>, %vi: tensor<i32>, %e: tensor<f32>, %ei: tensor<i32>) :
			%5 = "stablehlo.compare"(%v, %e) { comparison_direction = #stablehlo<comparison_direction GE> } : (tensor<f32>, tensor<f32>) -> tensor<i1>
			%6 = "stablehlo.select"(%5, %v, %e) : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
			%7 = "stablehlo.select"(%5, %vi, %ei) : (tensor<i1>, tensor<i32>, tensor<i32>) -> tensor<i32>
			"stablehlo.return"(%6, %7) : (tensor<f32>, tensor<i32>) -> () }) { dimensions = array<i64: 1> } : (tensor<3x5xf32>, tensor<3x5xi32>, tensor<f32>, tensor<i32>) -> (tensor<3xf32>, tensor<3xi32>)
		%two = "stablehlo.constant"() { value = dense<2> : tensor<2x1xi32> } : () -> tensor<2x1xi32>
		%safe = "stablehlo.minimum"(%i, %two) : (tensor<2x1xi32>, tensor<2x1xi32>) -> tensor<2x1xi32>
		%half = "stablehlo.constant"() { value = dense<0.5> : tensor<f32> } : () -> tensor<f32>
		%8 = "stablehlo.scatter"(%x, %safe, %u) ({ ^s(%o: tensor<f32>, %n: tensor<f32>) :
			%9 = "stablehlo.multiply"(%n, %half) : (tensor<f32>, tensor<f32>) -> tensor<f32>
			%10 = "stablehlo.add"(%o, %9) : (tensor<f32>, tensor<f32>) -> tensor<f32>
			"stablehlo.return"(%10) : (tensor<f32>) -> () }) { scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0],
			scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, indices_are_sorted = true, unique_indices = true } : (tensor<3x5xf32>, tensor<2x1xi32>, tensor<2x5xf32>) -> tensor<3x5xf32>
		%11 = "stablehlo.gather"(%x, %i) { dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>,
			indices_are_sorted = true, slice_sizes = array<i64: 1, 5> } : (tensor<3x5xf32>, tensor<2x1xi32>) -> tensor<2x5xf32>
		%12 = "stablehlo.reduce_window"(%w, %low) ({ ^m(%q: tensor<f32>, %r: tensor<f32>) :
			%13 = "stablehlo.maximum"(%q, %r) : (tensor<f32>, tensor<f32>) -> tensor<f32>
			"stablehlo.return"(%13) : (tensor<f32>) -> () }) { window_dimensions = array<i64: 1, 3, 3, 1>, window_strides = array<i64: 1, 2, 2, 1>,
			padding = dense<[[0, 0], [1, 1], [0, 1], [0, 0]]> : tensor<4x2xi64> } : (tensor<1x6x6x2xf32>, tensor<f32>) -> tensor<1x3x3x2xf32>
		"stablehlo.return"(%0, %1, %3, %4, %8, %11, %12) : (tensor<3x5xf32>, tensor<3x5xi32>, tensor<3xf32>, tensor<3xi32>, tensor<3x5xf32>, tensor<2x5xf32>, tensor<1x3x3x2xf32>) -> ()
	} }`

// control: regions that use arguments, constants and results from around them, and a loop in a loop.
const control = `module {
	func.func @main(%x: tensor<2xf32>, %n: tensor<i32>, %p: tensor<i1>) -> (tensor<i32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
		%one = "stablehlo.constant"() { value = dense<1> : tensor<i32> } : () -> tensor<i32>
		%zero = "stablehlo.constant"() { value = dense<0> : tensor<i32> } : () -> tensor<i32>
		%y = "stablehlo.negate"(%x) : (tensor<2xf32>) -> tensor<2xf32>
		%0, %1 = "stablehlo.while"(%zero, %x) ({ ^c(%i: tensor<i32>, %v: tensor<2xf32>) :
			%2 = "stablehlo.compare"(%i, %n) { comparison_direction = #stablehlo<comparison_direction LT> } : (tensor<i32>, tensor<i32>) -> tensor<i1>
			"stablehlo.return"(%2) : (tensor<i1>) -> () }, { ^b(%j: tensor<i32>, %w: tensor<2xf32>) :
			%3, %4 = "stablehlo.while"(%zero, %w) ({ ^cc(%k: tensor<i32>, %z: tensor<2xf32>) :
				%5 = "stablehlo.compare"(%k, %j) { comparison_direction = #stablehlo<comparison_direction LE> } : (tensor<i32>, tensor<i32>) -> tensor<i1>
				"stablehlo.return"(%5) : (tensor<i1>) -> () }, { ^bb(%l: tensor<i32>, %m: tensor<2xf32>) :
				%6 = "stablehlo.add"(%l, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
				%7 = "stablehlo.add"(%m, %y) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
				"stablehlo.return"(%6, %7) : (tensor<i32>, tensor<2xf32>) -> () }) : (tensor<i32>, tensor<2xf32>) -> (tensor<i32>, tensor<2xf32>)
			%8 = "stablehlo.add"(%j, %one) : (tensor<i32>, tensor<i32>) -> tensor<i32>
			"stablehlo.return"(%8, %4) : (tensor<i32>, tensor<2xf32>) -> () }) : (tensor<i32>, tensor<2xf32>) -> (tensor<i32>, tensor<2xf32>)
		%9, %10 = "stablehlo.if"(%p) ({ ^t() :
			%11 = "stablehlo.multiply"(%x, %y) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
			"stablehlo.return"(%11, %x) : (tensor<2xf32>, tensor<2xf32>) -> () }, { ^f() :
			%c = "stablehlo.constant"() { value = dense<3.0> : tensor<2xf32> } : () -> tensor<2xf32>
			"stablehlo.return"(%c, %1) : (tensor<2xf32>, tensor<2xf32>) -> () }) : (tensor<i1>) -> (tensor<2xf32>, tensor<2xf32>)
		%12, %13 = "stablehlo.optimization_barrier"(%9, %0) : (tensor<2xf32>, tensor<i32>) -> (tensor<2xf32>, tensor<i32>)
		%14 = "stablehlo.if"(%p) ({ "stablehlo.return"(%x) : (tensor<2xf32>) -> () }, { "stablehlo.return"(%y) : (tensor<2xf32>) -> () }) : (tensor<i1>) -> tensor<2xf32>
		"stablehlo.return"(%13, %1, %10, %12, %14) : (tensor<i32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> ()
	} }`

// defaults leave out what may be left out.
const defaults = `module {
	func.func @main(%x: tensor<1x4x2xf32>, %k: tensor<2x2x3xf32>, %n: tensor<3x2xui8>) -> (tensor<1x3x3xf32>, tensor<1x3x1xf32>, tensor<3x2xui8>, tensor<3x2xi1>, tensor<2xf32>) {
		%0 = "stablehlo.convolution"(%x, %k) { dimension_numbers = #stablehlo.conv<[b, 0, f]x[0, i, o]->[b, 0, f]> } : (tensor<1x4x2xf32>, tensor<2x2x3xf32>) -> tensor<1x3x3xf32>
		%zero = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
		%1 = "stablehlo.reduce_window"(%x, %zero) ({ ^m(%q: tensor<f32>, %r: tensor<f32>) :
			%2 = "stablehlo.add"(%q, %r) : (tensor<f32>, tensor<f32>) -> tensor<f32>
			"stablehlo.return"(%2) : (tensor<f32>) -> () }) { window_dimensions = array<i64: 1, 2, 2> } : (tensor<1x4x2xf32>, tensor<f32>) -> tensor<1x3x1xf32>
		%3 = "stablehlo.sort"(%n) ({ ^c(%a: tensor<ui8>, %b: tensor<ui8>) :
			%4 = "stablehlo.compare"(%a, %b) { comparison_direction = #stablehlo<comparison_direction LT> } : (tensor<ui8>, tensor<ui8>) -> tensor<i1>
			"stablehlo.return"(%4) : (tensor<i1>) -> () }) : (tensor<3x2xui8>) -> tensor<3x2xui8>
		%5 = "stablehlo.compare"(%n, %3) { comparison_direction = #stablehlo<comparison_direction NE> } : (tensor<3x2xui8>, tensor<3x2xui8>) -> tensor<3x2xi1>
		%row = "stablehlo.constant"() { value = dense<[0, 2]> : tensor<2xi64> } : () -> tensor<2xi64>
		%flat = "stablehlo.reshape"(%x) : (tensor<1x4x2xf32>) -> tensor<4x2xf32>
		%6 = "stablehlo.gather"(%flat, %row) { dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [0, 1], start_index_map = [0], index_vector_dim = 1>,
			slice_sizes = array<i64: 1, 1> } : (tensor<4x2xf32>, tensor<2xi64>) -> tensor<2xf32>
		"stablehlo.return"(%0, %1, %3, %5, %6) : (tensor<1x3x3xf32>, tensor<1x3x1xf32>, tensor<3x2xui8>, tensor<3x2xi1>, tensor<2xf32>) -> ()
	} }`

// elementwise applies every function of its kind to all results so far.
func elementwise() string {
	var b strings.Builder
	b.WriteString("module { func.func @main(%x: F, %y: F, %i: I, %j: I) -> (F, I, tensor<8xi1>) {\n")
	last := "%x"
	unary := []string{"abs", "negate", "exponential_minus_one", "tanh", "logistic", "sine", "cosine", "tan", "cbrt", "ceil", "floor", "round_nearest_afz",
		"round_nearest_even", "sign", "exponential", "log_plus_one", "sqrt", "rsqrt", "log"}
	for _, name := range append(unary, "chlo.erf") {
		if !strings.Contains(name, ".") {
			name = "stablehlo." + name
		}
		b.WriteString("%u_" + name + ` = "` + name + `"(%x) : (F) -> F` + "\n%s_" + name + ` = "stablehlo.add"(` + last + ", %u_" + name + ") : (F, F) -> F\n")
		last = "%s_" + name
	}
	for _, name := range []string{"atan2", "divide", "maximum", "minimum", "multiply", "power", "remainder", "subtract"} {
		b.WriteString("%u_" + name + ` = "stablehlo.` + name + `"(%x, %y) : (F, F) -> F` + "\n%s_" + name + ` = "stablehlo.add"(` + last + ", %u_" + name + ") : (F, F) -> F\n")
		last = "%s_" + name
	}
	whole := "%i"
	for _, name := range []string{"and", "or", "xor", "shift_left", "shift_right_arithmetic", "shift_right_logical"} {
		b.WriteString("%" + name + ` = "stablehlo.` + name + `"(` + whole + ", %j) : (I, I) -> I\n")
		whole = "%" + name
	}
	for _, name := range []string{"not", "popcnt", "count_leading_zeros"} {
		b.WriteString("%" + name + ` = "stablehlo.` + name + `"(` + whole + ") : (I) -> I\n")
		whole = "%" + name
	}
	b.WriteString(`%finite = "stablehlo.is_finite"(` + last + ") : (F) -> tensor<8xi1>\n")
	b.WriteString(`"stablehlo.return"(` + last + ", " + whole + ", %finite) : (F, I, tensor<8xi1>) -> () } }")
	return strings.NewReplacer("F)", "tensor<8xf32>)", "F,", "tensor<8xf32>,", "F\n", "tensor<8xf32>\n", "I)", "tensor<8xi32>)", "I,", "tensor<8xi32>,", "I\n", "tensor<8xi32>\n").Replace(b.String())
}

func programs() map[string]string {
	return map[string]string{"constants": constants, "states": states, "products": products, "moving": moving, "order": order, "control": control, "defaults": defaults, "elementwise": elementwise()}
}
