module @test {
  func.func @main(%arg0: tensor<1x2x8xf32>, %arg1: tensor<8x4xf32>, %arg2: tensor<4x8x6xf16>, %arg3: tensor<4x8x6xf16>, %arg4: tensor<4x6x8xf16>) -> tensor<1x2x8xf32> {
    %0 = "stablehlo.convert"(%arg0) : (tensor<1x2x8xf32>) -> tensor<1x2x8xf16>
    %1 = "stablehlo.convert"(%0) : (tensor<1x2x8xf16>) -> tensor<1x2x8xf32>
    %2 = "stablehlo.dot_general"(%1, %arg1) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [2],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]
    } : (tensor<1x2x8xf32>, tensor<8x4xf32>) -> tensor<1x2x4xf32>
    %3 = "stablehlo.reshape"(%0) : (tensor<1x2x8xf16>) -> tensor<2x8xf16>
    %4 = "stablehlo.reshape"(%2) : (tensor<1x2x4xf32>) -> tensor<2x4xf32>
    %5 = "stablehlo.iota"() { iota_dimension = 1 : i64 } : () -> tensor<2x4xi32>
    %6 = "stablehlo.constant"() { value = dense<0xff800000> : tensor<f32> } : () -> tensor<f32>
    %8 = "stablehlo.reduce"(%4, %6) ({
      ^reductionFn(%arg5: tensor<f32>, %arg6: tensor<f32>) :
          %7 = "stablehlo.maximum"(%arg5, %arg6) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%7) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 1> } : (tensor<2x4xf32>, tensor<f32>) -> tensor<2xf32>
    %9 = "stablehlo.broadcast_in_dim"(%8) { broadcast_dimensions = array<i64: 0> } : (tensor<2xf32>) -> tensor<2x4xf32>
    %10 = "stablehlo.compare"(%4, %9) {
      compare_type = #stablehlo<comparison_type FLOAT>,
      comparison_direction = #stablehlo<comparison_direction GE>
    } : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xi1>
    %11 = "stablehlo.constant"() { value = dense<3> : tensor<i32> } : () -> tensor<i32>
    %12 = "stablehlo.broadcast_in_dim"(%11) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<2x4xi32>
    %13 = "stablehlo.select"(%10, %5, %12) : (tensor<2x4xi1>, tensor<2x4xi32>, tensor<2x4xi32>) -> tensor<2x4xi32>
    %14 = "stablehlo.constant"() { value = dense<2147483647> : tensor<i32> } : () -> tensor<i32>
    %16 = "stablehlo.reduce"(%13, %14) ({
      ^reductionFn(%arg7: tensor<i32>, %arg8: tensor<i32>) :
          %15 = "stablehlo.minimum"(%arg7, %arg8) : (tensor<i32>, tensor<i32>) -> tensor<i32>
          "stablehlo.return"(%15) : (tensor<i32>) -> ()
    }) { dimensions = array<i64: 1> } : (tensor<2x4xi32>, tensor<i32>) -> tensor<2xi32>
    %17 = "stablehlo.broadcast_in_dim"(%16) { broadcast_dimensions = array<i64: 0> } : (tensor<2xi32>) -> tensor<2x4xi32>
    %18 = "stablehlo.compare"(%5, %17) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction EQ>
    } : (tensor<2x4xi32>, tensor<2x4xi32>) -> tensor<2x4xi1>
    %19 = "stablehlo.broadcast_in_dim"(%6) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x4xf32>
    %20 = "stablehlo.select"(%18, %19, %4) : (tensor<2x4xi1>, tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
    %21 = "stablehlo.reshape"(%16) : (tensor<2xi32>) -> tensor<2x1xi32>
    %22 = "stablehlo.reshape"(%8) : (tensor<2xf32>) -> tensor<2x1xf32>
    %24 = "stablehlo.reduce"(%20, %6) ({
      ^reductionFn(%arg9: tensor<f32>, %arg10: tensor<f32>) :
          %23 = "stablehlo.maximum"(%arg9, %arg10) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%23) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 1> } : (tensor<2x4xf32>, tensor<f32>) -> tensor<2xf32>
    %25 = "stablehlo.broadcast_in_dim"(%24) { broadcast_dimensions = array<i64: 0> } : (tensor<2xf32>) -> tensor<2x4xf32>
    %26 = "stablehlo.compare"(%20, %25) {
      compare_type = #stablehlo<comparison_type FLOAT>,
      comparison_direction = #stablehlo<comparison_direction GE>
    } : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xi1>
    %27 = "stablehlo.broadcast_in_dim"(%11) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<2x4xi32>
    %28 = "stablehlo.select"(%26, %5, %27) : (tensor<2x4xi1>, tensor<2x4xi32>, tensor<2x4xi32>) -> tensor<2x4xi32>
    %30 = "stablehlo.reduce"(%28, %14) ({
      ^reductionFn(%arg11: tensor<i32>, %arg12: tensor<i32>) :
          %29 = "stablehlo.minimum"(%arg11, %arg12) : (tensor<i32>, tensor<i32>) -> tensor<i32>
          "stablehlo.return"(%29) : (tensor<i32>) -> ()
    }) { dimensions = array<i64: 1> } : (tensor<2x4xi32>, tensor<i32>) -> tensor<2xi32>
    %31 = "stablehlo.broadcast_in_dim"(%30) { broadcast_dimensions = array<i64: 0> } : (tensor<2xi32>) -> tensor<2x4xi32>
    %32 = "stablehlo.compare"(%5, %31) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction EQ>
    } : (tensor<2x4xi32>, tensor<2x4xi32>) -> tensor<2x4xi1>
    %33 = "stablehlo.broadcast_in_dim"(%6) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x4xf32>
    %34 = "stablehlo.select"(%32, %33, %20) : (tensor<2x4xi1>, tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
    %35 = "stablehlo.reshape"(%30) : (tensor<2xi32>) -> tensor<2x1xi32>
    %36 = "stablehlo.reshape"(%24) : (tensor<2xf32>) -> tensor<2x1xf32>
    %37 = "stablehlo.concatenate"(%21, %35) { dimension = 1 : i64 } : (tensor<2x1xi32>, tensor<2x1xi32>) -> tensor<2x2xi32>
    %38 = "stablehlo.concatenate"(%22, %36) { dimension = 1 : i64 } : (tensor<2x1xf32>, tensor<2x1xf32>) -> tensor<2x2xf32>
    %40 = "stablehlo.reduce"(%38, %6) ({
      ^reductionFn(%arg13: tensor<f32>, %arg14: tensor<f32>) :
          %39 = "stablehlo.maximum"(%arg13, %arg14) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%39) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 1> } : (tensor<2x2xf32>, tensor<f32>) -> tensor<2xf32>
    %41 = "stablehlo.broadcast_in_dim"(%40) { broadcast_dimensions = array<i64: 0> } : (tensor<2xf32>) -> tensor<2x2xf32>
    %42 = "stablehlo.subtract"(%38, %41) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
    %43 = "stablehlo.exponential"(%42) : (tensor<2x2xf32>) -> tensor<2x2xf32>
    %44 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %46 = "stablehlo.reduce"(%43, %44) ({
      ^reductionFn(%arg15: tensor<f32>, %arg16: tensor<f32>) :
          %45 = "stablehlo.add"(%arg15, %arg16) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%45) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 1> } : (tensor<2x2xf32>, tensor<f32>) -> tensor<2xf32>
    %47 = "stablehlo.broadcast_in_dim"(%46) { broadcast_dimensions = array<i64: 0> } : (tensor<2xf32>) -> tensor<2x2xf32>
    %48 = "stablehlo.divide"(%43, %47) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
    %49 = "stablehlo.gather"(%arg2, %37) {
      dimension_numbers = #stablehlo.gather<
  offset_dims = [2, 3],
  collapsed_slice_dims = [0],
  operand_batching_dims = [],
  start_indices_batching_dims = [],
  start_index_map = [0],
  index_vector_dim = 2>,
      indices_are_sorted = false,
      slice_sizes = array<i64: 1, 8, 6>
    } : (tensor<4x8x6xf16>, tensor<2x2xi32>) -> tensor<2x2x8x6xf16>
    %50 = "stablehlo.convert"(%49) : (tensor<2x2x8x6xf16>) -> tensor<2x2x8x6xf32>
    %51 = "stablehlo.convert"(%3) : (tensor<2x8xf16>) -> tensor<2x8xf32>
    %52 = "stablehlo.broadcast_in_dim"(%51) { broadcast_dimensions = array<i64: 0, 2> } : (tensor<2x8xf32>) -> tensor<2x2x8x6xf32>
    %53 = "stablehlo.multiply"(%50, %52) : (tensor<2x2x8x6xf32>, tensor<2x2x8x6xf32>) -> tensor<2x2x8x6xf32>
    %55 = "stablehlo.reduce"(%53, %44) ({
      ^reductionFn(%arg17: tensor<f32>, %arg18: tensor<f32>) :
          %54 = "stablehlo.add"(%arg17, %arg18) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%54) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 2> } : (tensor<2x2x8x6xf32>, tensor<f32>) -> tensor<2x2x6xf32>
    %56 = "stablehlo.gather"(%arg3, %37) {
      dimension_numbers = #stablehlo.gather<
  offset_dims = [2, 3],
  collapsed_slice_dims = [0],
  operand_batching_dims = [],
  start_indices_batching_dims = [],
  start_index_map = [0],
  index_vector_dim = 2>,
      indices_are_sorted = false,
      slice_sizes = array<i64: 1, 8, 6>
    } : (tensor<4x8x6xf16>, tensor<2x2xi32>) -> tensor<2x2x8x6xf16>
    %57 = "stablehlo.convert"(%56) : (tensor<2x2x8x6xf16>) -> tensor<2x2x8x6xf32>
    %58 = "stablehlo.convert"(%3) : (tensor<2x8xf16>) -> tensor<2x8xf32>
    %59 = "stablehlo.broadcast_in_dim"(%58) { broadcast_dimensions = array<i64: 0, 2> } : (tensor<2x8xf32>) -> tensor<2x2x8x6xf32>
    %60 = "stablehlo.multiply"(%57, %59) : (tensor<2x2x8x6xf32>, tensor<2x2x8x6xf32>) -> tensor<2x2x8x6xf32>
    %62 = "stablehlo.reduce"(%60, %44) ({
      ^reductionFn(%arg19: tensor<f32>, %arg20: tensor<f32>) :
          %61 = "stablehlo.add"(%arg19, %arg20) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%61) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 2> } : (tensor<2x2x8x6xf32>, tensor<f32>) -> tensor<2x2x6xf32>
    %63 = "stablehlo.logistic"(%55) : (tensor<2x2x6xf32>) -> tensor<2x2x6xf32>
    %64 = "stablehlo.multiply"(%55, %63) : (tensor<2x2x6xf32>, tensor<2x2x6xf32>) -> tensor<2x2x6xf32>
    %65 = "stablehlo.multiply"(%64, %62) : (tensor<2x2x6xf32>, tensor<2x2x6xf32>) -> tensor<2x2x6xf32>
    %66 = "stablehlo.gather"(%arg4, %37) {
      dimension_numbers = #stablehlo.gather<
  offset_dims = [2, 3],
  collapsed_slice_dims = [0],
  operand_batching_dims = [],
  start_indices_batching_dims = [],
  start_index_map = [0],
  index_vector_dim = 2>,
      indices_are_sorted = false,
      slice_sizes = array<i64: 1, 6, 8>
    } : (tensor<4x6x8xf16>, tensor<2x2xi32>) -> tensor<2x2x6x8xf16>
    %67 = "stablehlo.convert"(%66) : (tensor<2x2x6x8xf16>) -> tensor<2x2x6x8xf32>
    %68 = "stablehlo.broadcast_in_dim"(%65) { broadcast_dimensions = array<i64: 0, 1, 2> } : (tensor<2x2x6xf32>) -> tensor<2x2x6x8xf32>
    %69 = "stablehlo.multiply"(%67, %68) : (tensor<2x2x6x8xf32>, tensor<2x2x6x8xf32>) -> tensor<2x2x6x8xf32>
    %71 = "stablehlo.reduce"(%69, %44) ({
      ^reductionFn(%arg21: tensor<f32>, %arg22: tensor<f32>) :
          %70 = "stablehlo.add"(%arg21, %arg22) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%70) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 2> } : (tensor<2x2x6x8xf32>, tensor<f32>) -> tensor<2x2x8xf32>
    %72 = "stablehlo.broadcast_in_dim"(%48) { broadcast_dimensions = array<i64: 0, 1> } : (tensor<2x2xf32>) -> tensor<2x2x8xf32>
    %73 = "stablehlo.multiply"(%71, %72) : (tensor<2x2x8xf32>, tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
    %75 = "stablehlo.reduce"(%73, %44) ({
      ^reductionFn(%arg23: tensor<f32>, %arg24: tensor<f32>) :
          %74 = "stablehlo.add"(%arg23, %arg24) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%74) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 1> } : (tensor<2x2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
    %76 = "stablehlo.reshape"(%75) : (tensor<2x8xf32>) -> tensor<1x2x8xf32>
    %77 = "stablehlo.convert"(%76) : (tensor<1x2x8xf32>) -> tensor<1x2x8xf16>
    %78 = "stablehlo.convert"(%77) : (tensor<1x2x8xf16>) -> tensor<1x2x8xf32>
    "stablehlo.return"(%78) : (tensor<1x2x8xf32>) -> ()
  }
}
