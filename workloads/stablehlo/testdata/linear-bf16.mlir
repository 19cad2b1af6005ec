module @test {
  func.func @main(%arg0: tensor<1x3x8xf32>, %arg1: tensor<8x5xbf16>, %arg2: tensor<5xbf16>) -> tensor<1x3x5xf32> {
    %0 = "stablehlo.convert"(%arg0) : (tensor<1x3x8xf32>) -> tensor<1x3x8xbf16>
    %1 = "stablehlo.reshape"(%0) : (tensor<1x3x8xbf16>) -> tensor<3x8xbf16>
    %2 = "stablehlo.dot_general"(%1, %arg1) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<3x8xbf16>, tensor<8x5xbf16>) -> tensor<3x5xbf16>
    %3 = "stablehlo.broadcast_in_dim"(%arg2) { broadcast_dimensions = array<i64: 1> } : (tensor<5xbf16>) -> tensor<3x5xbf16>
    %4 = "stablehlo.add"(%2, %3) : (tensor<3x5xbf16>, tensor<3x5xbf16>) -> tensor<3x5xbf16>
    %5 = "stablehlo.reshape"(%4) : (tensor<3x5xbf16>) -> tensor<1x3x5xbf16>
    %6 = "stablehlo.convert"(%5) : (tensor<1x3x5xbf16>) -> tensor<1x3x5xf32>
    "stablehlo.return"(%6) : (tensor<1x3x5xf32>) -> ()
  }
}
