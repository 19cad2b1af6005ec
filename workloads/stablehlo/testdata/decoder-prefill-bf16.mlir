module @prefill {
  func.func @main(%arg0: tensor<2x4xi32>, %arg1: tensor<1xi32>, %arg2: tensor<11x8xbf16>, %arg3: tensor<8x16xbf16>, %arg4: tensor<8x8xbf16>, %arg5: tensor<8x8xbf16>, %arg6: tensor<16x8xbf16>, %arg7: tensor<8x16xbf16>, %arg8: tensor<8x8xbf16>, %arg9: tensor<8x8xbf16>, %arg10: tensor<16x8xbf16>, %arg11: tensor<2x2x7x4xbf16> { tf.aliasing_output = 1 : i32 }, %arg12: tensor<2x2x7x4xbf16> { tf.aliasing_output = 2 : i32 }, %arg13: tensor<2x2x7x4xbf16> { tf.aliasing_output = 3 : i32 }, %arg14: tensor<2x2x7x4xbf16> { tf.aliasing_output = 4 : i32 }) -> (tensor<2x8xf32>, tensor<2x2x7x4xbf16>, tensor<2x2x7x4xbf16>, tensor<2x2x7x4xbf16>, tensor<2x2x7x4xbf16>) {
    %0 = "stablehlo.gather"(%arg2, %arg0) {
      dimension_numbers = #stablehlo.gather<
  offset_dims = [2],
  collapsed_slice_dims = [0],
  operand_batching_dims = [],
  start_indices_batching_dims = [],
  start_index_map = [0],
  index_vector_dim = 2>,
      indices_are_sorted = false,
      slice_sizes = array<i64: 1, 8>
    } : (tensor<11x8xbf16>, tensor<2x4xi32>) -> tensor<2x4x8xbf16>
    %1 = "stablehlo.reshape"(%0) : (tensor<2x4x8xbf16>) -> tensor<8x8xbf16>
    %2 = "stablehlo.dot_general"(%1, %arg3) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<8x8xbf16>, tensor<8x16xbf16>) -> tensor<8x16xbf16>
    %3 = "stablehlo.reshape"(%2) : (tensor<8x16xbf16>) -> tensor<2x4x16xbf16>
    %4 = "stablehlo.reshape"(%3) : (tensor<2x4x16xbf16>) -> tensor<2x4x4x4xbf16>
    %5 = "stablehlo.convert"(%4) : (tensor<2x4x4x4xbf16>) -> tensor<2x4x4x4xf32>
    %6 = "stablehlo.slice"(%5) {
      limit_indices = array<i64: 2, 4, 4, 2>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x4x4x4xf32>) -> tensor<2x4x4x2xf32>
    %7 = "stablehlo.slice"(%5) {
      limit_indices = array<i64: 2, 4, 4, 4>,
      start_indices = array<i64: 0, 0, 0, 2>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x4x4x4xf32>) -> tensor<2x4x4x2xf32>
    %8 = "stablehlo.reshape"(%arg1) : (tensor<1xi32>) -> tensor<i32>
    %9 = "stablehlo.convert"(%8) : (tensor<i32>) -> tensor<ui32>
    %10 = "stablehlo.iota"() { iota_dimension = 0 : i64 } : () -> tensor<4x2xui32>
    %11 = "stablehlo.broadcast_in_dim"(%9) { broadcast_dimensions = array<i64> } : (tensor<ui32>) -> tensor<4x2xui32>
    %12 = "stablehlo.add"(%10, %11) : (tensor<4x2xui32>, tensor<4x2xui32>) -> tensor<4x2xui32>
    %13 = "stablehlo.constant"() { value = dense<[683565276, 96670728]> : tensor<2xui32> } : () -> tensor<2xui32>
    %14 = "stablehlo.broadcast_in_dim"(%13) { broadcast_dimensions = array<i64: 1> } : (tensor<2xui32>) -> tensor<4x2xui32>
    %15 = "stablehlo.multiply"(%12, %14) : (tensor<4x2xui32>, tensor<4x2xui32>) -> tensor<4x2xui32>
    %16 = "stablehlo.bitcast_convert"(%15) : (tensor<4x2xui32>) -> tensor<4x2xi32>
    %17 = "stablehlo.convert"(%16) : (tensor<4x2xi32>) -> tensor<4x2xf32>
    %18 = "stablehlo.constant"() { value = dense<1.462918119976564e-09> : tensor<f32> } : () -> tensor<f32>
    %19 = "stablehlo.broadcast_in_dim"(%18) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<4x2xf32>
    %20 = "stablehlo.multiply"(%17, %19) : (tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<4x2xf32>
    %21 = "stablehlo.cosine"(%20) : (tensor<4x2xf32>) -> tensor<4x2xf32>
    %22 = "stablehlo.constant"() { value = dense<1.0> : tensor<f32> } : () -> tensor<f32>
    %23 = "stablehlo.broadcast_in_dim"(%22) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<4x2xf32>
    %24 = "stablehlo.multiply"(%21, %23) : (tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<4x2xf32>
    %25 = "stablehlo.broadcast_in_dim"(%24) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<4x2xf32>) -> tensor<2x4x4x2xf32>
    %26 = "stablehlo.sine"(%20) : (tensor<4x2xf32>) -> tensor<4x2xf32>
    %27 = "stablehlo.broadcast_in_dim"(%22) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<4x2xf32>
    %28 = "stablehlo.multiply"(%26, %27) : (tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<4x2xf32>
    %29 = "stablehlo.broadcast_in_dim"(%28) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<4x2xf32>) -> tensor<2x4x4x2xf32>
    %30 = "stablehlo.multiply"(%6, %25) : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x2xf32>
    %31 = "stablehlo.multiply"(%7, %29) : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x2xf32>
    %32 = "stablehlo.subtract"(%30, %31) : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x2xf32>
    %33 = "stablehlo.multiply"(%6, %29) : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x2xf32>
    %34 = "stablehlo.multiply"(%7, %25) : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x2xf32>
    %35 = "stablehlo.add"(%33, %34) : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x2xf32>
    %36 = "stablehlo.concatenate"(%32, %35) { dimension = 3 : i64 } : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x4xf32>
    %37 = "stablehlo.reshape"(%36) : (tensor<2x4x4x4xf32>) -> tensor<2x4x16xf32>
    %38 = "stablehlo.convert"(%37) : (tensor<2x4x16xf32>) -> tensor<2x4x16xbf16>
    %39 = "stablehlo.reshape"(%0) : (tensor<2x4x8xbf16>) -> tensor<8x8xbf16>
    %40 = "stablehlo.dot_general"(%39, %arg4) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<8x8xbf16>, tensor<8x8xbf16>) -> tensor<8x8xbf16>
    %41 = "stablehlo.reshape"(%40) : (tensor<8x8xbf16>) -> tensor<2x4x8xbf16>
    %42 = "stablehlo.reshape"(%41) : (tensor<2x4x8xbf16>) -> tensor<2x4x2x4xbf16>
    %43 = "stablehlo.convert"(%42) : (tensor<2x4x2x4xbf16>) -> tensor<2x4x2x4xf32>
    %44 = "stablehlo.slice"(%43) {
      limit_indices = array<i64: 2, 4, 2, 2>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x4x2x4xf32>) -> tensor<2x4x2x2xf32>
    %45 = "stablehlo.slice"(%43) {
      limit_indices = array<i64: 2, 4, 2, 4>,
      start_indices = array<i64: 0, 0, 0, 2>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x4x2x4xf32>) -> tensor<2x4x2x2xf32>
    %46 = "stablehlo.broadcast_in_dim"(%24) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<4x2xf32>) -> tensor<2x4x2x2xf32>
    %47 = "stablehlo.broadcast_in_dim"(%28) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<4x2xf32>) -> tensor<2x4x2x2xf32>
    %48 = "stablehlo.multiply"(%44, %46) : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x2xf32>
    %49 = "stablehlo.multiply"(%45, %47) : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x2xf32>
    %50 = "stablehlo.subtract"(%48, %49) : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x2xf32>
    %51 = "stablehlo.multiply"(%44, %47) : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x2xf32>
    %52 = "stablehlo.multiply"(%45, %46) : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x2xf32>
    %53 = "stablehlo.add"(%51, %52) : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x2xf32>
    %54 = "stablehlo.concatenate"(%50, %53) { dimension = 3 : i64 } : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x4xf32>
    %55 = "stablehlo.reshape"(%54) : (tensor<2x4x2x4xf32>) -> tensor<2x4x8xf32>
    %56 = "stablehlo.convert"(%55) : (tensor<2x4x8xf32>) -> tensor<2x4x8xbf16>
    %57 = "stablehlo.reshape"(%0) : (tensor<2x4x8xbf16>) -> tensor<8x8xbf16>
    %58 = "stablehlo.dot_general"(%57, %arg5) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<8x8xbf16>, tensor<8x8xbf16>) -> tensor<8x8xbf16>
    %59 = "stablehlo.reshape"(%58) : (tensor<8x8xbf16>) -> tensor<2x4x8xbf16>
    %60 = "stablehlo.reshape"(%56) : (tensor<2x4x8xbf16>) -> tensor<2x4x2x4xbf16>
    %61 = "stablehlo.transpose"(%60) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x2x4xbf16>) -> tensor<2x2x4x4xbf16>
    %62 = "stablehlo.reshape"(%59) : (tensor<2x4x8xbf16>) -> tensor<2x4x2x4xbf16>
    %63 = "stablehlo.transpose"(%62) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x2x4xbf16>) -> tensor<2x2x4x4xbf16>
    %64 = "stablehlo.constant"() { value = dense<0> : tensor<i32> } : () -> tensor<i32>
    %65 = "stablehlo.dynamic_update_slice"(%arg11, %61, %64, %64, %8, %64) : (tensor<2x2x7x4xbf16>, tensor<2x2x4x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x7x4xbf16>
    %66 = "stablehlo.dynamic_update_slice"(%arg12, %63, %64, %64, %8, %64) : (tensor<2x2x7x4xbf16>, tensor<2x2x4x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x7x4xbf16>
    %67 = "stablehlo.iota"() { iota_dimension = 0 : i64 } : () -> tensor<4x4xi32>
    %68 = "stablehlo.iota"() { iota_dimension = 1 : i64 } : () -> tensor<4x4xi32>
    %69 = "stablehlo.compare"(%68, %67) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction LE>
    } : (tensor<4x4xi32>, tensor<4x4xi32>) -> tensor<4x4xi1>
    %70 = "stablehlo.reshape"(%38) : (tensor<2x4x16xbf16>) -> tensor<2x4x4x4xbf16>
    %71 = "stablehlo.transpose"(%70) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x4x4xbf16>) -> tensor<2x4x4x4xbf16>
    %72 = "stablehlo.reshape"(%71) : (tensor<2x4x4x4xbf16>) -> tensor<2x2x8x4xbf16>
    %73 = "stablehlo.dot_general"(%72, %61) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0, 1],
  rhs_batching_dimensions = [0, 1],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [3]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x2x8x4xbf16>, tensor<2x2x4x4xbf16>) -> tensor<2x2x8x4xf32>
    %74 = "stablehlo.reshape"(%73) : (tensor<2x2x8x4xf32>) -> tensor<2x2x2x4x4xf32>
    %75 = "stablehlo.constant"() { value = dense<0.5> : tensor<f32> } : () -> tensor<f32>
    %76 = "stablehlo.broadcast_in_dim"(%75) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x2x2x4x4xf32>
    %77 = "stablehlo.multiply"(%74, %76) : (tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %78 = "stablehlo.broadcast_in_dim"(%69) { broadcast_dimensions = array<i64: 3, 4> } : (tensor<4x4xi1>) -> tensor<2x2x2x4x4xi1>
    %79 = "stablehlo.constant"() { value = dense<-3.4028234663852886e+38> : tensor<f32> } : () -> tensor<f32>
    %80 = "stablehlo.broadcast_in_dim"(%79) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x2x2x4x4xf32>
    %81 = "stablehlo.select"(%78, %77, %80) : (tensor<2x2x2x4x4xi1>, tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %82 = "stablehlo.constant"() { value = dense<0xff800000> : tensor<f32> } : () -> tensor<f32>
    %84 = "stablehlo.reduce"(%81, %82) ({
      ^reductionFn(%arg15: tensor<f32>, %arg16: tensor<f32>) :
          %83 = "stablehlo.maximum"(%arg15, %arg16) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%83) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 4> } : (tensor<2x2x2x4x4xf32>, tensor<f32>) -> tensor<2x2x2x4xf32>
    %85 = "stablehlo.broadcast_in_dim"(%84) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<2x2x2x4xf32>) -> tensor<2x2x2x4x4xf32>
    %86 = "stablehlo.subtract"(%81, %85) : (tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %87 = "stablehlo.exponential"(%86) : (tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %88 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %90 = "stablehlo.reduce"(%87, %88) ({
      ^reductionFn(%arg17: tensor<f32>, %arg18: tensor<f32>) :
          %89 = "stablehlo.add"(%arg17, %arg18) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%89) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 4> } : (tensor<2x2x2x4x4xf32>, tensor<f32>) -> tensor<2x2x2x4xf32>
    %91 = "stablehlo.broadcast_in_dim"(%90) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<2x2x2x4xf32>) -> tensor<2x2x2x4x4xf32>
    %92 = "stablehlo.divide"(%87, %91) : (tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %93 = "stablehlo.reshape"(%92) : (tensor<2x2x2x4x4xf32>) -> tensor<2x2x8x4xf32>
    %94 = "stablehlo.convert"(%93) : (tensor<2x2x8x4xf32>) -> tensor<2x2x8x4xbf16>
    %95 = "stablehlo.dot_general"(%94, %63) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0, 1],
  rhs_batching_dimensions = [0, 1],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [2]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x2x8x4xbf16>, tensor<2x2x4x4xbf16>) -> tensor<2x2x8x4xbf16>
    %96 = "stablehlo.reshape"(%95) : (tensor<2x2x8x4xbf16>) -> tensor<2x4x4x4xbf16>
    %97 = "stablehlo.transpose"(%96) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x4x4xbf16>) -> tensor<2x4x4x4xbf16>
    %98 = "stablehlo.reshape"(%97) : (tensor<2x4x4x4xbf16>) -> tensor<2x4x16xbf16>
    %99 = "stablehlo.reshape"(%98) : (tensor<2x4x16xbf16>) -> tensor<8x16xbf16>
    %100 = "stablehlo.dot_general"(%99, %arg6) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<8x16xbf16>, tensor<16x8xbf16>) -> tensor<8x8xbf16>
    %101 = "stablehlo.reshape"(%100) : (tensor<8x8xbf16>) -> tensor<2x4x8xbf16>
    %102 = "stablehlo.add"(%0, %101) : (tensor<2x4x8xbf16>, tensor<2x4x8xbf16>) -> tensor<2x4x8xbf16>
    %103 = "stablehlo.reshape"(%102) : (tensor<2x4x8xbf16>) -> tensor<8x8xbf16>
    %104 = "stablehlo.dot_general"(%103, %arg7) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<8x8xbf16>, tensor<8x16xbf16>) -> tensor<8x16xbf16>
    %105 = "stablehlo.reshape"(%104) : (tensor<8x16xbf16>) -> tensor<2x4x16xbf16>
    %106 = "stablehlo.reshape"(%105) : (tensor<2x4x16xbf16>) -> tensor<2x4x4x4xbf16>
    %107 = "stablehlo.convert"(%106) : (tensor<2x4x4x4xbf16>) -> tensor<2x4x4x4xf32>
    %108 = "stablehlo.slice"(%107) {
      limit_indices = array<i64: 2, 4, 4, 2>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x4x4x4xf32>) -> tensor<2x4x4x2xf32>
    %109 = "stablehlo.slice"(%107) {
      limit_indices = array<i64: 2, 4, 4, 4>,
      start_indices = array<i64: 0, 0, 0, 2>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x4x4x4xf32>) -> tensor<2x4x4x2xf32>
    %110 = "stablehlo.broadcast_in_dim"(%24) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<4x2xf32>) -> tensor<2x4x4x2xf32>
    %111 = "stablehlo.broadcast_in_dim"(%28) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<4x2xf32>) -> tensor<2x4x4x2xf32>
    %112 = "stablehlo.multiply"(%108, %110) : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x2xf32>
    %113 = "stablehlo.multiply"(%109, %111) : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x2xf32>
    %114 = "stablehlo.subtract"(%112, %113) : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x2xf32>
    %115 = "stablehlo.multiply"(%108, %111) : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x2xf32>
    %116 = "stablehlo.multiply"(%109, %110) : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x2xf32>
    %117 = "stablehlo.add"(%115, %116) : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x2xf32>
    %118 = "stablehlo.concatenate"(%114, %117) { dimension = 3 : i64 } : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x4xf32>
    %119 = "stablehlo.reshape"(%118) : (tensor<2x4x4x4xf32>) -> tensor<2x4x16xf32>
    %120 = "stablehlo.convert"(%119) : (tensor<2x4x16xf32>) -> tensor<2x4x16xbf16>
    %121 = "stablehlo.reshape"(%102) : (tensor<2x4x8xbf16>) -> tensor<8x8xbf16>
    %122 = "stablehlo.dot_general"(%121, %arg8) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<8x8xbf16>, tensor<8x8xbf16>) -> tensor<8x8xbf16>
    %123 = "stablehlo.reshape"(%122) : (tensor<8x8xbf16>) -> tensor<2x4x8xbf16>
    %124 = "stablehlo.reshape"(%123) : (tensor<2x4x8xbf16>) -> tensor<2x4x2x4xbf16>
    %125 = "stablehlo.convert"(%124) : (tensor<2x4x2x4xbf16>) -> tensor<2x4x2x4xf32>
    %126 = "stablehlo.slice"(%125) {
      limit_indices = array<i64: 2, 4, 2, 2>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x4x2x4xf32>) -> tensor<2x4x2x2xf32>
    %127 = "stablehlo.slice"(%125) {
      limit_indices = array<i64: 2, 4, 2, 4>,
      start_indices = array<i64: 0, 0, 0, 2>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x4x2x4xf32>) -> tensor<2x4x2x2xf32>
    %128 = "stablehlo.broadcast_in_dim"(%24) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<4x2xf32>) -> tensor<2x4x2x2xf32>
    %129 = "stablehlo.broadcast_in_dim"(%28) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<4x2xf32>) -> tensor<2x4x2x2xf32>
    %130 = "stablehlo.multiply"(%126, %128) : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x2xf32>
    %131 = "stablehlo.multiply"(%127, %129) : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x2xf32>
    %132 = "stablehlo.subtract"(%130, %131) : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x2xf32>
    %133 = "stablehlo.multiply"(%126, %129) : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x2xf32>
    %134 = "stablehlo.multiply"(%127, %128) : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x2xf32>
    %135 = "stablehlo.add"(%133, %134) : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x2xf32>
    %136 = "stablehlo.concatenate"(%132, %135) { dimension = 3 : i64 } : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x4xf32>
    %137 = "stablehlo.reshape"(%136) : (tensor<2x4x2x4xf32>) -> tensor<2x4x8xf32>
    %138 = "stablehlo.convert"(%137) : (tensor<2x4x8xf32>) -> tensor<2x4x8xbf16>
    %139 = "stablehlo.reshape"(%102) : (tensor<2x4x8xbf16>) -> tensor<8x8xbf16>
    %140 = "stablehlo.dot_general"(%139, %arg9) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<8x8xbf16>, tensor<8x8xbf16>) -> tensor<8x8xbf16>
    %141 = "stablehlo.reshape"(%140) : (tensor<8x8xbf16>) -> tensor<2x4x8xbf16>
    %142 = "stablehlo.reshape"(%138) : (tensor<2x4x8xbf16>) -> tensor<2x4x2x4xbf16>
    %143 = "stablehlo.transpose"(%142) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x2x4xbf16>) -> tensor<2x2x4x4xbf16>
    %144 = "stablehlo.reshape"(%141) : (tensor<2x4x8xbf16>) -> tensor<2x4x2x4xbf16>
    %145 = "stablehlo.transpose"(%144) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x2x4xbf16>) -> tensor<2x2x4x4xbf16>
    %146 = "stablehlo.dynamic_update_slice"(%arg13, %143, %64, %64, %8, %64) : (tensor<2x2x7x4xbf16>, tensor<2x2x4x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x7x4xbf16>
    %147 = "stablehlo.dynamic_update_slice"(%arg14, %145, %64, %64, %8, %64) : (tensor<2x2x7x4xbf16>, tensor<2x2x4x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x7x4xbf16>
    %148 = "stablehlo.iota"() { iota_dimension = 0 : i64 } : () -> tensor<4x4xi32>
    %149 = "stablehlo.iota"() { iota_dimension = 1 : i64 } : () -> tensor<4x4xi32>
    %150 = "stablehlo.compare"(%149, %148) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction LE>
    } : (tensor<4x4xi32>, tensor<4x4xi32>) -> tensor<4x4xi1>
    %151 = "stablehlo.constant"() { value = dense<3> : tensor<i32> } : () -> tensor<i32>
    %152 = "stablehlo.broadcast_in_dim"(%151) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<4x4xi32>
    %153 = "stablehlo.subtract"(%148, %152) : (tensor<4x4xi32>, tensor<4x4xi32>) -> tensor<4x4xi32>
    %154 = "stablehlo.compare"(%149, %153) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction GT>
    } : (tensor<4x4xi32>, tensor<4x4xi32>) -> tensor<4x4xi1>
    %155 = "stablehlo.and"(%150, %154) : (tensor<4x4xi1>, tensor<4x4xi1>) -> tensor<4x4xi1>
    %156 = "stablehlo.reshape"(%120) : (tensor<2x4x16xbf16>) -> tensor<2x4x4x4xbf16>
    %157 = "stablehlo.transpose"(%156) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x4x4xbf16>) -> tensor<2x4x4x4xbf16>
    %158 = "stablehlo.reshape"(%157) : (tensor<2x4x4x4xbf16>) -> tensor<2x2x8x4xbf16>
    %159 = "stablehlo.dot_general"(%158, %143) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0, 1],
  rhs_batching_dimensions = [0, 1],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [3]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x2x8x4xbf16>, tensor<2x2x4x4xbf16>) -> tensor<2x2x8x4xf32>
    %160 = "stablehlo.reshape"(%159) : (tensor<2x2x8x4xf32>) -> tensor<2x2x2x4x4xf32>
    %161 = "stablehlo.broadcast_in_dim"(%75) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x2x2x4x4xf32>
    %162 = "stablehlo.multiply"(%160, %161) : (tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %163 = "stablehlo.broadcast_in_dim"(%155) { broadcast_dimensions = array<i64: 3, 4> } : (tensor<4x4xi1>) -> tensor<2x2x2x4x4xi1>
    %164 = "stablehlo.broadcast_in_dim"(%79) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x2x2x4x4xf32>
    %165 = "stablehlo.select"(%163, %162, %164) : (tensor<2x2x2x4x4xi1>, tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %167 = "stablehlo.reduce"(%165, %82) ({
      ^reductionFn(%arg19: tensor<f32>, %arg20: tensor<f32>) :
          %166 = "stablehlo.maximum"(%arg19, %arg20) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%166) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 4> } : (tensor<2x2x2x4x4xf32>, tensor<f32>) -> tensor<2x2x2x4xf32>
    %168 = "stablehlo.broadcast_in_dim"(%167) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<2x2x2x4xf32>) -> tensor<2x2x2x4x4xf32>
    %169 = "stablehlo.subtract"(%165, %168) : (tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %170 = "stablehlo.exponential"(%169) : (tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %172 = "stablehlo.reduce"(%170, %88) ({
      ^reductionFn(%arg21: tensor<f32>, %arg22: tensor<f32>) :
          %171 = "stablehlo.add"(%arg21, %arg22) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%171) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 4> } : (tensor<2x2x2x4x4xf32>, tensor<f32>) -> tensor<2x2x2x4xf32>
    %173 = "stablehlo.broadcast_in_dim"(%172) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<2x2x2x4xf32>) -> tensor<2x2x2x4x4xf32>
    %174 = "stablehlo.divide"(%170, %173) : (tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %175 = "stablehlo.reshape"(%174) : (tensor<2x2x2x4x4xf32>) -> tensor<2x2x8x4xf32>
    %176 = "stablehlo.convert"(%175) : (tensor<2x2x8x4xf32>) -> tensor<2x2x8x4xbf16>
    %177 = "stablehlo.dot_general"(%176, %145) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0, 1],
  rhs_batching_dimensions = [0, 1],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [2]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x2x8x4xbf16>, tensor<2x2x4x4xbf16>) -> tensor<2x2x8x4xbf16>
    %178 = "stablehlo.reshape"(%177) : (tensor<2x2x8x4xbf16>) -> tensor<2x4x4x4xbf16>
    %179 = "stablehlo.transpose"(%178) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x4x4xbf16>) -> tensor<2x4x4x4xbf16>
    %180 = "stablehlo.reshape"(%179) : (tensor<2x4x4x4xbf16>) -> tensor<2x4x16xbf16>
    %181 = "stablehlo.reshape"(%180) : (tensor<2x4x16xbf16>) -> tensor<8x16xbf16>
    %182 = "stablehlo.dot_general"(%181, %arg10) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<8x16xbf16>, tensor<16x8xbf16>) -> tensor<8x8xbf16>
    %183 = "stablehlo.reshape"(%182) : (tensor<8x8xbf16>) -> tensor<2x4x8xbf16>
    %184 = "stablehlo.add"(%102, %183) : (tensor<2x4x8xbf16>, tensor<2x4x8xbf16>) -> tensor<2x4x8xbf16>
    %185 = "stablehlo.slice"(%184) {
      limit_indices = array<i64: 2, 4, 8>,
      start_indices = array<i64: 0, 3, 0>,
      strides = array<i64: 1, 1, 1>
    } : (tensor<2x4x8xbf16>) -> tensor<2x1x8xbf16>
    %186 = "stablehlo.reshape"(%185) : (tensor<2x1x8xbf16>) -> tensor<2x8xbf16>
    %187 = "stablehlo.convert"(%186) : (tensor<2x8xbf16>) -> tensor<2x8xf32>
    "stablehlo.return"(%187, %65, %66, %146, %147) : (tensor<2x8xf32>, tensor<2x2x7x4xbf16>, tensor<2x2x7x4xbf16>, tensor<2x2x7x4xbf16>, tensor<2x2x7x4xbf16>) -> ()
  }
}
