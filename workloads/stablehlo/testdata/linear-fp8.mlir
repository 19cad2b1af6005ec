module @test {
  func.func @main(%arg0: tensor<1x3x8xf32>, %arg1: tensor<5x8xf8E4M3FN>, %arg2: tensor<1x5xf32>, %arg3: tensor<5xbf16>) -> tensor<1x3x5xf32> {
    %0 = "stablehlo.convert"(%arg0) : (tensor<1x3x8xf32>) -> tensor<1x3x8xbf16>
    %1 = "stablehlo.transpose"(%arg1) { permutation = array<i64: 1, 0> } : (tensor<5x8xf8E4M3FN>) -> tensor<8x5xf8E4M3FN>
    %2 = "stablehlo.reshape"(%0) : (tensor<1x3x8xbf16>) -> tensor<3x8xbf16>
    %3 = "stablehlo.reshape"(%arg2) : (tensor<1x5xf32>) -> tensor<5xf32>
    %4 = "stablehlo.convert"(%2) : (tensor<3x8xbf16>) -> tensor<3x8xf32>
    %5 = "stablehlo.abs"(%4) : (tensor<3x8xf32>) -> tensor<3x8xf32>
    %6 = "stablehlo.constant"() { value = dense<0xff800000> : tensor<f32> } : () -> tensor<f32>
    %8 = "stablehlo.reduce"(%5, %6) ({
      ^reductionFn(%arg4: tensor<f32>, %arg5: tensor<f32>) :
          %7 = "stablehlo.maximum"(%arg4, %arg5) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%7) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 0, 1> } : (tensor<3x8xf32>, tensor<f32>) -> tensor<f32>
    %9 = "stablehlo.constant"() { value = dense<7.888609052210118e-31> : tensor<f32> } : () -> tensor<f32>
    %10 = "stablehlo.maximum"(%8, %9) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    %11 = "stablehlo.constant"() { value = dense<0.0022321429569274187> : tensor<f32> } : () -> tensor<f32>
    %12 = "stablehlo.multiply"(%10, %11) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    %13 = "stablehlo.broadcast_in_dim"(%12) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<3x8xf32>
    %14 = "stablehlo.divide"(%4, %13) : (tensor<3x8xf32>, tensor<3x8xf32>) -> tensor<3x8xf32>
    %15 = "stablehlo.constant"() { value = dense<448.0> : tensor<f32> } : () -> tensor<f32>
    %16 = "stablehlo.broadcast_in_dim"(%15) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<3x8xf32>
    %17 = "stablehlo.minimum"(%14, %16) : (tensor<3x8xf32>, tensor<3x8xf32>) -> tensor<3x8xf32>
    %18 = "stablehlo.constant"() { value = dense<-448.0> : tensor<f32> } : () -> tensor<f32>
    %19 = "stablehlo.broadcast_in_dim"(%18) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<3x8xf32>
    %20 = "stablehlo.maximum"(%17, %19) : (tensor<3x8xf32>, tensor<3x8xf32>) -> tensor<3x8xf32>
    %21 = "stablehlo.convert"(%20) : (tensor<3x8xf32>) -> tensor<3x8xf8E4M3FN>
    %22 = "stablehlo.broadcast_in_dim"(%12) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<5xf32>
    %23 = "stablehlo.multiply"(%3, %22) : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
    %24 = "stablehlo.dot_general"(%21, %1) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<3x8xf8E4M3FN>, tensor<8x5xf8E4M3FN>) -> tensor<3x5xf32>
    %25 = "stablehlo.broadcast_in_dim"(%23) { broadcast_dimensions = array<i64: 1> } : (tensor<5xf32>) -> tensor<3x5xf32>
    %26 = "stablehlo.multiply"(%24, %25) : (tensor<3x5xf32>, tensor<3x5xf32>) -> tensor<3x5xf32>
    %27 = "stablehlo.convert"(%26) : (tensor<3x5xf32>) -> tensor<3x5xbf16>
    %28 = "stablehlo.broadcast_in_dim"(%arg3) { broadcast_dimensions = array<i64: 1> } : (tensor<5xbf16>) -> tensor<3x5xbf16>
    %29 = "stablehlo.add"(%27, %28) : (tensor<3x5xbf16>, tensor<3x5xbf16>) -> tensor<3x5xbf16>
    %30 = "stablehlo.reshape"(%29) : (tensor<3x5xbf16>) -> tensor<1x3x5xbf16>
    %31 = "stablehlo.convert"(%30) : (tensor<1x3x5xbf16>) -> tensor<1x3x5xf32>
    "stablehlo.return"(%31) : (tensor<1x3x5xf32>) -> ()
  }
}
