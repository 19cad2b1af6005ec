module @test {
  func.func @main(%arg0: tensor<1x5x8xf32>, %arg1: tensor<8x4xf32>, %arg2: tensor<4x8x6xf16>, %arg3: tensor<4x8x6xf16>, %arg4: tensor<4x6x8xf16>) -> tensor<1x5x8xf32> {
    %0 = "stablehlo.convert"(%arg0) : (tensor<1x5x8xf32>) -> tensor<1x5x8xf16>
    %1 = "stablehlo.convert"(%0) : (tensor<1x5x8xf16>) -> tensor<1x5x8xf32>
    %2 = "stablehlo.dot_general"(%1, %arg1) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [2],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]
    } : (tensor<1x5x8xf32>, tensor<8x4xf32>) -> tensor<1x5x4xf32>
    %3 = "stablehlo.reshape"(%0) : (tensor<1x5x8xf16>) -> tensor<5x8xf16>
    %4 = "stablehlo.reshape"(%2) : (tensor<1x5x4xf32>) -> tensor<5x4xf32>
    %5 = "stablehlo.iota"() { iota_dimension = 1 : i64 } : () -> tensor<5x4xi32>
    %6 = "stablehlo.constant"() { value = dense<0xff800000> : tensor<f32> } : () -> tensor<f32>
    %8 = "stablehlo.reduce"(%4, %6) ({
      ^reductionFn(%arg5: tensor<f32>, %arg6: tensor<f32>) :
          %7 = "stablehlo.maximum"(%arg5, %arg6) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%7) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 1> } : (tensor<5x4xf32>, tensor<f32>) -> tensor<5xf32>
    %9 = "stablehlo.broadcast_in_dim"(%8) { broadcast_dimensions = array<i64: 0> } : (tensor<5xf32>) -> tensor<5x4xf32>
    %10 = "stablehlo.compare"(%4, %9) {
      compare_type = #stablehlo<comparison_type FLOAT>,
      comparison_direction = #stablehlo<comparison_direction GE>
    } : (tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<5x4xi1>
    %11 = "stablehlo.constant"() { value = dense<3> : tensor<i32> } : () -> tensor<i32>
    %12 = "stablehlo.broadcast_in_dim"(%11) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<5x4xi32>
    %13 = "stablehlo.select"(%10, %5, %12) : (tensor<5x4xi1>, tensor<5x4xi32>, tensor<5x4xi32>) -> tensor<5x4xi32>
    %14 = "stablehlo.constant"() { value = dense<2147483647> : tensor<i32> } : () -> tensor<i32>
    %16 = "stablehlo.reduce"(%13, %14) ({
      ^reductionFn(%arg7: tensor<i32>, %arg8: tensor<i32>) :
          %15 = "stablehlo.minimum"(%arg7, %arg8) : (tensor<i32>, tensor<i32>) -> tensor<i32>
          "stablehlo.return"(%15) : (tensor<i32>) -> ()
    }) { dimensions = array<i64: 1> } : (tensor<5x4xi32>, tensor<i32>) -> tensor<5xi32>
    %17 = "stablehlo.broadcast_in_dim"(%16) { broadcast_dimensions = array<i64: 0> } : (tensor<5xi32>) -> tensor<5x4xi32>
    %18 = "stablehlo.compare"(%5, %17) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction EQ>
    } : (tensor<5x4xi32>, tensor<5x4xi32>) -> tensor<5x4xi1>
    %19 = "stablehlo.broadcast_in_dim"(%6) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<5x4xf32>
    %20 = "stablehlo.select"(%18, %19, %4) : (tensor<5x4xi1>, tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<5x4xf32>
    %21 = "stablehlo.reshape"(%16) : (tensor<5xi32>) -> tensor<5x1xi32>
    %22 = "stablehlo.reshape"(%8) : (tensor<5xf32>) -> tensor<5x1xf32>
    %24 = "stablehlo.reduce"(%20, %6) ({
      ^reductionFn(%arg9: tensor<f32>, %arg10: tensor<f32>) :
          %23 = "stablehlo.maximum"(%arg9, %arg10) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%23) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 1> } : (tensor<5x4xf32>, tensor<f32>) -> tensor<5xf32>
    %25 = "stablehlo.broadcast_in_dim"(%24) { broadcast_dimensions = array<i64: 0> } : (tensor<5xf32>) -> tensor<5x4xf32>
    %26 = "stablehlo.compare"(%20, %25) {
      compare_type = #stablehlo<comparison_type FLOAT>,
      comparison_direction = #stablehlo<comparison_direction GE>
    } : (tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<5x4xi1>
    %27 = "stablehlo.broadcast_in_dim"(%11) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<5x4xi32>
    %28 = "stablehlo.select"(%26, %5, %27) : (tensor<5x4xi1>, tensor<5x4xi32>, tensor<5x4xi32>) -> tensor<5x4xi32>
    %30 = "stablehlo.reduce"(%28, %14) ({
      ^reductionFn(%arg11: tensor<i32>, %arg12: tensor<i32>) :
          %29 = "stablehlo.minimum"(%arg11, %arg12) : (tensor<i32>, tensor<i32>) -> tensor<i32>
          "stablehlo.return"(%29) : (tensor<i32>) -> ()
    }) { dimensions = array<i64: 1> } : (tensor<5x4xi32>, tensor<i32>) -> tensor<5xi32>
    %31 = "stablehlo.broadcast_in_dim"(%30) { broadcast_dimensions = array<i64: 0> } : (tensor<5xi32>) -> tensor<5x4xi32>
    %32 = "stablehlo.compare"(%5, %31) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction EQ>
    } : (tensor<5x4xi32>, tensor<5x4xi32>) -> tensor<5x4xi1>
    %33 = "stablehlo.broadcast_in_dim"(%6) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<5x4xf32>
    %34 = "stablehlo.select"(%32, %33, %20) : (tensor<5x4xi1>, tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<5x4xf32>
    %35 = "stablehlo.reshape"(%30) : (tensor<5xi32>) -> tensor<5x1xi32>
    %36 = "stablehlo.reshape"(%24) : (tensor<5xf32>) -> tensor<5x1xf32>
    %37 = "stablehlo.concatenate"(%21, %35) { dimension = 1 : i64 } : (tensor<5x1xi32>, tensor<5x1xi32>) -> tensor<5x2xi32>
    %38 = "stablehlo.concatenate"(%22, %36) { dimension = 1 : i64 } : (tensor<5x1xf32>, tensor<5x1xf32>) -> tensor<5x2xf32>
    %40 = "stablehlo.reduce"(%38, %6) ({
      ^reductionFn(%arg13: tensor<f32>, %arg14: tensor<f32>) :
          %39 = "stablehlo.maximum"(%arg13, %arg14) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%39) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 1> } : (tensor<5x2xf32>, tensor<f32>) -> tensor<5xf32>
    %41 = "stablehlo.broadcast_in_dim"(%40) { broadcast_dimensions = array<i64: 0> } : (tensor<5xf32>) -> tensor<5x2xf32>
    %42 = "stablehlo.subtract"(%38, %41) : (tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<5x2xf32>
    %43 = "stablehlo.exponential"(%42) : (tensor<5x2xf32>) -> tensor<5x2xf32>
    %44 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %46 = "stablehlo.reduce"(%43, %44) ({
      ^reductionFn(%arg15: tensor<f32>, %arg16: tensor<f32>) :
          %45 = "stablehlo.add"(%arg15, %arg16) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%45) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 1> } : (tensor<5x2xf32>, tensor<f32>) -> tensor<5xf32>
    %47 = "stablehlo.broadcast_in_dim"(%46) { broadcast_dimensions = array<i64: 0> } : (tensor<5xf32>) -> tensor<5x2xf32>
    %48 = "stablehlo.divide"(%43, %47) : (tensor<5x2xf32>, tensor<5x2xf32>) -> tensor<5x2xf32>
    %49 = "stablehlo.broadcast_in_dim"(%3) { broadcast_dimensions = array<i64: 1, 2> } : (tensor<5x8xf16>) -> tensor<4x5x8xf16>
    %50 = "stablehlo.dot_general"(%49, %arg2) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0],
  rhs_batching_dimensions = [0],
  lhs_contracting_dimensions = [2],
  rhs_contracting_dimensions = [1]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<4x5x8xf16>, tensor<4x8x6xf16>) -> tensor<4x5x6xf16>
    %51 = "stablehlo.convert"(%50) : (tensor<4x5x6xf16>) -> tensor<4x5x6xf32>
    %52 = "stablehlo.dot_general"(%49, %arg3) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0],
  rhs_batching_dimensions = [0],
  lhs_contracting_dimensions = [2],
  rhs_contracting_dimensions = [1]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<4x5x8xf16>, tensor<4x8x6xf16>) -> tensor<4x5x6xf16>
    %53 = "stablehlo.convert"(%52) : (tensor<4x5x6xf16>) -> tensor<4x5x6xf32>
    %54 = "stablehlo.logistic"(%51) : (tensor<4x5x6xf32>) -> tensor<4x5x6xf32>
    %55 = "stablehlo.multiply"(%51, %54) : (tensor<4x5x6xf32>, tensor<4x5x6xf32>) -> tensor<4x5x6xf32>
    %56 = "stablehlo.multiply"(%55, %53) : (tensor<4x5x6xf32>, tensor<4x5x6xf32>) -> tensor<4x5x6xf32>
    %57 = "stablehlo.slice"(%48) {
      limit_indices = array<i64: 5, 1>,
      start_indices = array<i64: 0, 0>,
      strides = array<i64: 1, 1>
    } : (tensor<5x2xf32>) -> tensor<5x1xf32>
    %58 = "stablehlo.reshape"(%57) : (tensor<5x1xf32>) -> tensor<5xf32>
    %59 = "stablehlo.broadcast_in_dim"(%58) { broadcast_dimensions = array<i64: 0> } : (tensor<5xf32>) -> tensor<5x4xf32>
    %60 = "stablehlo.broadcast_in_dim"(%44) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<5x4xf32>
    %61 = "stablehlo.select"(%18, %59, %60) : (tensor<5x4xi1>, tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<5x4xf32>
    %62 = "stablehlo.slice"(%48) {
      limit_indices = array<i64: 5, 2>,
      start_indices = array<i64: 0, 1>,
      strides = array<i64: 1, 1>
    } : (tensor<5x2xf32>) -> tensor<5x1xf32>
    %63 = "stablehlo.reshape"(%62) : (tensor<5x1xf32>) -> tensor<5xf32>
    %64 = "stablehlo.broadcast_in_dim"(%63) { broadcast_dimensions = array<i64: 0> } : (tensor<5xf32>) -> tensor<5x4xf32>
    %65 = "stablehlo.select"(%32, %64, %61) : (tensor<5x4xi1>, tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<5x4xf32>
    %66 = "stablehlo.broadcast_in_dim"(%65) { broadcast_dimensions = array<i64: 1, 0> } : (tensor<5x4xf32>) -> tensor<4x5x6xf32>
    %67 = "stablehlo.multiply"(%56, %66) : (tensor<4x5x6xf32>, tensor<4x5x6xf32>) -> tensor<4x5x6xf32>
    %68 = "stablehlo.convert"(%67) : (tensor<4x5x6xf32>) -> tensor<4x5x6xf16>
    %69 = "stablehlo.dot_general"(%68, %arg4) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [0, 2],
  rhs_contracting_dimensions = [0, 1]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<4x5x6xf16>, tensor<4x6x8xf16>) -> tensor<5x8xf32>
    %70 = "stablehlo.reshape"(%69) : (tensor<5x8xf32>) -> tensor<1x5x8xf32>
    %71 = "stablehlo.convert"(%70) : (tensor<1x5x8xf32>) -> tensor<1x5x8xf16>
    %72 = "stablehlo.convert"(%71) : (tensor<1x5x8xf16>) -> tensor<1x5x8xf32>
    "stablehlo.return"(%72) : (tensor<1x5x8xf32>) -> ()
  }
}
