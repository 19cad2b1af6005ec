module @test {
  func.func @main(%arg0: tensor<2x2x16xf32>, %arg1: tensor<2x2x8xf32>, %arg2: tensor<2x2x8xf32>, %arg3: tensor<1xi32>, %arg4: tensor<2x2x9x4xbf16> { tf.aliasing_output = 1 : i32 }, %arg5: tensor<2x2x9x4xbf16> { tf.aliasing_output = 2 : i32 }) -> (tensor<2x2x16xf32>, tensor<2x2x9x4xbf16>, tensor<2x2x9x4xbf16>) {
    %0 = "stablehlo.convert"(%arg0) : (tensor<2x2x16xf32>) -> tensor<2x2x16xbf16>
    %1 = "stablehlo.convert"(%arg1) : (tensor<2x2x8xf32>) -> tensor<2x2x8xbf16>
    %2 = "stablehlo.convert"(%arg2) : (tensor<2x2x8xf32>) -> tensor<2x2x8xbf16>
    %3 = "stablehlo.reshape"(%0) : (tensor<2x2x16xbf16>) -> tensor<2x2x4x4xbf16>
    %4 = "stablehlo.transpose"(%3) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x2x4x4xbf16>) -> tensor<2x4x2x4xbf16>
    %5 = "stablehlo.reshape"(%1) : (tensor<2x2x8xbf16>) -> tensor<2x2x2x4xbf16>
    %6 = "stablehlo.transpose"(%5) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x2x2x4xbf16>) -> tensor<2x2x2x4xbf16>
    %7 = "stablehlo.reshape"(%2) : (tensor<2x2x8xbf16>) -> tensor<2x2x2x4xbf16>
    %8 = "stablehlo.transpose"(%7) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x2x2x4xbf16>) -> tensor<2x2x2x4xbf16>
    %9 = "stablehlo.reshape"(%arg3) : (tensor<1xi32>) -> tensor<i32>
    %10 = "stablehlo.constant"() { value = dense<0> : tensor<i32> } : () -> tensor<i32>
    %11 = "stablehlo.dynamic_update_slice"(%arg4, %6, %10, %10, %9, %10) : (tensor<2x2x9x4xbf16>, tensor<2x2x2x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x9x4xbf16>
    %12 = "stablehlo.dynamic_update_slice"(%arg5, %8, %10, %10, %9, %10) : (tensor<2x2x9x4xbf16>, tensor<2x2x2x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x9x4xbf16>
    %13 = "stablehlo.constant"() { value = dense<2> : tensor<i32> } : () -> tensor<i32>
    %14 = "stablehlo.subtract"(%9, %13) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    %15 = "stablehlo.maximum"(%14, %10) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    %16 = "stablehlo.dynamic_slice"(%11, %10, %10, %15, %10) { slice_sizes = array<i64: 2, 2, 4, 4> } : (tensor<2x2x9x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x4x4xbf16>
    %17 = "stablehlo.dynamic_slice"(%12, %10, %10, %15, %10) { slice_sizes = array<i64: 2, 2, 4, 4> } : (tensor<2x2x9x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x4x4xbf16>
    %18 = "stablehlo.iota"() { iota_dimension = 0 : i64 } : () -> tensor<2x4xi32>
    %19 = "stablehlo.broadcast_in_dim"(%9) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<2x4xi32>
    %20 = "stablehlo.add"(%18, %19) : (tensor<2x4xi32>, tensor<2x4xi32>) -> tensor<2x4xi32>
    %21 = "stablehlo.iota"() { iota_dimension = 1 : i64 } : () -> tensor<2x4xi32>
    %22 = "stablehlo.broadcast_in_dim"(%15) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<2x4xi32>
    %23 = "stablehlo.add"(%21, %22) : (tensor<2x4xi32>, tensor<2x4xi32>) -> tensor<2x4xi32>
    %24 = "stablehlo.compare"(%23, %20) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction LE>
    } : (tensor<2x4xi32>, tensor<2x4xi32>) -> tensor<2x4xi1>
    %25 = "stablehlo.constant"() { value = dense<3> : tensor<i32> } : () -> tensor<i32>
    %26 = "stablehlo.broadcast_in_dim"(%25) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<2x4xi32>
    %27 = "stablehlo.subtract"(%20, %26) : (tensor<2x4xi32>, tensor<2x4xi32>) -> tensor<2x4xi32>
    %28 = "stablehlo.compare"(%23, %27) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction GT>
    } : (tensor<2x4xi32>, tensor<2x4xi32>) -> tensor<2x4xi1>
    %29 = "stablehlo.and"(%24, %28) : (tensor<2x4xi1>, tensor<2x4xi1>) -> tensor<2x4xi1>
    %30 = "stablehlo.reshape"(%4) : (tensor<2x4x2x4xbf16>) -> tensor<2x2x4x4xbf16>
    %31 = "stablehlo.dot_general"(%30, %16) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0, 1],
  rhs_batching_dimensions = [0, 1],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [3]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x2x4x4xbf16>, tensor<2x2x4x4xbf16>) -> tensor<2x2x4x4xf32>
    %32 = "stablehlo.reshape"(%31) : (tensor<2x2x4x4xf32>) -> tensor<2x2x2x2x4xf32>
    %33 = "stablehlo.constant"() { value = dense<0.5> : tensor<f32> } : () -> tensor<f32>
    %34 = "stablehlo.broadcast_in_dim"(%33) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x2x2x2x4xf32>
    %35 = "stablehlo.multiply"(%32, %34) : (tensor<2x2x2x2x4xf32>, tensor<2x2x2x2x4xf32>) -> tensor<2x2x2x2x4xf32>
    %36 = "stablehlo.broadcast_in_dim"(%29) { broadcast_dimensions = array<i64: 3, 4> } : (tensor<2x4xi1>) -> tensor<2x2x2x2x4xi1>
    %37 = "stablehlo.constant"() { value = dense<-3.4028234663852886e+38> : tensor<f32> } : () -> tensor<f32>
    %38 = "stablehlo.broadcast_in_dim"(%37) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x2x2x2x4xf32>
    %39 = "stablehlo.select"(%36, %35, %38) : (tensor<2x2x2x2x4xi1>, tensor<2x2x2x2x4xf32>, tensor<2x2x2x2x4xf32>) -> tensor<2x2x2x2x4xf32>
    %40 = "stablehlo.constant"() { value = dense<0xff800000> : tensor<f32> } : () -> tensor<f32>
    %42 = "stablehlo.reduce"(%39, %40) ({
      ^reductionFn(%arg6: tensor<f32>, %arg7: tensor<f32>) :
          %41 = "stablehlo.maximum"(%arg6, %arg7) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%41) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 4> } : (tensor<2x2x2x2x4xf32>, tensor<f32>) -> tensor<2x2x2x2xf32>
    %43 = "stablehlo.broadcast_in_dim"(%42) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<2x2x2x2xf32>) -> tensor<2x2x2x2x4xf32>
    %44 = "stablehlo.subtract"(%39, %43) : (tensor<2x2x2x2x4xf32>, tensor<2x2x2x2x4xf32>) -> tensor<2x2x2x2x4xf32>
    %45 = "stablehlo.exponential"(%44) : (tensor<2x2x2x2x4xf32>) -> tensor<2x2x2x2x4xf32>
    %46 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %48 = "stablehlo.reduce"(%45, %46) ({
      ^reductionFn(%arg8: tensor<f32>, %arg9: tensor<f32>) :
          %47 = "stablehlo.add"(%arg8, %arg9) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%47) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 4> } : (tensor<2x2x2x2x4xf32>, tensor<f32>) -> tensor<2x2x2x2xf32>
    %49 = "stablehlo.broadcast_in_dim"(%48) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<2x2x2x2xf32>) -> tensor<2x2x2x2x4xf32>
    %50 = "stablehlo.divide"(%45, %49) : (tensor<2x2x2x2x4xf32>, tensor<2x2x2x2x4xf32>) -> tensor<2x2x2x2x4xf32>
    %51 = "stablehlo.reshape"(%50) : (tensor<2x2x2x2x4xf32>) -> tensor<2x2x4x4xf32>
    %52 = "stablehlo.convert"(%51) : (tensor<2x2x4x4xf32>) -> tensor<2x2x4x4xbf16>
    %53 = "stablehlo.dot_general"(%52, %17) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0, 1],
  rhs_batching_dimensions = [0, 1],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [2]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x2x4x4xbf16>, tensor<2x2x4x4xbf16>) -> tensor<2x2x4x4xbf16>
    %54 = "stablehlo.reshape"(%53) : (tensor<2x2x4x4xbf16>) -> tensor<2x4x2x4xbf16>
    %55 = "stablehlo.transpose"(%54) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x2x4xbf16>) -> tensor<2x2x4x4xbf16>
    %56 = "stablehlo.reshape"(%55) : (tensor<2x2x4x4xbf16>) -> tensor<2x2x16xbf16>
    %57 = "stablehlo.convert"(%56) : (tensor<2x2x16xbf16>) -> tensor<2x2x16xf32>
    "stablehlo.return"(%57, %11, %12) : (tensor<2x2x16xf32>, tensor<2x2x9x4xbf16>, tensor<2x2x9x4xbf16>) -> ()
  }
}
