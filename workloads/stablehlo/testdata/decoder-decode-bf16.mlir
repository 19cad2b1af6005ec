module @decode {
  func.func @main(%arg0: tensor<2x1xi32>, %arg1: tensor<1xi32>, %arg2: tensor<11x8xbf16>, %arg3: tensor<8x16xbf16>, %arg4: tensor<8x8xbf16>, %arg5: tensor<8x8xbf16>, %arg6: tensor<16x8xbf16>, %arg7: tensor<8x16xbf16>, %arg8: tensor<8x8xbf16>, %arg9: tensor<8x8xbf16>, %arg10: tensor<16x8xbf16>, %arg11: tensor<2x2x7x4xbf16> { tf.aliasing_output = 1 : i32 }, %arg12: tensor<2x2x7x4xbf16> { tf.aliasing_output = 2 : i32 }, %arg13: tensor<2x2x7x4xbf16> { tf.aliasing_output = 3 : i32 }, %arg14: tensor<2x2x7x4xbf16> { tf.aliasing_output = 4 : i32 }) -> (tensor<2x8xf32>, tensor<2x2x7x4xbf16>, tensor<2x2x7x4xbf16>, tensor<2x2x7x4xbf16>, tensor<2x2x7x4xbf16>) {
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
    } : (tensor<11x8xbf16>, tensor<2x1xi32>) -> tensor<2x1x8xbf16>
    %1 = "stablehlo.reshape"(%0) : (tensor<2x1x8xbf16>) -> tensor<2x8xbf16>
    %2 = "stablehlo.dot_general"(%1, %arg3) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x8xbf16>, tensor<8x16xbf16>) -> tensor<2x16xbf16>
    %3 = "stablehlo.reshape"(%2) : (tensor<2x16xbf16>) -> tensor<2x1x16xbf16>
    %4 = "stablehlo.reshape"(%3) : (tensor<2x1x16xbf16>) -> tensor<2x1x4x4xbf16>
    %5 = "stablehlo.convert"(%4) : (tensor<2x1x4x4xbf16>) -> tensor<2x1x4x4xf32>
    %6 = "stablehlo.slice"(%5) {
      limit_indices = array<i64: 2, 1, 4, 2>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x1x4x4xf32>) -> tensor<2x1x4x2xf32>
    %7 = "stablehlo.slice"(%5) {
      limit_indices = array<i64: 2, 1, 4, 4>,
      start_indices = array<i64: 0, 0, 0, 2>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x1x4x4xf32>) -> tensor<2x1x4x2xf32>
    %8 = "stablehlo.reshape"(%arg1) : (tensor<1xi32>) -> tensor<i32>
    %9 = "stablehlo.convert"(%8) : (tensor<i32>) -> tensor<ui32>
    %10 = "stablehlo.iota"() { iota_dimension = 0 : i64 } : () -> tensor<1x2xui32>
    %11 = "stablehlo.broadcast_in_dim"(%9) { broadcast_dimensions = array<i64> } : (tensor<ui32>) -> tensor<1x2xui32>
    %12 = "stablehlo.add"(%10, %11) : (tensor<1x2xui32>, tensor<1x2xui32>) -> tensor<1x2xui32>
    %13 = "stablehlo.constant"() { value = dense<[683565276, 96670728]> : tensor<2xui32> } : () -> tensor<2xui32>
    %14 = "stablehlo.broadcast_in_dim"(%13) { broadcast_dimensions = array<i64: 1> } : (tensor<2xui32>) -> tensor<1x2xui32>
    %15 = "stablehlo.multiply"(%12, %14) : (tensor<1x2xui32>, tensor<1x2xui32>) -> tensor<1x2xui32>
    %16 = "stablehlo.bitcast_convert"(%15) : (tensor<1x2xui32>) -> tensor<1x2xi32>
    %17 = "stablehlo.convert"(%16) : (tensor<1x2xi32>) -> tensor<1x2xf32>
    %18 = "stablehlo.constant"() { value = dense<1.462918119976564e-09> : tensor<f32> } : () -> tensor<f32>
    %19 = "stablehlo.broadcast_in_dim"(%18) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x2xf32>
    %20 = "stablehlo.multiply"(%17, %19) : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %21 = "stablehlo.cosine"(%20) : (tensor<1x2xf32>) -> tensor<1x2xf32>
    %22 = "stablehlo.constant"() { value = dense<1.0> : tensor<f32> } : () -> tensor<f32>
    %23 = "stablehlo.broadcast_in_dim"(%22) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x2xf32>
    %24 = "stablehlo.multiply"(%21, %23) : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %25 = "stablehlo.broadcast_in_dim"(%24) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<1x2xf32>) -> tensor<2x1x4x2xf32>
    %26 = "stablehlo.sine"(%20) : (tensor<1x2xf32>) -> tensor<1x2xf32>
    %27 = "stablehlo.broadcast_in_dim"(%22) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x2xf32>
    %28 = "stablehlo.multiply"(%26, %27) : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %29 = "stablehlo.broadcast_in_dim"(%28) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<1x2xf32>) -> tensor<2x1x4x2xf32>
    %30 = "stablehlo.multiply"(%6, %25) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %31 = "stablehlo.multiply"(%7, %29) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %32 = "stablehlo.subtract"(%30, %31) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %33 = "stablehlo.multiply"(%6, %29) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %34 = "stablehlo.multiply"(%7, %25) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %35 = "stablehlo.add"(%33, %34) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %36 = "stablehlo.concatenate"(%32, %35) { dimension = 3 : i64 } : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x4xf32>
    %37 = "stablehlo.reshape"(%36) : (tensor<2x1x4x4xf32>) -> tensor<2x1x16xf32>
    %38 = "stablehlo.convert"(%37) : (tensor<2x1x16xf32>) -> tensor<2x1x16xbf16>
    %39 = "stablehlo.reshape"(%0) : (tensor<2x1x8xbf16>) -> tensor<2x8xbf16>
    %40 = "stablehlo.dot_general"(%39, %arg4) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x8xbf16>, tensor<8x8xbf16>) -> tensor<2x8xbf16>
    %41 = "stablehlo.reshape"(%40) : (tensor<2x8xbf16>) -> tensor<2x1x8xbf16>
    %42 = "stablehlo.reshape"(%41) : (tensor<2x1x8xbf16>) -> tensor<2x1x2x4xbf16>
    %43 = "stablehlo.convert"(%42) : (tensor<2x1x2x4xbf16>) -> tensor<2x1x2x4xf32>
    %44 = "stablehlo.slice"(%43) {
      limit_indices = array<i64: 2, 1, 2, 2>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x1x2x4xf32>) -> tensor<2x1x2x2xf32>
    %45 = "stablehlo.slice"(%43) {
      limit_indices = array<i64: 2, 1, 2, 4>,
      start_indices = array<i64: 0, 0, 0, 2>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x1x2x4xf32>) -> tensor<2x1x2x2xf32>
    %46 = "stablehlo.broadcast_in_dim"(%24) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<1x2xf32>) -> tensor<2x1x2x2xf32>
    %47 = "stablehlo.broadcast_in_dim"(%28) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<1x2xf32>) -> tensor<2x1x2x2xf32>
    %48 = "stablehlo.multiply"(%44, %46) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %49 = "stablehlo.multiply"(%45, %47) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %50 = "stablehlo.subtract"(%48, %49) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %51 = "stablehlo.multiply"(%44, %47) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %52 = "stablehlo.multiply"(%45, %46) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %53 = "stablehlo.add"(%51, %52) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %54 = "stablehlo.concatenate"(%50, %53) { dimension = 3 : i64 } : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x4xf32>
    %55 = "stablehlo.reshape"(%54) : (tensor<2x1x2x4xf32>) -> tensor<2x1x8xf32>
    %56 = "stablehlo.convert"(%55) : (tensor<2x1x8xf32>) -> tensor<2x1x8xbf16>
    %57 = "stablehlo.reshape"(%0) : (tensor<2x1x8xbf16>) -> tensor<2x8xbf16>
    %58 = "stablehlo.dot_general"(%57, %arg5) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x8xbf16>, tensor<8x8xbf16>) -> tensor<2x8xbf16>
    %59 = "stablehlo.reshape"(%58) : (tensor<2x8xbf16>) -> tensor<2x1x8xbf16>
    %60 = "stablehlo.reshape"(%38) : (tensor<2x1x16xbf16>) -> tensor<2x1x4x4xbf16>
    %61 = "stablehlo.transpose"(%60) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x1x4x4xbf16>) -> tensor<2x4x1x4xbf16>
    %62 = "stablehlo.reshape"(%56) : (tensor<2x1x8xbf16>) -> tensor<2x1x2x4xbf16>
    %63 = "stablehlo.transpose"(%62) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x1x2x4xbf16>) -> tensor<2x2x1x4xbf16>
    %64 = "stablehlo.reshape"(%59) : (tensor<2x1x8xbf16>) -> tensor<2x1x2x4xbf16>
    %65 = "stablehlo.transpose"(%64) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x1x2x4xbf16>) -> tensor<2x2x1x4xbf16>
    %66 = "stablehlo.constant"() { value = dense<0> : tensor<i32> } : () -> tensor<i32>
    %67 = "stablehlo.dynamic_update_slice"(%arg11, %63, %66, %66, %8, %66) : (tensor<2x2x7x4xbf16>, tensor<2x2x1x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x7x4xbf16>
    %68 = "stablehlo.dynamic_update_slice"(%arg12, %65, %66, %66, %8, %66) : (tensor<2x2x7x4xbf16>, tensor<2x2x1x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x7x4xbf16>
    %69 = "stablehlo.iota"() { iota_dimension = 0 : i64 } : () -> tensor<1x7xi32>
    %70 = "stablehlo.broadcast_in_dim"(%8) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<1x7xi32>
    %71 = "stablehlo.add"(%69, %70) : (tensor<1x7xi32>, tensor<1x7xi32>) -> tensor<1x7xi32>
    %72 = "stablehlo.iota"() { iota_dimension = 1 : i64 } : () -> tensor<1x7xi32>
    %73 = "stablehlo.compare"(%72, %71) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction LE>
    } : (tensor<1x7xi32>, tensor<1x7xi32>) -> tensor<1x7xi1>
    %74 = "stablehlo.reshape"(%61) : (tensor<2x4x1x4xbf16>) -> tensor<2x2x2x4xbf16>
    %75 = "stablehlo.dot_general"(%74, %67) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0, 1],
  rhs_batching_dimensions = [0, 1],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [3]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x2x2x4xbf16>, tensor<2x2x7x4xbf16>) -> tensor<2x2x2x7xf32>
    %76 = "stablehlo.reshape"(%75) : (tensor<2x2x2x7xf32>) -> tensor<2x2x2x1x7xf32>
    %77 = "stablehlo.constant"() { value = dense<0.5> : tensor<f32> } : () -> tensor<f32>
    %78 = "stablehlo.broadcast_in_dim"(%77) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x2x2x1x7xf32>
    %79 = "stablehlo.multiply"(%76, %78) : (tensor<2x2x2x1x7xf32>, tensor<2x2x2x1x7xf32>) -> tensor<2x2x2x1x7xf32>
    %80 = "stablehlo.broadcast_in_dim"(%73) { broadcast_dimensions = array<i64: 3, 4> } : (tensor<1x7xi1>) -> tensor<2x2x2x1x7xi1>
    %81 = "stablehlo.constant"() { value = dense<-3.4028234663852886e+38> : tensor<f32> } : () -> tensor<f32>
    %82 = "stablehlo.broadcast_in_dim"(%81) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x2x2x1x7xf32>
    %83 = "stablehlo.select"(%80, %79, %82) : (tensor<2x2x2x1x7xi1>, tensor<2x2x2x1x7xf32>, tensor<2x2x2x1x7xf32>) -> tensor<2x2x2x1x7xf32>
    %84 = "stablehlo.constant"() { value = dense<0xff800000> : tensor<f32> } : () -> tensor<f32>
    %86 = "stablehlo.reduce"(%83, %84) ({
      ^reductionFn(%arg15: tensor<f32>, %arg16: tensor<f32>) :
          %85 = "stablehlo.maximum"(%arg15, %arg16) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%85) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 4> } : (tensor<2x2x2x1x7xf32>, tensor<f32>) -> tensor<2x2x2x1xf32>
    %87 = "stablehlo.broadcast_in_dim"(%86) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<2x2x2x1xf32>) -> tensor<2x2x2x1x7xf32>
    %88 = "stablehlo.subtract"(%83, %87) : (tensor<2x2x2x1x7xf32>, tensor<2x2x2x1x7xf32>) -> tensor<2x2x2x1x7xf32>
    %89 = "stablehlo.exponential"(%88) : (tensor<2x2x2x1x7xf32>) -> tensor<2x2x2x1x7xf32>
    %90 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %92 = "stablehlo.reduce"(%89, %90) ({
      ^reductionFn(%arg17: tensor<f32>, %arg18: tensor<f32>) :
          %91 = "stablehlo.add"(%arg17, %arg18) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%91) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 4> } : (tensor<2x2x2x1x7xf32>, tensor<f32>) -> tensor<2x2x2x1xf32>
    %93 = "stablehlo.broadcast_in_dim"(%92) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<2x2x2x1xf32>) -> tensor<2x2x2x1x7xf32>
    %94 = "stablehlo.divide"(%89, %93) : (tensor<2x2x2x1x7xf32>, tensor<2x2x2x1x7xf32>) -> tensor<2x2x2x1x7xf32>
    %95 = "stablehlo.reshape"(%94) : (tensor<2x2x2x1x7xf32>) -> tensor<2x2x2x7xf32>
    %96 = "stablehlo.convert"(%95) : (tensor<2x2x2x7xf32>) -> tensor<2x2x2x7xbf16>
    %97 = "stablehlo.dot_general"(%96, %68) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0, 1],
  rhs_batching_dimensions = [0, 1],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [2]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x2x2x7xbf16>, tensor<2x2x7x4xbf16>) -> tensor<2x2x2x4xbf16>
    %98 = "stablehlo.reshape"(%97) : (tensor<2x2x2x4xbf16>) -> tensor<2x4x1x4xbf16>
    %99 = "stablehlo.transpose"(%98) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x1x4xbf16>) -> tensor<2x1x4x4xbf16>
    %100 = "stablehlo.reshape"(%99) : (tensor<2x1x4x4xbf16>) -> tensor<2x1x16xbf16>
    %101 = "stablehlo.reshape"(%100) : (tensor<2x1x16xbf16>) -> tensor<2x16xbf16>
    %102 = "stablehlo.dot_general"(%101, %arg6) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x16xbf16>, tensor<16x8xbf16>) -> tensor<2x8xbf16>
    %103 = "stablehlo.reshape"(%102) : (tensor<2x8xbf16>) -> tensor<2x1x8xbf16>
    %104 = "stablehlo.add"(%0, %103) : (tensor<2x1x8xbf16>, tensor<2x1x8xbf16>) -> tensor<2x1x8xbf16>
    %105 = "stablehlo.reshape"(%104) : (tensor<2x1x8xbf16>) -> tensor<2x8xbf16>
    %106 = "stablehlo.dot_general"(%105, %arg7) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x8xbf16>, tensor<8x16xbf16>) -> tensor<2x16xbf16>
    %107 = "stablehlo.reshape"(%106) : (tensor<2x16xbf16>) -> tensor<2x1x16xbf16>
    %108 = "stablehlo.reshape"(%107) : (tensor<2x1x16xbf16>) -> tensor<2x1x4x4xbf16>
    %109 = "stablehlo.convert"(%108) : (tensor<2x1x4x4xbf16>) -> tensor<2x1x4x4xf32>
    %110 = "stablehlo.slice"(%109) {
      limit_indices = array<i64: 2, 1, 4, 2>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x1x4x4xf32>) -> tensor<2x1x4x2xf32>
    %111 = "stablehlo.slice"(%109) {
      limit_indices = array<i64: 2, 1, 4, 4>,
      start_indices = array<i64: 0, 0, 0, 2>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x1x4x4xf32>) -> tensor<2x1x4x2xf32>
    %112 = "stablehlo.broadcast_in_dim"(%24) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<1x2xf32>) -> tensor<2x1x4x2xf32>
    %113 = "stablehlo.broadcast_in_dim"(%28) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<1x2xf32>) -> tensor<2x1x4x2xf32>
    %114 = "stablehlo.multiply"(%110, %112) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %115 = "stablehlo.multiply"(%111, %113) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %116 = "stablehlo.subtract"(%114, %115) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %117 = "stablehlo.multiply"(%110, %113) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %118 = "stablehlo.multiply"(%111, %112) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %119 = "stablehlo.add"(%117, %118) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %120 = "stablehlo.concatenate"(%116, %119) { dimension = 3 : i64 } : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x4xf32>
    %121 = "stablehlo.reshape"(%120) : (tensor<2x1x4x4xf32>) -> tensor<2x1x16xf32>
    %122 = "stablehlo.convert"(%121) : (tensor<2x1x16xf32>) -> tensor<2x1x16xbf16>
    %123 = "stablehlo.reshape"(%104) : (tensor<2x1x8xbf16>) -> tensor<2x8xbf16>
    %124 = "stablehlo.dot_general"(%123, %arg8) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x8xbf16>, tensor<8x8xbf16>) -> tensor<2x8xbf16>
    %125 = "stablehlo.reshape"(%124) : (tensor<2x8xbf16>) -> tensor<2x1x8xbf16>
    %126 = "stablehlo.reshape"(%125) : (tensor<2x1x8xbf16>) -> tensor<2x1x2x4xbf16>
    %127 = "stablehlo.convert"(%126) : (tensor<2x1x2x4xbf16>) -> tensor<2x1x2x4xf32>
    %128 = "stablehlo.slice"(%127) {
      limit_indices = array<i64: 2, 1, 2, 2>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x1x2x4xf32>) -> tensor<2x1x2x2xf32>
    %129 = "stablehlo.slice"(%127) {
      limit_indices = array<i64: 2, 1, 2, 4>,
      start_indices = array<i64: 0, 0, 0, 2>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x1x2x4xf32>) -> tensor<2x1x2x2xf32>
    %130 = "stablehlo.broadcast_in_dim"(%24) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<1x2xf32>) -> tensor<2x1x2x2xf32>
    %131 = "stablehlo.broadcast_in_dim"(%28) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<1x2xf32>) -> tensor<2x1x2x2xf32>
    %132 = "stablehlo.multiply"(%128, %130) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %133 = "stablehlo.multiply"(%129, %131) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %134 = "stablehlo.subtract"(%132, %133) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %135 = "stablehlo.multiply"(%128, %131) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %136 = "stablehlo.multiply"(%129, %130) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %137 = "stablehlo.add"(%135, %136) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %138 = "stablehlo.concatenate"(%134, %137) { dimension = 3 : i64 } : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x4xf32>
    %139 = "stablehlo.reshape"(%138) : (tensor<2x1x2x4xf32>) -> tensor<2x1x8xf32>
    %140 = "stablehlo.convert"(%139) : (tensor<2x1x8xf32>) -> tensor<2x1x8xbf16>
    %141 = "stablehlo.reshape"(%104) : (tensor<2x1x8xbf16>) -> tensor<2x8xbf16>
    %142 = "stablehlo.dot_general"(%141, %arg9) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x8xbf16>, tensor<8x8xbf16>) -> tensor<2x8xbf16>
    %143 = "stablehlo.reshape"(%142) : (tensor<2x8xbf16>) -> tensor<2x1x8xbf16>
    %144 = "stablehlo.reshape"(%122) : (tensor<2x1x16xbf16>) -> tensor<2x1x4x4xbf16>
    %145 = "stablehlo.transpose"(%144) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x1x4x4xbf16>) -> tensor<2x4x1x4xbf16>
    %146 = "stablehlo.reshape"(%140) : (tensor<2x1x8xbf16>) -> tensor<2x1x2x4xbf16>
    %147 = "stablehlo.transpose"(%146) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x1x2x4xbf16>) -> tensor<2x2x1x4xbf16>
    %148 = "stablehlo.reshape"(%143) : (tensor<2x1x8xbf16>) -> tensor<2x1x2x4xbf16>
    %149 = "stablehlo.transpose"(%148) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x1x2x4xbf16>) -> tensor<2x2x1x4xbf16>
    %150 = "stablehlo.dynamic_update_slice"(%arg13, %147, %66, %66, %8, %66) : (tensor<2x2x7x4xbf16>, tensor<2x2x1x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x7x4xbf16>
    %151 = "stablehlo.dynamic_update_slice"(%arg14, %149, %66, %66, %8, %66) : (tensor<2x2x7x4xbf16>, tensor<2x2x1x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x7x4xbf16>
    %152 = "stablehlo.constant"() { value = dense<2> : tensor<i32> } : () -> tensor<i32>
    %153 = "stablehlo.subtract"(%8, %152) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    %154 = "stablehlo.maximum"(%153, %66) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    %155 = "stablehlo.dynamic_slice"(%150, %66, %66, %154, %66) { slice_sizes = array<i64: 2, 2, 3, 4> } : (tensor<2x2x7x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x3x4xbf16>
    %156 = "stablehlo.dynamic_slice"(%151, %66, %66, %154, %66) { slice_sizes = array<i64: 2, 2, 3, 4> } : (tensor<2x2x7x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x3x4xbf16>
    %157 = "stablehlo.iota"() { iota_dimension = 0 : i64 } : () -> tensor<1x3xi32>
    %158 = "stablehlo.broadcast_in_dim"(%8) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<1x3xi32>
    %159 = "stablehlo.add"(%157, %158) : (tensor<1x3xi32>, tensor<1x3xi32>) -> tensor<1x3xi32>
    %160 = "stablehlo.iota"() { iota_dimension = 1 : i64 } : () -> tensor<1x3xi32>
    %161 = "stablehlo.broadcast_in_dim"(%154) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<1x3xi32>
    %162 = "stablehlo.add"(%160, %161) : (tensor<1x3xi32>, tensor<1x3xi32>) -> tensor<1x3xi32>
    %163 = "stablehlo.compare"(%162, %159) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction LE>
    } : (tensor<1x3xi32>, tensor<1x3xi32>) -> tensor<1x3xi1>
    %164 = "stablehlo.constant"() { value = dense<3> : tensor<i32> } : () -> tensor<i32>
    %165 = "stablehlo.broadcast_in_dim"(%164) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<1x3xi32>
    %166 = "stablehlo.subtract"(%159, %165) : (tensor<1x3xi32>, tensor<1x3xi32>) -> tensor<1x3xi32>
    %167 = "stablehlo.compare"(%162, %166) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction GT>
    } : (tensor<1x3xi32>, tensor<1x3xi32>) -> tensor<1x3xi1>
    %168 = "stablehlo.and"(%163, %167) : (tensor<1x3xi1>, tensor<1x3xi1>) -> tensor<1x3xi1>
    %169 = "stablehlo.reshape"(%145) : (tensor<2x4x1x4xbf16>) -> tensor<2x2x2x4xbf16>
    %170 = "stablehlo.dot_general"(%169, %155) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0, 1],
  rhs_batching_dimensions = [0, 1],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [3]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x2x2x4xbf16>, tensor<2x2x3x4xbf16>) -> tensor<2x2x2x3xf32>
    %171 = "stablehlo.reshape"(%170) : (tensor<2x2x2x3xf32>) -> tensor<2x2x2x1x3xf32>
    %172 = "stablehlo.broadcast_in_dim"(%77) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x2x2x1x3xf32>
    %173 = "stablehlo.multiply"(%171, %172) : (tensor<2x2x2x1x3xf32>, tensor<2x2x2x1x3xf32>) -> tensor<2x2x2x1x3xf32>
    %174 = "stablehlo.broadcast_in_dim"(%168) { broadcast_dimensions = array<i64: 3, 4> } : (tensor<1x3xi1>) -> tensor<2x2x2x1x3xi1>
    %175 = "stablehlo.broadcast_in_dim"(%81) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x2x2x1x3xf32>
    %176 = "stablehlo.select"(%174, %173, %175) : (tensor<2x2x2x1x3xi1>, tensor<2x2x2x1x3xf32>, tensor<2x2x2x1x3xf32>) -> tensor<2x2x2x1x3xf32>
    %178 = "stablehlo.reduce"(%176, %84) ({
      ^reductionFn(%arg19: tensor<f32>, %arg20: tensor<f32>) :
          %177 = "stablehlo.maximum"(%arg19, %arg20) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%177) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 4> } : (tensor<2x2x2x1x3xf32>, tensor<f32>) -> tensor<2x2x2x1xf32>
    %179 = "stablehlo.broadcast_in_dim"(%178) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<2x2x2x1xf32>) -> tensor<2x2x2x1x3xf32>
    %180 = "stablehlo.subtract"(%176, %179) : (tensor<2x2x2x1x3xf32>, tensor<2x2x2x1x3xf32>) -> tensor<2x2x2x1x3xf32>
    %181 = "stablehlo.exponential"(%180) : (tensor<2x2x2x1x3xf32>) -> tensor<2x2x2x1x3xf32>
    %183 = "stablehlo.reduce"(%181, %90) ({
      ^reductionFn(%arg21: tensor<f32>, %arg22: tensor<f32>) :
          %182 = "stablehlo.add"(%arg21, %arg22) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%182) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 4> } : (tensor<2x2x2x1x3xf32>, tensor<f32>) -> tensor<2x2x2x1xf32>
    %184 = "stablehlo.broadcast_in_dim"(%183) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<2x2x2x1xf32>) -> tensor<2x2x2x1x3xf32>
    %185 = "stablehlo.divide"(%181, %184) : (tensor<2x2x2x1x3xf32>, tensor<2x2x2x1x3xf32>) -> tensor<2x2x2x1x3xf32>
    %186 = "stablehlo.reshape"(%185) : (tensor<2x2x2x1x3xf32>) -> tensor<2x2x2x3xf32>
    %187 = "stablehlo.convert"(%186) : (tensor<2x2x2x3xf32>) -> tensor<2x2x2x3xbf16>
    %188 = "stablehlo.dot_general"(%187, %156) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0, 1],
  rhs_batching_dimensions = [0, 1],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [2]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x2x2x3xbf16>, tensor<2x2x3x4xbf16>) -> tensor<2x2x2x4xbf16>
    %189 = "stablehlo.reshape"(%188) : (tensor<2x2x2x4xbf16>) -> tensor<2x4x1x4xbf16>
    %190 = "stablehlo.transpose"(%189) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x1x4xbf16>) -> tensor<2x1x4x4xbf16>
    %191 = "stablehlo.reshape"(%190) : (tensor<2x1x4x4xbf16>) -> tensor<2x1x16xbf16>
    %192 = "stablehlo.reshape"(%191) : (tensor<2x1x16xbf16>) -> tensor<2x16xbf16>
    %193 = "stablehlo.dot_general"(%192, %arg10) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x16xbf16>, tensor<16x8xbf16>) -> tensor<2x8xbf16>
    %194 = "stablehlo.reshape"(%193) : (tensor<2x8xbf16>) -> tensor<2x1x8xbf16>
    %195 = "stablehlo.add"(%104, %194) : (tensor<2x1x8xbf16>, tensor<2x1x8xbf16>) -> tensor<2x1x8xbf16>
    %196 = "stablehlo.reshape"(%195) : (tensor<2x1x8xbf16>) -> tensor<2x8xbf16>
    %197 = "stablehlo.convert"(%196) : (tensor<2x8xbf16>) -> tensor<2x8xf32>
    "stablehlo.return"(%197, %67, %68, %150, %151) : (tensor<2x8xf32>, tensor<2x2x7x4xbf16>, tensor<2x2x7x4xbf16>, tensor<2x2x7x4xbf16>, tensor<2x2x7x4xbf16>) -> ()
  }
}
