module @test {
  func.func @main(%arg0: tensor<1x3x8xf32>, %arg1: tensor<8x5xi8>, %arg2: tensor<2x5xf32>, %arg3: tensor<5xbf16>) -> tensor<1x3x5xf32> {
    %0 = "stablehlo.convert"(%arg0) : (tensor<1x3x8xf32>) -> tensor<1x3x8xbf16>
    %1 = "stablehlo.reshape"(%0) : (tensor<1x3x8xbf16>) -> tensor<3x8xbf16>
    %2 = "stablehlo.convert"(%arg1) : (tensor<8x5xi8>) -> tensor<8x5xf32>
    %3 = "stablehlo.reshape"(%2) : (tensor<8x5xf32>) -> tensor<2x4x5xf32>
    %4 = "stablehlo.broadcast_in_dim"(%arg2) { broadcast_dimensions = array<i64: 0, 2> } : (tensor<2x5xf32>) -> tensor<2x4x5xf32>
    %5 = "stablehlo.multiply"(%3, %4) : (tensor<2x4x5xf32>, tensor<2x4x5xf32>) -> tensor<2x4x5xf32>
    %6 = "stablehlo.convert"(%5) : (tensor<2x4x5xf32>) -> tensor<2x4x5xbf16>
    %7 = "stablehlo.reshape"(%6) : (tensor<2x4x5xbf16>) -> tensor<8x5xbf16>
    %8 = "stablehlo.dot_general"(%1, %7) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<3x8xbf16>, tensor<8x5xbf16>) -> tensor<3x5xbf16>
    %9 = "stablehlo.broadcast_in_dim"(%arg3) { broadcast_dimensions = array<i64: 1> } : (tensor<5xbf16>) -> tensor<3x5xbf16>
    %10 = "stablehlo.add"(%8, %9) : (tensor<3x5xbf16>, tensor<3x5xbf16>) -> tensor<3x5xbf16>
    %11 = "stablehlo.reshape"(%10) : (tensor<3x5xbf16>) -> tensor<1x3x5xbf16>
    %12 = "stablehlo.convert"(%11) : (tensor<1x3x5xbf16>) -> tensor<1x3x5xf32>
    "stablehlo.return"(%12) : (tensor<1x3x5xf32>) -> ()
  }
}
