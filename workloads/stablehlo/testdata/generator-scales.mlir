module @test_generator_1 {
  func.func @main(%arg0: tensor<ui64>, %arg1: tensor<i32>, %arg2: tensor<f32>) -> tensor<1x3xf32> {
    %0 = "stablehlo.broadcast_in_dim"(%arg0) { broadcast_dimensions = array<i64> } : (tensor<ui64>) -> tensor<1x3xui64>
    %1 = "stablehlo.iota"() { iota_dimension = 0 : i64 } : () -> tensor<1x3xui64>
    %2 = "stablehlo.constant"() { value = dense<15755400384260043839> : tensor<ui64> } : () -> tensor<ui64>
    %3 = "stablehlo.broadcast_in_dim"(%2) { broadcast_dimensions = array<i64> } : (tensor<ui64>) -> tensor<1x3xui64>
    %4 = "stablehlo.multiply"(%1, %3) : (tensor<1x3xui64>, tensor<1x3xui64>) -> tensor<1x3xui64>
    %5 = "stablehlo.add"(%0, %4) : (tensor<1x3xui64>, tensor<1x3xui64>) -> tensor<1x3xui64>
    %6 = "stablehlo.iota"() { iota_dimension = 1 : i64 } : () -> tensor<1x3xui64>
    %7 = "stablehlo.constant"() { value = dense<11400714819323198485> : tensor<ui64> } : () -> tensor<ui64>
    %8 = "stablehlo.broadcast_in_dim"(%7) { broadcast_dimensions = array<i64> } : (tensor<ui64>) -> tensor<1x3xui64>
    %9 = "stablehlo.multiply"(%6, %8) : (tensor<1x3xui64>, tensor<1x3xui64>) -> tensor<1x3xui64>
    %10 = "stablehlo.add"(%5, %9) : (tensor<1x3xui64>, tensor<1x3xui64>) -> tensor<1x3xui64>
    %11 = "stablehlo.constant"() { value = dense<30> : tensor<ui64> } : () -> tensor<ui64>
    %12 = "stablehlo.broadcast_in_dim"(%11) { broadcast_dimensions = array<i64> } : (tensor<ui64>) -> tensor<1x3xui64>
    %13 = "stablehlo.shift_right_logical"(%10, %12) : (tensor<1x3xui64>, tensor<1x3xui64>) -> tensor<1x3xui64>
    %14 = "stablehlo.xor"(%10, %13) : (tensor<1x3xui64>, tensor<1x3xui64>) -> tensor<1x3xui64>
    %15 = "stablehlo.constant"() { value = dense<13787848793156543929> : tensor<ui64> } : () -> tensor<ui64>
    %16 = "stablehlo.broadcast_in_dim"(%15) { broadcast_dimensions = array<i64> } : (tensor<ui64>) -> tensor<1x3xui64>
    %17 = "stablehlo.multiply"(%14, %16) : (tensor<1x3xui64>, tensor<1x3xui64>) -> tensor<1x3xui64>
    %18 = "stablehlo.constant"() { value = dense<27> : tensor<ui64> } : () -> tensor<ui64>
    %19 = "stablehlo.broadcast_in_dim"(%18) { broadcast_dimensions = array<i64> } : (tensor<ui64>) -> tensor<1x3xui64>
    %20 = "stablehlo.shift_right_logical"(%17, %19) : (tensor<1x3xui64>, tensor<1x3xui64>) -> tensor<1x3xui64>
    %21 = "stablehlo.xor"(%17, %20) : (tensor<1x3xui64>, tensor<1x3xui64>) -> tensor<1x3xui64>
    %22 = "stablehlo.constant"() { value = dense<10723151780598845931> : tensor<ui64> } : () -> tensor<ui64>
    %23 = "stablehlo.broadcast_in_dim"(%22) { broadcast_dimensions = array<i64> } : (tensor<ui64>) -> tensor<1x3xui64>
    %24 = "stablehlo.multiply"(%21, %23) : (tensor<1x3xui64>, tensor<1x3xui64>) -> tensor<1x3xui64>
    %25 = "stablehlo.constant"() { value = dense<31> : tensor<ui64> } : () -> tensor<ui64>
    %26 = "stablehlo.broadcast_in_dim"(%25) { broadcast_dimensions = array<i64> } : (tensor<ui64>) -> tensor<1x3xui64>
    %27 = "stablehlo.shift_right_logical"(%24, %26) : (tensor<1x3xui64>, tensor<1x3xui64>) -> tensor<1x3xui64>
    %28 = "stablehlo.xor"(%24, %27) : (tensor<1x3xui64>, tensor<1x3xui64>) -> tensor<1x3xui64>
    %29 = "stablehlo.constant"() { value = dense<42> : tensor<ui64> } : () -> tensor<ui64>
    %30 = "stablehlo.broadcast_in_dim"(%29) { broadcast_dimensions = array<i64> } : (tensor<ui64>) -> tensor<1x3xui64>
    %31 = "stablehlo.shift_right_logical"(%28, %30) : (tensor<1x3xui64>, tensor<1x3xui64>) -> tensor<1x3xui64>
    %32 = "stablehlo.convert"(%31) : (tensor<1x3xui64>) -> tensor<1x3xi32>
    %33 = "stablehlo.constant"() { value = dense<2097152> : tensor<i32> } : () -> tensor<i32>
    %34 = "stablehlo.broadcast_in_dim"(%33) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<1x3xi32>
    %35 = "stablehlo.subtract"(%32, %34) : (tensor<1x3xi32>, tensor<1x3xi32>) -> tensor<1x3xi32>
    %36 = "stablehlo.broadcast_in_dim"(%arg1) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<1x3xi32>
    %37 = "stablehlo.add"(%35, %36) : (tensor<1x3xi32>, tensor<1x3xi32>) -> tensor<1x3xi32>
    %38 = "stablehlo.convert"(%37) : (tensor<1x3xi32>) -> tensor<1x3xf32>
    %39 = "stablehlo.broadcast_in_dim"(%arg2) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x3xf32>
    %40 = "stablehlo.multiply"(%38, %39) : (tensor<1x3xf32>, tensor<1x3xf32>) -> tensor<1x3xf32>
    "stablehlo.return"(%40) : (tensor<1x3xf32>) -> ()
  }
}
