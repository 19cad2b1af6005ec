module @test {
  func.func @main(%arg0: tensor<2x3x16xf32>, %arg1: tensor<1xi32>) -> tensor<2x3x16xf32> {
    %0 = "stablehlo.reshape"(%arg0) : (tensor<2x3x16xf32>) -> tensor<2x3x2x8xf32>
    %1 = "stablehlo.slice"(%0) {
      limit_indices = array<i64: 2, 3, 2, 4>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x3x2x8xf32>) -> tensor<2x3x2x4xf32>
    %2 = "stablehlo.slice"(%0) {
      limit_indices = array<i64: 2, 3, 2, 8>,
      start_indices = array<i64: 0, 0, 0, 4>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x3x2x8xf32>) -> tensor<2x3x2x4xf32>
    %3 = "stablehlo.reshape"(%arg1) : (tensor<1xi32>) -> tensor<i32>
    %4 = "stablehlo.convert"(%3) : (tensor<i32>) -> tensor<ui32>
    %5 = "stablehlo.iota"() { iota_dimension = 0 : i64 } : () -> tensor<3x4xui32>
    %6 = "stablehlo.broadcast_in_dim"(%4) { broadcast_dimensions = array<i64> } : (tensor<ui32>) -> tensor<3x4xui32>
    %7 = "stablehlo.add"(%5, %6) : (tensor<3x4xui32>, tensor<3x4xui32>) -> tensor<3x4xui32>
    %8 = "stablehlo.constant"() { value = dense<[683565276, 216162320, 68356528, 21616232]> : tensor<4xui32> } : () -> tensor<4xui32>
    %9 = "stablehlo.broadcast_in_dim"(%8) { broadcast_dimensions = array<i64: 1> } : (tensor<4xui32>) -> tensor<3x4xui32>
    %10 = "stablehlo.multiply"(%7, %9) : (tensor<3x4xui32>, tensor<3x4xui32>) -> tensor<3x4xui32>
    %11 = "stablehlo.bitcast_convert"(%10) : (tensor<3x4xui32>) -> tensor<3x4xi32>
    %12 = "stablehlo.convert"(%11) : (tensor<3x4xi32>) -> tensor<3x4xf32>
    %13 = "stablehlo.constant"() { value = dense<1.462918119976564e-09> : tensor<f32> } : () -> tensor<f32>
    %14 = "stablehlo.broadcast_in_dim"(%13) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<3x4xf32>
    %15 = "stablehlo.multiply"(%12, %14) : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
    %16 = "stablehlo.cosine"(%15) : (tensor<3x4xf32>) -> tensor<3x4xf32>
    %17 = "stablehlo.constant"() { value = dense<1.0> : tensor<f32> } : () -> tensor<f32>
    %18 = "stablehlo.broadcast_in_dim"(%17) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<3x4xf32>
    %19 = "stablehlo.multiply"(%16, %18) : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
    %20 = "stablehlo.broadcast_in_dim"(%19) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<3x4xf32>) -> tensor<2x3x2x4xf32>
    %21 = "stablehlo.sine"(%15) : (tensor<3x4xf32>) -> tensor<3x4xf32>
    %22 = "stablehlo.broadcast_in_dim"(%17) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<3x4xf32>
    %23 = "stablehlo.multiply"(%21, %22) : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
    %24 = "stablehlo.broadcast_in_dim"(%23) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<3x4xf32>) -> tensor<2x3x2x4xf32>
    %25 = "stablehlo.multiply"(%1, %20) : (tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>) -> tensor<2x3x2x4xf32>
    %26 = "stablehlo.multiply"(%2, %24) : (tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>) -> tensor<2x3x2x4xf32>
    %27 = "stablehlo.subtract"(%25, %26) : (tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>) -> tensor<2x3x2x4xf32>
    %28 = "stablehlo.multiply"(%1, %24) : (tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>) -> tensor<2x3x2x4xf32>
    %29 = "stablehlo.multiply"(%2, %20) : (tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>) -> tensor<2x3x2x4xf32>
    %30 = "stablehlo.add"(%28, %29) : (tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>) -> tensor<2x3x2x4xf32>
    %31 = "stablehlo.concatenate"(%27, %30) { dimension = 3 : i64 } : (tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>) -> tensor<2x3x2x8xf32>
    %32 = "stablehlo.reshape"(%31) : (tensor<2x3x2x8xf32>) -> tensor<2x3x16xf32>
    "stablehlo.return"(%32) : (tensor<2x3x16xf32>) -> ()
  }
}
