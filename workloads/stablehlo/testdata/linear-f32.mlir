module @test {
  func.func @main(%arg0: tensor<1x3x8xf32>, %arg1: tensor<8x5xf32>, %arg2: tensor<5xf32>) -> tensor<1x3x5xf32> {
    %0 = "stablehlo.reshape"(%arg0) : (tensor<1x3x8xf32>) -> tensor<3x8xf32>
    %1 = "stablehlo.dot_general"(%0, %arg1) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]
    } : (tensor<3x8xf32>, tensor<8x5xf32>) -> tensor<3x5xf32>
    %2 = "stablehlo.broadcast_in_dim"(%arg2) { broadcast_dimensions = array<i64: 1> } : (tensor<5xf32>) -> tensor<3x5xf32>
    %3 = "stablehlo.add"(%1, %2) : (tensor<3x5xf32>, tensor<3x5xf32>) -> tensor<3x5xf32>
    %4 = "stablehlo.reshape"(%3) : (tensor<3x5xf32>) -> tensor<1x3x5xf32>
    "stablehlo.return"(%4) : (tensor<1x3x5xf32>) -> ()
  }
}
