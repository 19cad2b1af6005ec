module @test {
  func.func @main(%arg0: tensor<1x1x8xf32>, %arg1: tensor<8x5xi8>, %arg2: tensor<1x5xf32>, %arg3: tensor<5xbf16>) -> tensor<1x1x5xf32> {
    %0 = "stablehlo.convert"(%arg0) : (tensor<1x1x8xf32>) -> tensor<1x1x8xbf16>
    %1 = "stablehlo.reshape"(%0) : (tensor<1x1x8xbf16>) -> tensor<1x8xbf16>
    %2 = "stablehlo.convert"(%arg1) : (tensor<8x5xi8>) -> tensor<8x5xf32>
    %3 = "stablehlo.reshape"(%2) : (tensor<8x5xf32>) -> tensor<1x8x5xf32>
    %4 = "stablehlo.broadcast_in_dim"(%arg2) { broadcast_dimensions = array<i64: 0, 2> } : (tensor<1x5xf32>) -> tensor<1x8x5xf32>
    %5 = "stablehlo.multiply"(%3, %4) : (tensor<1x8x5xf32>, tensor<1x8x5xf32>) -> tensor<1x8x5xf32>
    %6 = "stablehlo.reshape"(%5) : (tensor<1x8x5xf32>) -> tensor<8x5xf32>
    %7 = "stablehlo.reshape"(%1) : (tensor<1x8xbf16>) -> tensor<8xbf16>
    %8 = "stablehlo.convert"(%7) : (tensor<8xbf16>) -> tensor<8xf32>
    %9 = "stablehlo.broadcast_in_dim"(%8) { broadcast_dimensions = array<i64: 0> } : (tensor<8xf32>) -> tensor<8x5xf32>
    %10 = "stablehlo.multiply"(%6, %9) : (tensor<8x5xf32>, tensor<8x5xf32>) -> tensor<8x5xf32>
    %11 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %13 = "stablehlo.reduce"(%10, %11) ({
      ^reductionFn(%arg4: tensor<f32>, %arg5: tensor<f32>) :
          %12 = "stablehlo.add"(%arg4, %arg5) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%12) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 0> } : (tensor<8x5xf32>, tensor<f32>) -> tensor<5xf32>
    %14 = "stablehlo.reshape"(%13) : (tensor<5xf32>) -> tensor<1x5xf32>
    %15 = "stablehlo.convert"(%14) : (tensor<1x5xf32>) -> tensor<1x5xbf16>
    %16 = "stablehlo.broadcast_in_dim"(%arg3) { broadcast_dimensions = array<i64: 1> } : (tensor<5xbf16>) -> tensor<1x5xbf16>
    %17 = "stablehlo.add"(%15, %16) : (tensor<1x5xbf16>, tensor<1x5xbf16>) -> tensor<1x5xbf16>
    %18 = "stablehlo.reshape"(%17) : (tensor<1x5xbf16>) -> tensor<1x1x5xbf16>
    %19 = "stablehlo.convert"(%18) : (tensor<1x1x5xbf16>) -> tensor<1x1x5xf32>
    "stablehlo.return"(%19) : (tensor<1x1x5xf32>) -> ()
  }
}
