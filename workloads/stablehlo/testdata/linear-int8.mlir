module @test {
  func.func @main(%arg0: tensor<1x3x8xf32>, %arg1: tensor<8x5xi8>, %arg2: tensor<1x5xf32>, %arg3: tensor<5xbf16>) -> tensor<1x3x5xf32> {
    %0 = "stablehlo.convert"(%arg0) : (tensor<1x3x8xf32>) -> tensor<1x3x8xbf16>
    %1 = "stablehlo.reshape"(%0) : (tensor<1x3x8xbf16>) -> tensor<3x8xbf16>
    %2 = "stablehlo.reshape"(%arg2) : (tensor<1x5xf32>) -> tensor<5xf32>
    %3 = "stablehlo.convert"(%arg1) : (tensor<8x5xi8>) -> tensor<8x5xbf16>
    %4 = "stablehlo.dot_general"(%1, %3) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<3x8xbf16>, tensor<8x5xbf16>) -> tensor<3x5xf32>
    %5 = "stablehlo.broadcast_in_dim"(%2) { broadcast_dimensions = array<i64: 1> } : (tensor<5xf32>) -> tensor<3x5xf32>
    %6 = "stablehlo.multiply"(%4, %5) : (tensor<3x5xf32>, tensor<3x5xf32>) -> tensor<3x5xf32>
    %7 = "stablehlo.convert"(%6) : (tensor<3x5xf32>) -> tensor<3x5xbf16>
    %8 = "stablehlo.broadcast_in_dim"(%arg3) { broadcast_dimensions = array<i64: 1> } : (tensor<5xbf16>) -> tensor<3x5xbf16>
    %9 = "stablehlo.add"(%7, %8) : (tensor<3x5xbf16>, tensor<3x5xbf16>) -> tensor<3x5xbf16>
    %10 = "stablehlo.reshape"(%9) : (tensor<3x5xbf16>) -> tensor<1x3x5xbf16>
    %11 = "stablehlo.convert"(%10) : (tensor<1x3x5xbf16>) -> tensor<1x3x5xf32>
    "stablehlo.return"(%11) : (tensor<1x3x5xf32>) -> ()
  }
}
