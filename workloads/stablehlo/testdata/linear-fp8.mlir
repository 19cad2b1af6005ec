module @test {
  func.func @main(%arg0: tensor<1x3x8xf32>, %arg1: tensor<8x5xf8E4M3FN>, %arg2: tensor<1x5xf32>, %arg3: tensor<5xbf16>) -> tensor<1x3x5xf32> {
    %0 = "stablehlo.convert"(%arg0) : (tensor<1x3x8xf32>) -> tensor<1x3x8xbf16>
    %1 = "stablehlo.reshape"(%0) : (tensor<1x3x8xbf16>) -> tensor<3x8xbf16>
    %2 = "stablehlo.reshape"(%arg2) : (tensor<1x5xf32>) -> tensor<5xf32>
    %3 = "stablehlo.convert"(%1) : (tensor<3x8xbf16>) -> tensor<3x8xf32>
    %4 = "stablehlo.abs"(%3) : (tensor<3x8xf32>) -> tensor<3x8xf32>
    %5 = "stablehlo.constant"() { value = dense<0xff800000> : tensor<f32> } : () -> tensor<f32>
    %7 = "stablehlo.reduce"(%4, %5) ({
      ^reductionFn(%arg4: tensor<f32>, %arg5: tensor<f32>) :
          %6 = "stablehlo.maximum"(%arg4, %arg5) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%6) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 0, 1> } : (tensor<3x8xf32>, tensor<f32>) -> tensor<f32>
    %8 = "stablehlo.constant"() { value = dense<7.888609052210118e-31> : tensor<f32> } : () -> tensor<f32>
    %9 = "stablehlo.maximum"(%7, %8) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    %10 = "stablehlo.constant"() { value = dense<0.0022321429569274187> : tensor<f32> } : () -> tensor<f32>
    %11 = "stablehlo.multiply"(%9, %10) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    %12 = "stablehlo.broadcast_in_dim"(%11) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<3x8xf32>
    %13 = "stablehlo.divide"(%3, %12) : (tensor<3x8xf32>, tensor<3x8xf32>) -> tensor<3x8xf32>
    %14 = "stablehlo.constant"() { value = dense<448.0> : tensor<f32> } : () -> tensor<f32>
    %15 = "stablehlo.broadcast_in_dim"(%14) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<3x8xf32>
    %16 = "stablehlo.minimum"(%13, %15) : (tensor<3x8xf32>, tensor<3x8xf32>) -> tensor<3x8xf32>
    %17 = "stablehlo.constant"() { value = dense<-448.0> : tensor<f32> } : () -> tensor<f32>
    %18 = "stablehlo.broadcast_in_dim"(%17) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<3x8xf32>
    %19 = "stablehlo.maximum"(%16, %18) : (tensor<3x8xf32>, tensor<3x8xf32>) -> tensor<3x8xf32>
    %20 = "stablehlo.convert"(%19) : (tensor<3x8xf32>) -> tensor<3x8xf8E4M3FN>
    %21 = "stablehlo.broadcast_in_dim"(%11) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<5xf32>
    %22 = "stablehlo.multiply"(%2, %21) : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
    %23 = "stablehlo.dot_general"(%20, %arg1) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<3x8xf8E4M3FN>, tensor<8x5xf8E4M3FN>) -> tensor<3x5xf32>
    %24 = "stablehlo.broadcast_in_dim"(%22) { broadcast_dimensions = array<i64: 1> } : (tensor<5xf32>) -> tensor<3x5xf32>
    %25 = "stablehlo.multiply"(%23, %24) : (tensor<3x5xf32>, tensor<3x5xf32>) -> tensor<3x5xf32>
    %26 = "stablehlo.convert"(%25) : (tensor<3x5xf32>) -> tensor<3x5xbf16>
    %27 = "stablehlo.broadcast_in_dim"(%arg3) { broadcast_dimensions = array<i64: 1> } : (tensor<5xbf16>) -> tensor<3x5xbf16>
    %28 = "stablehlo.add"(%26, %27) : (tensor<3x5xbf16>, tensor<3x5xbf16>) -> tensor<3x5xbf16>
    %29 = "stablehlo.reshape"(%28) : (tensor<3x5xbf16>) -> tensor<1x3x5xbf16>
    %30 = "stablehlo.convert"(%29) : (tensor<1x3x5xbf16>) -> tensor<1x3x5xf32>
    "stablehlo.return"(%30) : (tensor<1x3x5xf32>) -> ()
  }
}
