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
    %60 = "stablehlo.reshape"(%38) : (tensor<2x4x16xbf16>) -> tensor<2x4x4x4xbf16>
    %61 = "stablehlo.transpose"(%60) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x4x4xbf16>) -> tensor<2x4x4x4xbf16>
    %62 = "stablehlo.reshape"(%56) : (tensor<2x4x8xbf16>) -> tensor<2x4x2x4xbf16>
    %63 = "stablehlo.transpose"(%62) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x2x4xbf16>) -> tensor<2x2x4x4xbf16>
    %64 = "stablehlo.reshape"(%59) : (tensor<2x4x8xbf16>) -> tensor<2x4x2x4xbf16>
    %65 = "stablehlo.transpose"(%64) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x2x4xbf16>) -> tensor<2x2x4x4xbf16>
    %66 = "stablehlo.constant"() { value = dense<0> : tensor<i32> } : () -> tensor<i32>
    %67 = "stablehlo.dynamic_update_slice"(%arg11, %63, %66, %66, %8, %66) : (tensor<2x2x7x4xbf16>, tensor<2x2x4x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x7x4xbf16>
    %68 = "stablehlo.dynamic_update_slice"(%arg12, %65, %66, %66, %8, %66) : (tensor<2x2x7x4xbf16>, tensor<2x2x4x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x7x4xbf16>
    %69 = "stablehlo.iota"() { iota_dimension = 0 : i64 } : () -> tensor<4x7xi32>
    %70 = "stablehlo.broadcast_in_dim"(%8) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<4x7xi32>
    %71 = "stablehlo.add"(%69, %70) : (tensor<4x7xi32>, tensor<4x7xi32>) -> tensor<4x7xi32>
    %72 = "stablehlo.iota"() { iota_dimension = 1 : i64 } : () -> tensor<4x7xi32>
    %73 = "stablehlo.compare"(%72, %71) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction LE>
    } : (tensor<4x7xi32>, tensor<4x7xi32>) -> tensor<4x7xi1>
    %74 = "stablehlo.iota"() { iota_dimension = 0 : i64 } : () -> tensor<4x4xi32>
    %75 = "stablehlo.broadcast_in_dim"(%66) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<4x4xi32>
    %76 = "stablehlo.add"(%74, %75) : (tensor<4x4xi32>, tensor<4x4xi32>) -> tensor<4x4xi32>
    %77 = "stablehlo.iota"() { iota_dimension = 1 : i64 } : () -> tensor<4x4xi32>
    %78 = "stablehlo.broadcast_in_dim"(%66) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<4x4xi32>
    %79 = "stablehlo.add"(%77, %78) : (tensor<4x4xi32>, tensor<4x4xi32>) -> tensor<4x4xi32>
    %80 = "stablehlo.compare"(%79, %76) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction LE>
    } : (tensor<4x4xi32>, tensor<4x4xi32>) -> tensor<4x4xi1>
    %81 = "stablehlo.reshape"(%61) : (tensor<2x4x4x4xbf16>) -> tensor<2x2x8x4xbf16>
    %82 = "stablehlo.dot_general"(%81, %63) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0, 1],
  rhs_batching_dimensions = [0, 1],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [3]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x2x8x4xbf16>, tensor<2x2x4x4xbf16>) -> tensor<2x2x8x4xf32>
    %83 = "stablehlo.reshape"(%82) : (tensor<2x2x8x4xf32>) -> tensor<2x2x2x4x4xf32>
    %84 = "stablehlo.constant"() { value = dense<0.5> : tensor<f32> } : () -> tensor<f32>
    %85 = "stablehlo.broadcast_in_dim"(%84) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x2x2x4x4xf32>
    %86 = "stablehlo.multiply"(%83, %85) : (tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %87 = "stablehlo.broadcast_in_dim"(%80) { broadcast_dimensions = array<i64: 3, 4> } : (tensor<4x4xi1>) -> tensor<2x2x2x4x4xi1>
    %88 = "stablehlo.constant"() { value = dense<-3.4028234663852886e+38> : tensor<f32> } : () -> tensor<f32>
    %89 = "stablehlo.broadcast_in_dim"(%88) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x2x2x4x4xf32>
    %90 = "stablehlo.select"(%87, %86, %89) : (tensor<2x2x2x4x4xi1>, tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %91 = "stablehlo.constant"() { value = dense<0xff800000> : tensor<f32> } : () -> tensor<f32>
    %93 = "stablehlo.reduce"(%90, %91) ({
      ^reductionFn(%arg15: tensor<f32>, %arg16: tensor<f32>) :
          %92 = "stablehlo.maximum"(%arg15, %arg16) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%92) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 4> } : (tensor<2x2x2x4x4xf32>, tensor<f32>) -> tensor<2x2x2x4xf32>
    %94 = "stablehlo.broadcast_in_dim"(%93) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<2x2x2x4xf32>) -> tensor<2x2x2x4x4xf32>
    %95 = "stablehlo.subtract"(%90, %94) : (tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %96 = "stablehlo.exponential"(%95) : (tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %97 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %99 = "stablehlo.reduce"(%96, %97) ({
      ^reductionFn(%arg17: tensor<f32>, %arg18: tensor<f32>) :
          %98 = "stablehlo.add"(%arg17, %arg18) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%98) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 4> } : (tensor<2x2x2x4x4xf32>, tensor<f32>) -> tensor<2x2x2x4xf32>
    %100 = "stablehlo.broadcast_in_dim"(%99) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<2x2x2x4xf32>) -> tensor<2x2x2x4x4xf32>
    %101 = "stablehlo.divide"(%96, %100) : (tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %102 = "stablehlo.reshape"(%101) : (tensor<2x2x2x4x4xf32>) -> tensor<2x2x8x4xf32>
    %103 = "stablehlo.convert"(%102) : (tensor<2x2x8x4xf32>) -> tensor<2x2x8x4xbf16>
    %104 = "stablehlo.dot_general"(%103, %65) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0, 1],
  rhs_batching_dimensions = [0, 1],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [2]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x2x8x4xbf16>, tensor<2x2x4x4xbf16>) -> tensor<2x2x8x4xbf16>
    %105 = "stablehlo.reshape"(%104) : (tensor<2x2x8x4xbf16>) -> tensor<2x4x4x4xbf16>
    %106 = "stablehlo.transpose"(%105) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x4x4xbf16>) -> tensor<2x4x4x4xbf16>
    %107 = "stablehlo.reshape"(%106) : (tensor<2x4x4x4xbf16>) -> tensor<2x4x16xbf16>
    %108 = "stablehlo.reshape"(%107) : (tensor<2x4x16xbf16>) -> tensor<8x16xbf16>
    %109 = "stablehlo.dot_general"(%108, %arg6) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<8x16xbf16>, tensor<16x8xbf16>) -> tensor<8x8xbf16>
    %110 = "stablehlo.reshape"(%109) : (tensor<8x8xbf16>) -> tensor<2x4x8xbf16>
    %111 = "stablehlo.add"(%0, %110) : (tensor<2x4x8xbf16>, tensor<2x4x8xbf16>) -> tensor<2x4x8xbf16>
    %112 = "stablehlo.reshape"(%111) : (tensor<2x4x8xbf16>) -> tensor<8x8xbf16>
    %113 = "stablehlo.dot_general"(%112, %arg7) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<8x8xbf16>, tensor<8x16xbf16>) -> tensor<8x16xbf16>
    %114 = "stablehlo.reshape"(%113) : (tensor<8x16xbf16>) -> tensor<2x4x16xbf16>
    %115 = "stablehlo.reshape"(%114) : (tensor<2x4x16xbf16>) -> tensor<2x4x4x4xbf16>
    %116 = "stablehlo.convert"(%115) : (tensor<2x4x4x4xbf16>) -> tensor<2x4x4x4xf32>
    %117 = "stablehlo.slice"(%116) {
      limit_indices = array<i64: 2, 4, 4, 2>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x4x4x4xf32>) -> tensor<2x4x4x2xf32>
    %118 = "stablehlo.slice"(%116) {
      limit_indices = array<i64: 2, 4, 4, 4>,
      start_indices = array<i64: 0, 0, 0, 2>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x4x4x4xf32>) -> tensor<2x4x4x2xf32>
    %119 = "stablehlo.broadcast_in_dim"(%24) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<4x2xf32>) -> tensor<2x4x4x2xf32>
    %120 = "stablehlo.broadcast_in_dim"(%28) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<4x2xf32>) -> tensor<2x4x4x2xf32>
    %121 = "stablehlo.multiply"(%117, %119) : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x2xf32>
    %122 = "stablehlo.multiply"(%118, %120) : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x2xf32>
    %123 = "stablehlo.subtract"(%121, %122) : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x2xf32>
    %124 = "stablehlo.multiply"(%117, %120) : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x2xf32>
    %125 = "stablehlo.multiply"(%118, %119) : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x2xf32>
    %126 = "stablehlo.add"(%124, %125) : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x2xf32>
    %127 = "stablehlo.concatenate"(%123, %126) { dimension = 3 : i64 } : (tensor<2x4x4x2xf32>, tensor<2x4x4x2xf32>) -> tensor<2x4x4x4xf32>
    %128 = "stablehlo.reshape"(%127) : (tensor<2x4x4x4xf32>) -> tensor<2x4x16xf32>
    %129 = "stablehlo.convert"(%128) : (tensor<2x4x16xf32>) -> tensor<2x4x16xbf16>
    %130 = "stablehlo.reshape"(%111) : (tensor<2x4x8xbf16>) -> tensor<8x8xbf16>
    %131 = "stablehlo.dot_general"(%130, %arg8) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<8x8xbf16>, tensor<8x8xbf16>) -> tensor<8x8xbf16>
    %132 = "stablehlo.reshape"(%131) : (tensor<8x8xbf16>) -> tensor<2x4x8xbf16>
    %133 = "stablehlo.reshape"(%132) : (tensor<2x4x8xbf16>) -> tensor<2x4x2x4xbf16>
    %134 = "stablehlo.convert"(%133) : (tensor<2x4x2x4xbf16>) -> tensor<2x4x2x4xf32>
    %135 = "stablehlo.slice"(%134) {
      limit_indices = array<i64: 2, 4, 2, 2>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x4x2x4xf32>) -> tensor<2x4x2x2xf32>
    %136 = "stablehlo.slice"(%134) {
      limit_indices = array<i64: 2, 4, 2, 4>,
      start_indices = array<i64: 0, 0, 0, 2>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x4x2x4xf32>) -> tensor<2x4x2x2xf32>
    %137 = "stablehlo.broadcast_in_dim"(%24) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<4x2xf32>) -> tensor<2x4x2x2xf32>
    %138 = "stablehlo.broadcast_in_dim"(%28) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<4x2xf32>) -> tensor<2x4x2x2xf32>
    %139 = "stablehlo.multiply"(%135, %137) : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x2xf32>
    %140 = "stablehlo.multiply"(%136, %138) : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x2xf32>
    %141 = "stablehlo.subtract"(%139, %140) : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x2xf32>
    %142 = "stablehlo.multiply"(%135, %138) : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x2xf32>
    %143 = "stablehlo.multiply"(%136, %137) : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x2xf32>
    %144 = "stablehlo.add"(%142, %143) : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x2xf32>
    %145 = "stablehlo.concatenate"(%141, %144) { dimension = 3 : i64 } : (tensor<2x4x2x2xf32>, tensor<2x4x2x2xf32>) -> tensor<2x4x2x4xf32>
    %146 = "stablehlo.reshape"(%145) : (tensor<2x4x2x4xf32>) -> tensor<2x4x8xf32>
    %147 = "stablehlo.convert"(%146) : (tensor<2x4x8xf32>) -> tensor<2x4x8xbf16>
    %148 = "stablehlo.reshape"(%111) : (tensor<2x4x8xbf16>) -> tensor<8x8xbf16>
    %149 = "stablehlo.dot_general"(%148, %arg9) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<8x8xbf16>, tensor<8x8xbf16>) -> tensor<8x8xbf16>
    %150 = "stablehlo.reshape"(%149) : (tensor<8x8xbf16>) -> tensor<2x4x8xbf16>
    %151 = "stablehlo.reshape"(%129) : (tensor<2x4x16xbf16>) -> tensor<2x4x4x4xbf16>
    %152 = "stablehlo.transpose"(%151) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x4x4xbf16>) -> tensor<2x4x4x4xbf16>
    %153 = "stablehlo.reshape"(%147) : (tensor<2x4x8xbf16>) -> tensor<2x4x2x4xbf16>
    %154 = "stablehlo.transpose"(%153) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x2x4xbf16>) -> tensor<2x2x4x4xbf16>
    %155 = "stablehlo.reshape"(%150) : (tensor<2x4x8xbf16>) -> tensor<2x4x2x4xbf16>
    %156 = "stablehlo.transpose"(%155) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x2x4xbf16>) -> tensor<2x2x4x4xbf16>
    %157 = "stablehlo.dynamic_update_slice"(%arg13, %154, %66, %66, %8, %66) : (tensor<2x2x7x4xbf16>, tensor<2x2x4x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x7x4xbf16>
    %158 = "stablehlo.dynamic_update_slice"(%arg14, %156, %66, %66, %8, %66) : (tensor<2x2x7x4xbf16>, tensor<2x2x4x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x7x4xbf16>
    %159 = "stablehlo.constant"() { value = dense<2> : tensor<i32> } : () -> tensor<i32>
    %160 = "stablehlo.subtract"(%8, %159) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    %161 = "stablehlo.maximum"(%160, %66) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    %162 = "stablehlo.dynamic_slice"(%157, %66, %66, %161, %66) { slice_sizes = array<i64: 2, 2, 6, 4> } : (tensor<2x2x7x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x6x4xbf16>
    %163 = "stablehlo.dynamic_slice"(%158, %66, %66, %161, %66) { slice_sizes = array<i64: 2, 2, 6, 4> } : (tensor<2x2x7x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x6x4xbf16>
    %164 = "stablehlo.iota"() { iota_dimension = 0 : i64 } : () -> tensor<4x6xi32>
    %165 = "stablehlo.broadcast_in_dim"(%8) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<4x6xi32>
    %166 = "stablehlo.add"(%164, %165) : (tensor<4x6xi32>, tensor<4x6xi32>) -> tensor<4x6xi32>
    %167 = "stablehlo.iota"() { iota_dimension = 1 : i64 } : () -> tensor<4x6xi32>
    %168 = "stablehlo.broadcast_in_dim"(%161) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<4x6xi32>
    %169 = "stablehlo.add"(%167, %168) : (tensor<4x6xi32>, tensor<4x6xi32>) -> tensor<4x6xi32>
    %170 = "stablehlo.compare"(%169, %166) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction LE>
    } : (tensor<4x6xi32>, tensor<4x6xi32>) -> tensor<4x6xi1>
    %171 = "stablehlo.constant"() { value = dense<3> : tensor<i32> } : () -> tensor<i32>
    %172 = "stablehlo.broadcast_in_dim"(%171) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<4x6xi32>
    %173 = "stablehlo.subtract"(%166, %172) : (tensor<4x6xi32>, tensor<4x6xi32>) -> tensor<4x6xi32>
    %174 = "stablehlo.compare"(%169, %173) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction GT>
    } : (tensor<4x6xi32>, tensor<4x6xi32>) -> tensor<4x6xi1>
    %175 = "stablehlo.and"(%170, %174) : (tensor<4x6xi1>, tensor<4x6xi1>) -> tensor<4x6xi1>
    %176 = "stablehlo.iota"() { iota_dimension = 0 : i64 } : () -> tensor<4x4xi32>
    %177 = "stablehlo.broadcast_in_dim"(%66) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<4x4xi32>
    %178 = "stablehlo.add"(%176, %177) : (tensor<4x4xi32>, tensor<4x4xi32>) -> tensor<4x4xi32>
    %179 = "stablehlo.iota"() { iota_dimension = 1 : i64 } : () -> tensor<4x4xi32>
    %180 = "stablehlo.broadcast_in_dim"(%66) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<4x4xi32>
    %181 = "stablehlo.add"(%179, %180) : (tensor<4x4xi32>, tensor<4x4xi32>) -> tensor<4x4xi32>
    %182 = "stablehlo.compare"(%181, %178) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction LE>
    } : (tensor<4x4xi32>, tensor<4x4xi32>) -> tensor<4x4xi1>
    %183 = "stablehlo.broadcast_in_dim"(%171) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<4x4xi32>
    %184 = "stablehlo.subtract"(%178, %183) : (tensor<4x4xi32>, tensor<4x4xi32>) -> tensor<4x4xi32>
    %185 = "stablehlo.compare"(%181, %184) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction GT>
    } : (tensor<4x4xi32>, tensor<4x4xi32>) -> tensor<4x4xi1>
    %186 = "stablehlo.and"(%182, %185) : (tensor<4x4xi1>, tensor<4x4xi1>) -> tensor<4x4xi1>
    %187 = "stablehlo.reshape"(%152) : (tensor<2x4x4x4xbf16>) -> tensor<2x2x8x4xbf16>
    %188 = "stablehlo.dot_general"(%187, %154) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0, 1],
  rhs_batching_dimensions = [0, 1],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [3]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x2x8x4xbf16>, tensor<2x2x4x4xbf16>) -> tensor<2x2x8x4xf32>
    %189 = "stablehlo.reshape"(%188) : (tensor<2x2x8x4xf32>) -> tensor<2x2x2x4x4xf32>
    %190 = "stablehlo.broadcast_in_dim"(%84) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x2x2x4x4xf32>
    %191 = "stablehlo.multiply"(%189, %190) : (tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %192 = "stablehlo.broadcast_in_dim"(%186) { broadcast_dimensions = array<i64: 3, 4> } : (tensor<4x4xi1>) -> tensor<2x2x2x4x4xi1>
    %193 = "stablehlo.broadcast_in_dim"(%88) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x2x2x4x4xf32>
    %194 = "stablehlo.select"(%192, %191, %193) : (tensor<2x2x2x4x4xi1>, tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %196 = "stablehlo.reduce"(%194, %91) ({
      ^reductionFn(%arg19: tensor<f32>, %arg20: tensor<f32>) :
          %195 = "stablehlo.maximum"(%arg19, %arg20) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%195) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 4> } : (tensor<2x2x2x4x4xf32>, tensor<f32>) -> tensor<2x2x2x4xf32>
    %197 = "stablehlo.broadcast_in_dim"(%196) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<2x2x2x4xf32>) -> tensor<2x2x2x4x4xf32>
    %198 = "stablehlo.subtract"(%194, %197) : (tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %199 = "stablehlo.exponential"(%198) : (tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %201 = "stablehlo.reduce"(%199, %97) ({
      ^reductionFn(%arg21: tensor<f32>, %arg22: tensor<f32>) :
          %200 = "stablehlo.add"(%arg21, %arg22) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%200) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 4> } : (tensor<2x2x2x4x4xf32>, tensor<f32>) -> tensor<2x2x2x4xf32>
    %202 = "stablehlo.broadcast_in_dim"(%201) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<2x2x2x4xf32>) -> tensor<2x2x2x4x4xf32>
    %203 = "stablehlo.divide"(%199, %202) : (tensor<2x2x2x4x4xf32>, tensor<2x2x2x4x4xf32>) -> tensor<2x2x2x4x4xf32>
    %204 = "stablehlo.reshape"(%203) : (tensor<2x2x2x4x4xf32>) -> tensor<2x2x8x4xf32>
    %205 = "stablehlo.convert"(%204) : (tensor<2x2x8x4xf32>) -> tensor<2x2x8x4xbf16>
    %206 = "stablehlo.dot_general"(%205, %156) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0, 1],
  rhs_batching_dimensions = [0, 1],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [2]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x2x8x4xbf16>, tensor<2x2x4x4xbf16>) -> tensor<2x2x8x4xbf16>
    %207 = "stablehlo.reshape"(%206) : (tensor<2x2x8x4xbf16>) -> tensor<2x4x4x4xbf16>
    %208 = "stablehlo.transpose"(%207) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x4x4xbf16>) -> tensor<2x4x4x4xbf16>
    %209 = "stablehlo.reshape"(%208) : (tensor<2x4x4x4xbf16>) -> tensor<2x4x16xbf16>
    %210 = "stablehlo.reshape"(%209) : (tensor<2x4x16xbf16>) -> tensor<8x16xbf16>
    %211 = "stablehlo.dot_general"(%210, %arg10) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<8x16xbf16>, tensor<16x8xbf16>) -> tensor<8x8xbf16>
    %212 = "stablehlo.reshape"(%211) : (tensor<8x8xbf16>) -> tensor<2x4x8xbf16>
    %213 = "stablehlo.add"(%111, %212) : (tensor<2x4x8xbf16>, tensor<2x4x8xbf16>) -> tensor<2x4x8xbf16>
    %214 = "stablehlo.slice"(%213) {
      limit_indices = array<i64: 2, 4, 8>,
      start_indices = array<i64: 0, 3, 0>,
      strides = array<i64: 1, 1, 1>
    } : (tensor<2x4x8xbf16>) -> tensor<2x1x8xbf16>
    %215 = "stablehlo.reshape"(%214) : (tensor<2x1x8xbf16>) -> tensor<2x8xbf16>
    %216 = "stablehlo.convert"(%215) : (tensor<2x8xbf16>) -> tensor<2x8xf32>
    "stablehlo.return"(%216, %67, %68, %157, %158) : (tensor<2x8xf32>, tensor<2x2x7x4xbf16>, tensor<2x2x7x4xbf16>, tensor<2x2x7x4xbf16>, tensor<2x2x7x4xbf16>) -> ()
  }
}
