module @test {
  func.func @main(%arg0: tensor<2x5x6x3xf32>, %arg1: tensor<3x3x3x4xf32>, %arg2: tensor<4xf32>) -> tensor<2x3x3x4xf32> {
    %0 = "stablehlo.convolution"(%arg0, %arg1) {
      batch_group_count = 1 : i64,
      dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>,
      feature_group_count = 1 : i64,
      lhs_dilation = array<i64: 1, 1>,
      padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>,
      precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>],
      rhs_dilation = array<i64: 1, 1>,
      window_reversal = array<i1: false, false>,
      window_strides = array<i64: 2, 2>
    } : (tensor<2x5x6x3xf32>, tensor<3x3x3x4xf32>) -> tensor<2x3x3x4xf32>
    %1 = "stablehlo.broadcast_in_dim"(%arg2) { broadcast_dimensions = array<i64: 3> } : (tensor<4xf32>) -> tensor<2x3x3x4xf32>
    %2 = "stablehlo.add"(%0, %1) : (tensor<2x3x3x4xf32>, tensor<2x3x3x4xf32>) -> tensor<2x3x3x4xf32>
    "stablehlo.return"(%2) : (tensor<2x3x3x4xf32>) -> ()
  }
}
