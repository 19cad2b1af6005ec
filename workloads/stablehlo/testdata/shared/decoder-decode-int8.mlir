module @decode attributes {stablehlo.num_replicas = 1,  stablehlo.num_partitions = 2} {
  sdy.mesh @mesh = <["device"=2]>
  func.func @main(%arg0: tensor<2x1xi32> { sdy.sharding = #sdy.sharding<@mesh, [{}, {}]> }, %arg1: tensor<1xi32> { sdy.sharding = #sdy.sharding<@mesh, [{}]> }, %arg2: tensor<11x8xbf16> { sdy.sharding = #sdy.sharding<@mesh, [{}, {}]> }, %arg3: tensor<8x16xi8> { sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}]> }, %arg4: tensor<2x16xf32> { sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}]> }, %arg5: tensor<8x8xi8> { sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}]> }, %arg6: tensor<2x8xf32> { sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}]> }, %arg7: tensor<8x8xi8> { sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}]> }, %arg8: tensor<2x8xf32> { sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}]> }, %arg9: tensor<16x8xi8> { sdy.sharding = #sdy.sharding<@mesh, [{"device"}, {}]> }, %arg10: tensor<4x8xf32> { sdy.sharding = #sdy.sharding<@mesh, [{"device"}, {}]> }, %arg11: tensor<8x16xi8> { sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}]> }, %arg12: tensor<2x16xf32> { sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}]> }, %arg13: tensor<8x8xi8> { sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}]> }, %arg14: tensor<2x8xf32> { sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}]> }, %arg15: tensor<8x8xi8> { sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}]> }, %arg16: tensor<2x8xf32> { sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}]> }, %arg17: tensor<16x8xi8> { sdy.sharding = #sdy.sharding<@mesh, [{"device"}, {}]> }, %arg18: tensor<4x8xf32> { sdy.sharding = #sdy.sharding<@mesh, [{"device"}, {}]> }, %arg19: tensor<2x2x7x4xbf16> {
    sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}, {}, {}]>,
    tf.aliasing_output = 1 : i32
  }, %arg20: tensor<2x2x7x4xbf16> {
    sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}, {}, {}]>,
    tf.aliasing_output = 2 : i32
  }, %arg21: tensor<2x2x7x4xbf16> {
    sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}, {}, {}]>,
    tf.aliasing_output = 3 : i32
  }, %arg22: tensor<2x2x7x4xbf16> {
    sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}, {}, {}]>,
    tf.aliasing_output = 4 : i32
  }) -> (tensor<2x8xf32> { sdy.sharding = #sdy.sharding<@mesh, [{}, {}]> }, tensor<2x2x7x4xbf16> { sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}, {}, {}]> }, tensor<2x2x7x4xbf16> { sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}, {}, {}]> }, tensor<2x2x7x4xbf16> { sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}, {}, {}]> }, tensor<2x2x7x4xbf16> { sdy.sharding = #sdy.sharding<@mesh, [{}, {"device"}, {}, {}]> }) {
    %0 = "stablehlo.gather"(%arg2, %arg0) {
      dimension_numbers = #stablehlo.gather<
  offset_dims = [2],
  collapsed_slice_dims = [0],
  operand_batching_dims = [],
  start_indices_batching_dims = [],
  start_index_map = [0],
  index_vector_dim = 2>,
      indices_are_sorted = false,
      slice_sizes = array<i64: 1, 8>
    } : (tensor<11x8xbf16>, tensor<2x1xi32>) -> tensor<2x1x8xbf16>
    %1 = "stablehlo.reshape"(%0) : (tensor<2x1x8xbf16>) -> tensor<2x8xbf16>
    %2 = "stablehlo.convert"(%arg3) : (tensor<8x16xi8>) -> tensor<8x16xf32>
    %3 = "stablehlo.reshape"(%2) : (tensor<8x16xf32>) -> tensor<2x4x16xf32>
    %4 = "stablehlo.broadcast_in_dim"(%arg4) { broadcast_dimensions = array<i64: 0, 2> } : (tensor<2x16xf32>) -> tensor<2x4x16xf32>
    %5 = "stablehlo.multiply"(%3, %4) : (tensor<2x4x16xf32>, tensor<2x4x16xf32>) -> tensor<2x4x16xf32>
    %6 = "stablehlo.convert"(%5) : (tensor<2x4x16xf32>) -> tensor<2x4x16xbf16>
    %7 = "stablehlo.reshape"(%6) : (tensor<2x4x16xbf16>) -> tensor<8x16xbf16>
    %8 = "stablehlo.dot_general"(%1, %7) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x8xbf16>, tensor<8x16xbf16>) -> tensor<2x16xbf16>
    %9 = "stablehlo.reshape"(%8) : (tensor<2x16xbf16>) -> tensor<2x1x16xbf16>
    %10 = "stablehlo.reshape"(%9) : (tensor<2x1x16xbf16>) -> tensor<2x1x4x4xbf16>
    %11 = "stablehlo.convert"(%10) : (tensor<2x1x4x4xbf16>) -> tensor<2x1x4x4xf32>
    %12 = "stablehlo.slice"(%11) {
      limit_indices = array<i64: 2, 1, 4, 2>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x1x4x4xf32>) -> tensor<2x1x4x2xf32>
    %13 = "stablehlo.slice"(%11) {
      limit_indices = array<i64: 2, 1, 4, 4>,
      start_indices = array<i64: 0, 0, 0, 2>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x1x4x4xf32>) -> tensor<2x1x4x2xf32>
    %14 = "stablehlo.reshape"(%arg1) : (tensor<1xi32>) -> tensor<i32>
    %15 = "stablehlo.convert"(%14) : (tensor<i32>) -> tensor<ui32>
    %16 = "stablehlo.iota"() { iota_dimension = 0 : i64 } : () -> tensor<1x2xui32>
    %17 = "stablehlo.broadcast_in_dim"(%15) { broadcast_dimensions = array<i64> } : (tensor<ui32>) -> tensor<1x2xui32>
    %18 = "stablehlo.add"(%16, %17) : (tensor<1x2xui32>, tensor<1x2xui32>) -> tensor<1x2xui32>
    %19 = "stablehlo.constant"() { value = dense<[683565276, 96670728]> : tensor<2xui32> } : () -> tensor<2xui32>
    %20 = "stablehlo.broadcast_in_dim"(%19) { broadcast_dimensions = array<i64: 1> } : (tensor<2xui32>) -> tensor<1x2xui32>
    %21 = "stablehlo.multiply"(%18, %20) : (tensor<1x2xui32>, tensor<1x2xui32>) -> tensor<1x2xui32>
    %22 = "stablehlo.bitcast_convert"(%21) : (tensor<1x2xui32>) -> tensor<1x2xi32>
    %23 = "stablehlo.convert"(%22) : (tensor<1x2xi32>) -> tensor<1x2xf32>
    %24 = "stablehlo.constant"() { value = dense<1.462918119976564e-09> : tensor<f32> } : () -> tensor<f32>
    %25 = "stablehlo.broadcast_in_dim"(%24) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x2xf32>
    %26 = "stablehlo.multiply"(%23, %25) : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %27 = "stablehlo.cosine"(%26) : (tensor<1x2xf32>) -> tensor<1x2xf32>
    %28 = "stablehlo.constant"() { value = dense<1.0> : tensor<f32> } : () -> tensor<f32>
    %29 = "stablehlo.broadcast_in_dim"(%28) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x2xf32>
    %30 = "stablehlo.multiply"(%27, %29) : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %31 = "stablehlo.broadcast_in_dim"(%30) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<1x2xf32>) -> tensor<2x1x4x2xf32>
    %32 = "stablehlo.sine"(%26) : (tensor<1x2xf32>) -> tensor<1x2xf32>
    %33 = "stablehlo.broadcast_in_dim"(%28) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<1x2xf32>
    %34 = "stablehlo.multiply"(%32, %33) : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %35 = "stablehlo.broadcast_in_dim"(%34) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<1x2xf32>) -> tensor<2x1x4x2xf32>
    %36 = "stablehlo.multiply"(%12, %31) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %37 = "stablehlo.multiply"(%13, %35) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %38 = "stablehlo.subtract"(%36, %37) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %39 = "stablehlo.multiply"(%12, %35) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %40 = "stablehlo.multiply"(%13, %31) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %41 = "stablehlo.add"(%39, %40) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %42 = "stablehlo.concatenate"(%38, %41) { dimension = 3 : i64 } : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x4xf32>
    %43 = "stablehlo.reshape"(%42) : (tensor<2x1x4x4xf32>) -> tensor<2x1x16xf32>
    %44 = "stablehlo.convert"(%43) : (tensor<2x1x16xf32>) -> tensor<2x1x16xbf16>
    %45 = "stablehlo.reshape"(%0) : (tensor<2x1x8xbf16>) -> tensor<2x8xbf16>
    %46 = "stablehlo.convert"(%arg5) : (tensor<8x8xi8>) -> tensor<8x8xf32>
    %47 = "stablehlo.reshape"(%46) : (tensor<8x8xf32>) -> tensor<2x4x8xf32>
    %48 = "stablehlo.broadcast_in_dim"(%arg6) { broadcast_dimensions = array<i64: 0, 2> } : (tensor<2x8xf32>) -> tensor<2x4x8xf32>
    %49 = "stablehlo.multiply"(%47, %48) : (tensor<2x4x8xf32>, tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
    %50 = "stablehlo.convert"(%49) : (tensor<2x4x8xf32>) -> tensor<2x4x8xbf16>
    %51 = "stablehlo.reshape"(%50) : (tensor<2x4x8xbf16>) -> tensor<8x8xbf16>
    %52 = "stablehlo.dot_general"(%45, %51) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x8xbf16>, tensor<8x8xbf16>) -> tensor<2x8xbf16>
    %53 = "stablehlo.reshape"(%52) : (tensor<2x8xbf16>) -> tensor<2x1x8xbf16>
    %54 = "stablehlo.reshape"(%53) : (tensor<2x1x8xbf16>) -> tensor<2x1x2x4xbf16>
    %55 = "stablehlo.convert"(%54) : (tensor<2x1x2x4xbf16>) -> tensor<2x1x2x4xf32>
    %56 = "stablehlo.slice"(%55) {
      limit_indices = array<i64: 2, 1, 2, 2>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x1x2x4xf32>) -> tensor<2x1x2x2xf32>
    %57 = "stablehlo.slice"(%55) {
      limit_indices = array<i64: 2, 1, 2, 4>,
      start_indices = array<i64: 0, 0, 0, 2>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x1x2x4xf32>) -> tensor<2x1x2x2xf32>
    %58 = "stablehlo.broadcast_in_dim"(%30) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<1x2xf32>) -> tensor<2x1x2x2xf32>
    %59 = "stablehlo.broadcast_in_dim"(%34) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<1x2xf32>) -> tensor<2x1x2x2xf32>
    %60 = "stablehlo.multiply"(%56, %58) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %61 = "stablehlo.multiply"(%57, %59) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %62 = "stablehlo.subtract"(%60, %61) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %63 = "stablehlo.multiply"(%56, %59) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %64 = "stablehlo.multiply"(%57, %58) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %65 = "stablehlo.add"(%63, %64) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %66 = "stablehlo.concatenate"(%62, %65) { dimension = 3 : i64 } : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x4xf32>
    %67 = "stablehlo.reshape"(%66) : (tensor<2x1x2x4xf32>) -> tensor<2x1x8xf32>
    %68 = "stablehlo.convert"(%67) : (tensor<2x1x8xf32>) -> tensor<2x1x8xbf16>
    %69 = "stablehlo.reshape"(%0) : (tensor<2x1x8xbf16>) -> tensor<2x8xbf16>
    %70 = "stablehlo.convert"(%arg7) : (tensor<8x8xi8>) -> tensor<8x8xf32>
    %71 = "stablehlo.reshape"(%70) : (tensor<8x8xf32>) -> tensor<2x4x8xf32>
    %72 = "stablehlo.broadcast_in_dim"(%arg8) { broadcast_dimensions = array<i64: 0, 2> } : (tensor<2x8xf32>) -> tensor<2x4x8xf32>
    %73 = "stablehlo.multiply"(%71, %72) : (tensor<2x4x8xf32>, tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
    %74 = "stablehlo.convert"(%73) : (tensor<2x4x8xf32>) -> tensor<2x4x8xbf16>
    %75 = "stablehlo.reshape"(%74) : (tensor<2x4x8xbf16>) -> tensor<8x8xbf16>
    %76 = "stablehlo.dot_general"(%69, %75) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x8xbf16>, tensor<8x8xbf16>) -> tensor<2x8xbf16>
    %77 = "stablehlo.reshape"(%76) : (tensor<2x8xbf16>) -> tensor<2x1x8xbf16>
    %78 = "stablehlo.reshape"(%44) : (tensor<2x1x16xbf16>) -> tensor<2x1x4x4xbf16>
    %79 = "stablehlo.transpose"(%78) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x1x4x4xbf16>) -> tensor<2x4x1x4xbf16>
    %80 = "stablehlo.reshape"(%68) : (tensor<2x1x8xbf16>) -> tensor<2x1x2x4xbf16>
    %81 = "stablehlo.transpose"(%80) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x1x2x4xbf16>) -> tensor<2x2x1x4xbf16>
    %82 = "stablehlo.reshape"(%77) : (tensor<2x1x8xbf16>) -> tensor<2x1x2x4xbf16>
    %83 = "stablehlo.transpose"(%82) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x1x2x4xbf16>) -> tensor<2x2x1x4xbf16>
    %84 = "stablehlo.constant"() { value = dense<0> : tensor<i32> } : () -> tensor<i32>
    %85 = "stablehlo.dynamic_update_slice"(%arg19, %81, %84, %84, %14, %84) : (tensor<2x2x7x4xbf16>, tensor<2x2x1x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x7x4xbf16>
    %86 = "stablehlo.dynamic_update_slice"(%arg20, %83, %84, %84, %14, %84) : (tensor<2x2x7x4xbf16>, tensor<2x2x1x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x7x4xbf16>
    %87 = "stablehlo.iota"() { iota_dimension = 0 : i64 } : () -> tensor<1x7xi32>
    %88 = "stablehlo.broadcast_in_dim"(%14) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<1x7xi32>
    %89 = "stablehlo.add"(%87, %88) : (tensor<1x7xi32>, tensor<1x7xi32>) -> tensor<1x7xi32>
    %90 = "stablehlo.iota"() { iota_dimension = 1 : i64 } : () -> tensor<1x7xi32>
    %91 = "stablehlo.compare"(%90, %89) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction LE>
    } : (tensor<1x7xi32>, tensor<1x7xi32>) -> tensor<1x7xi1>
    %92 = "stablehlo.reshape"(%79) : (tensor<2x4x1x4xbf16>) -> tensor<2x2x2x4xbf16>
    %93 = "stablehlo.dot_general"(%92, %85) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0, 1],
  rhs_batching_dimensions = [0, 1],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [3]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x2x2x4xbf16>, tensor<2x2x7x4xbf16>) -> tensor<2x2x2x7xf32>
    %94 = "stablehlo.reshape"(%93) : (tensor<2x2x2x7xf32>) -> tensor<2x2x2x1x7xf32>
    %95 = "stablehlo.constant"() { value = dense<0.5> : tensor<f32> } : () -> tensor<f32>
    %96 = "stablehlo.broadcast_in_dim"(%95) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x2x2x1x7xf32>
    %97 = "stablehlo.multiply"(%94, %96) : (tensor<2x2x2x1x7xf32>, tensor<2x2x2x1x7xf32>) -> tensor<2x2x2x1x7xf32>
    %98 = "stablehlo.broadcast_in_dim"(%91) { broadcast_dimensions = array<i64: 3, 4> } : (tensor<1x7xi1>) -> tensor<2x2x2x1x7xi1>
    %99 = "stablehlo.constant"() { value = dense<-3.4028234663852886e+38> : tensor<f32> } : () -> tensor<f32>
    %100 = "stablehlo.broadcast_in_dim"(%99) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x2x2x1x7xf32>
    %101 = "stablehlo.select"(%98, %97, %100) : (tensor<2x2x2x1x7xi1>, tensor<2x2x2x1x7xf32>, tensor<2x2x2x1x7xf32>) -> tensor<2x2x2x1x7xf32>
    %102 = "stablehlo.constant"() { value = dense<0xff800000> : tensor<f32> } : () -> tensor<f32>
    %104 = "stablehlo.reduce"(%101, %102) ({
      ^reductionFn(%arg23: tensor<f32>, %arg24: tensor<f32>) :
          %103 = "stablehlo.maximum"(%arg23, %arg24) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%103) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 4> } : (tensor<2x2x2x1x7xf32>, tensor<f32>) -> tensor<2x2x2x1xf32>
    %105 = "stablehlo.broadcast_in_dim"(%104) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<2x2x2x1xf32>) -> tensor<2x2x2x1x7xf32>
    %106 = "stablehlo.subtract"(%101, %105) : (tensor<2x2x2x1x7xf32>, tensor<2x2x2x1x7xf32>) -> tensor<2x2x2x1x7xf32>
    %107 = "stablehlo.exponential"(%106) : (tensor<2x2x2x1x7xf32>) -> tensor<2x2x2x1x7xf32>
    %108 = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %110 = "stablehlo.reduce"(%107, %108) ({
      ^reductionFn(%arg25: tensor<f32>, %arg26: tensor<f32>) :
          %109 = "stablehlo.add"(%arg25, %arg26) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%109) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 4> } : (tensor<2x2x2x1x7xf32>, tensor<f32>) -> tensor<2x2x2x1xf32>
    %111 = "stablehlo.broadcast_in_dim"(%110) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<2x2x2x1xf32>) -> tensor<2x2x2x1x7xf32>
    %112 = "stablehlo.divide"(%107, %111) : (tensor<2x2x2x1x7xf32>, tensor<2x2x2x1x7xf32>) -> tensor<2x2x2x1x7xf32>
    %113 = "stablehlo.reshape"(%112) : (tensor<2x2x2x1x7xf32>) -> tensor<2x2x2x7xf32>
    %114 = "stablehlo.convert"(%113) : (tensor<2x2x2x7xf32>) -> tensor<2x2x2x7xbf16>
    %115 = "stablehlo.dot_general"(%114, %86) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0, 1],
  rhs_batching_dimensions = [0, 1],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [2]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x2x2x7xbf16>, tensor<2x2x7x4xbf16>) -> tensor<2x2x2x4xbf16>
    %116 = "stablehlo.reshape"(%115) : (tensor<2x2x2x4xbf16>) -> tensor<2x4x1x4xbf16>
    %117 = "stablehlo.transpose"(%116) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x1x4xbf16>) -> tensor<2x1x4x4xbf16>
    %118 = "stablehlo.reshape"(%117) : (tensor<2x1x4x4xbf16>) -> tensor<2x1x16xbf16>
    %119 = "stablehlo.reshape"(%118) : (tensor<2x1x16xbf16>) -> tensor<2x16xbf16>
    %120 = "stablehlo.convert"(%arg9) : (tensor<16x8xi8>) -> tensor<16x8xf32>
    %121 = "stablehlo.reshape"(%120) : (tensor<16x8xf32>) -> tensor<4x4x8xf32>
    %122 = "stablehlo.broadcast_in_dim"(%arg10) { broadcast_dimensions = array<i64: 0, 2> } : (tensor<4x8xf32>) -> tensor<4x4x8xf32>
    %123 = "stablehlo.multiply"(%121, %122) : (tensor<4x4x8xf32>, tensor<4x4x8xf32>) -> tensor<4x4x8xf32>
    %124 = "stablehlo.convert"(%123) : (tensor<4x4x8xf32>) -> tensor<4x4x8xbf16>
    %125 = "stablehlo.reshape"(%124) : (tensor<4x4x8xbf16>) -> tensor<16x8xbf16>
    %126 = "stablehlo.dot_general"(%119, %125) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x16xbf16>, tensor<16x8xbf16>) -> tensor<2x8xbf16>
    %127 = "stablehlo.reshape"(%126) : (tensor<2x8xbf16>) -> tensor<2x1x8xbf16>
    %128 = "stablehlo.add"(%0, %127) : (tensor<2x1x8xbf16>, tensor<2x1x8xbf16>) -> tensor<2x1x8xbf16>
    %129 = "stablehlo.reshape"(%128) : (tensor<2x1x8xbf16>) -> tensor<2x8xbf16>
    %130 = "stablehlo.convert"(%arg11) : (tensor<8x16xi8>) -> tensor<8x16xf32>
    %131 = "stablehlo.reshape"(%130) : (tensor<8x16xf32>) -> tensor<2x4x16xf32>
    %132 = "stablehlo.broadcast_in_dim"(%arg12) { broadcast_dimensions = array<i64: 0, 2> } : (tensor<2x16xf32>) -> tensor<2x4x16xf32>
    %133 = "stablehlo.multiply"(%131, %132) : (tensor<2x4x16xf32>, tensor<2x4x16xf32>) -> tensor<2x4x16xf32>
    %134 = "stablehlo.convert"(%133) : (tensor<2x4x16xf32>) -> tensor<2x4x16xbf16>
    %135 = "stablehlo.reshape"(%134) : (tensor<2x4x16xbf16>) -> tensor<8x16xbf16>
    %136 = "stablehlo.dot_general"(%129, %135) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x8xbf16>, tensor<8x16xbf16>) -> tensor<2x16xbf16>
    %137 = "stablehlo.reshape"(%136) : (tensor<2x16xbf16>) -> tensor<2x1x16xbf16>
    %138 = "stablehlo.reshape"(%137) : (tensor<2x1x16xbf16>) -> tensor<2x1x4x4xbf16>
    %139 = "stablehlo.convert"(%138) : (tensor<2x1x4x4xbf16>) -> tensor<2x1x4x4xf32>
    %140 = "stablehlo.slice"(%139) {
      limit_indices = array<i64: 2, 1, 4, 2>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x1x4x4xf32>) -> tensor<2x1x4x2xf32>
    %141 = "stablehlo.slice"(%139) {
      limit_indices = array<i64: 2, 1, 4, 4>,
      start_indices = array<i64: 0, 0, 0, 2>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x1x4x4xf32>) -> tensor<2x1x4x2xf32>
    %142 = "stablehlo.broadcast_in_dim"(%30) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<1x2xf32>) -> tensor<2x1x4x2xf32>
    %143 = "stablehlo.broadcast_in_dim"(%34) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<1x2xf32>) -> tensor<2x1x4x2xf32>
    %144 = "stablehlo.multiply"(%140, %142) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %145 = "stablehlo.multiply"(%141, %143) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %146 = "stablehlo.subtract"(%144, %145) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %147 = "stablehlo.multiply"(%140, %143) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %148 = "stablehlo.multiply"(%141, %142) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %149 = "stablehlo.add"(%147, %148) : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x2xf32>
    %150 = "stablehlo.concatenate"(%146, %149) { dimension = 3 : i64 } : (tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32>) -> tensor<2x1x4x4xf32>
    %151 = "stablehlo.reshape"(%150) : (tensor<2x1x4x4xf32>) -> tensor<2x1x16xf32>
    %152 = "stablehlo.convert"(%151) : (tensor<2x1x16xf32>) -> tensor<2x1x16xbf16>
    %153 = "stablehlo.reshape"(%128) : (tensor<2x1x8xbf16>) -> tensor<2x8xbf16>
    %154 = "stablehlo.convert"(%arg13) : (tensor<8x8xi8>) -> tensor<8x8xf32>
    %155 = "stablehlo.reshape"(%154) : (tensor<8x8xf32>) -> tensor<2x4x8xf32>
    %156 = "stablehlo.broadcast_in_dim"(%arg14) { broadcast_dimensions = array<i64: 0, 2> } : (tensor<2x8xf32>) -> tensor<2x4x8xf32>
    %157 = "stablehlo.multiply"(%155, %156) : (tensor<2x4x8xf32>, tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
    %158 = "stablehlo.convert"(%157) : (tensor<2x4x8xf32>) -> tensor<2x4x8xbf16>
    %159 = "stablehlo.reshape"(%158) : (tensor<2x4x8xbf16>) -> tensor<8x8xbf16>
    %160 = "stablehlo.dot_general"(%153, %159) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x8xbf16>, tensor<8x8xbf16>) -> tensor<2x8xbf16>
    %161 = "stablehlo.reshape"(%160) : (tensor<2x8xbf16>) -> tensor<2x1x8xbf16>
    %162 = "stablehlo.reshape"(%161) : (tensor<2x1x8xbf16>) -> tensor<2x1x2x4xbf16>
    %163 = "stablehlo.convert"(%162) : (tensor<2x1x2x4xbf16>) -> tensor<2x1x2x4xf32>
    %164 = "stablehlo.slice"(%163) {
      limit_indices = array<i64: 2, 1, 2, 2>,
      start_indices = array<i64: 0, 0, 0, 0>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x1x2x4xf32>) -> tensor<2x1x2x2xf32>
    %165 = "stablehlo.slice"(%163) {
      limit_indices = array<i64: 2, 1, 2, 4>,
      start_indices = array<i64: 0, 0, 0, 2>,
      strides = array<i64: 1, 1, 1, 1>
    } : (tensor<2x1x2x4xf32>) -> tensor<2x1x2x2xf32>
    %166 = "stablehlo.broadcast_in_dim"(%30) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<1x2xf32>) -> tensor<2x1x2x2xf32>
    %167 = "stablehlo.broadcast_in_dim"(%34) { broadcast_dimensions = array<i64: 1, 3> } : (tensor<1x2xf32>) -> tensor<2x1x2x2xf32>
    %168 = "stablehlo.multiply"(%164, %166) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %169 = "stablehlo.multiply"(%165, %167) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %170 = "stablehlo.subtract"(%168, %169) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %171 = "stablehlo.multiply"(%164, %167) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %172 = "stablehlo.multiply"(%165, %166) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %173 = "stablehlo.add"(%171, %172) : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x2xf32>
    %174 = "stablehlo.concatenate"(%170, %173) { dimension = 3 : i64 } : (tensor<2x1x2x2xf32>, tensor<2x1x2x2xf32>) -> tensor<2x1x2x4xf32>
    %175 = "stablehlo.reshape"(%174) : (tensor<2x1x2x4xf32>) -> tensor<2x1x8xf32>
    %176 = "stablehlo.convert"(%175) : (tensor<2x1x8xf32>) -> tensor<2x1x8xbf16>
    %177 = "stablehlo.reshape"(%128) : (tensor<2x1x8xbf16>) -> tensor<2x8xbf16>
    %178 = "stablehlo.convert"(%arg15) : (tensor<8x8xi8>) -> tensor<8x8xf32>
    %179 = "stablehlo.reshape"(%178) : (tensor<8x8xf32>) -> tensor<2x4x8xf32>
    %180 = "stablehlo.broadcast_in_dim"(%arg16) { broadcast_dimensions = array<i64: 0, 2> } : (tensor<2x8xf32>) -> tensor<2x4x8xf32>
    %181 = "stablehlo.multiply"(%179, %180) : (tensor<2x4x8xf32>, tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
    %182 = "stablehlo.convert"(%181) : (tensor<2x4x8xf32>) -> tensor<2x4x8xbf16>
    %183 = "stablehlo.reshape"(%182) : (tensor<2x4x8xbf16>) -> tensor<8x8xbf16>
    %184 = "stablehlo.dot_general"(%177, %183) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x8xbf16>, tensor<8x8xbf16>) -> tensor<2x8xbf16>
    %185 = "stablehlo.reshape"(%184) : (tensor<2x8xbf16>) -> tensor<2x1x8xbf16>
    %186 = "stablehlo.reshape"(%152) : (tensor<2x1x16xbf16>) -> tensor<2x1x4x4xbf16>
    %187 = "stablehlo.transpose"(%186) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x1x4x4xbf16>) -> tensor<2x4x1x4xbf16>
    %188 = "stablehlo.reshape"(%176) : (tensor<2x1x8xbf16>) -> tensor<2x1x2x4xbf16>
    %189 = "stablehlo.transpose"(%188) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x1x2x4xbf16>) -> tensor<2x2x1x4xbf16>
    %190 = "stablehlo.reshape"(%185) : (tensor<2x1x8xbf16>) -> tensor<2x1x2x4xbf16>
    %191 = "stablehlo.transpose"(%190) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x1x2x4xbf16>) -> tensor<2x2x1x4xbf16>
    %192 = "stablehlo.dynamic_update_slice"(%arg21, %189, %84, %84, %14, %84) : (tensor<2x2x7x4xbf16>, tensor<2x2x1x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x7x4xbf16>
    %193 = "stablehlo.dynamic_update_slice"(%arg22, %191, %84, %84, %14, %84) : (tensor<2x2x7x4xbf16>, tensor<2x2x1x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x7x4xbf16>
    %194 = "stablehlo.constant"() { value = dense<2> : tensor<i32> } : () -> tensor<i32>
    %195 = "stablehlo.subtract"(%14, %194) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    %196 = "stablehlo.maximum"(%195, %84) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    %197 = "stablehlo.dynamic_slice"(%192, %84, %84, %196, %84) { slice_sizes = array<i64: 2, 2, 3, 4> } : (tensor<2x2x7x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x3x4xbf16>
    %198 = "stablehlo.dynamic_slice"(%193, %84, %84, %196, %84) { slice_sizes = array<i64: 2, 2, 3, 4> } : (tensor<2x2x7x4xbf16>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<2x2x3x4xbf16>
    %199 = "stablehlo.iota"() { iota_dimension = 0 : i64 } : () -> tensor<1x3xi32>
    %200 = "stablehlo.broadcast_in_dim"(%14) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<1x3xi32>
    %201 = "stablehlo.add"(%199, %200) : (tensor<1x3xi32>, tensor<1x3xi32>) -> tensor<1x3xi32>
    %202 = "stablehlo.iota"() { iota_dimension = 1 : i64 } : () -> tensor<1x3xi32>
    %203 = "stablehlo.broadcast_in_dim"(%196) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<1x3xi32>
    %204 = "stablehlo.add"(%202, %203) : (tensor<1x3xi32>, tensor<1x3xi32>) -> tensor<1x3xi32>
    %205 = "stablehlo.compare"(%204, %201) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction LE>
    } : (tensor<1x3xi32>, tensor<1x3xi32>) -> tensor<1x3xi1>
    %206 = "stablehlo.constant"() { value = dense<3> : tensor<i32> } : () -> tensor<i32>
    %207 = "stablehlo.broadcast_in_dim"(%206) { broadcast_dimensions = array<i64> } : (tensor<i32>) -> tensor<1x3xi32>
    %208 = "stablehlo.subtract"(%201, %207) : (tensor<1x3xi32>, tensor<1x3xi32>) -> tensor<1x3xi32>
    %209 = "stablehlo.compare"(%204, %208) {
      compare_type = #stablehlo<comparison_type SIGNED>,
      comparison_direction = #stablehlo<comparison_direction GT>
    } : (tensor<1x3xi32>, tensor<1x3xi32>) -> tensor<1x3xi1>
    %210 = "stablehlo.and"(%205, %209) : (tensor<1x3xi1>, tensor<1x3xi1>) -> tensor<1x3xi1>
    %211 = "stablehlo.reshape"(%187) : (tensor<2x4x1x4xbf16>) -> tensor<2x2x2x4xbf16>
    %212 = "stablehlo.dot_general"(%211, %197) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0, 1],
  rhs_batching_dimensions = [0, 1],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [3]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x2x2x4xbf16>, tensor<2x2x3x4xbf16>) -> tensor<2x2x2x3xf32>
    %213 = "stablehlo.reshape"(%212) : (tensor<2x2x2x3xf32>) -> tensor<2x2x2x1x3xf32>
    %214 = "stablehlo.broadcast_in_dim"(%95) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x2x2x1x3xf32>
    %215 = "stablehlo.multiply"(%213, %214) : (tensor<2x2x2x1x3xf32>, tensor<2x2x2x1x3xf32>) -> tensor<2x2x2x1x3xf32>
    %216 = "stablehlo.broadcast_in_dim"(%210) { broadcast_dimensions = array<i64: 3, 4> } : (tensor<1x3xi1>) -> tensor<2x2x2x1x3xi1>
    %217 = "stablehlo.broadcast_in_dim"(%99) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> tensor<2x2x2x1x3xf32>
    %218 = "stablehlo.select"(%216, %215, %217) : (tensor<2x2x2x1x3xi1>, tensor<2x2x2x1x3xf32>, tensor<2x2x2x1x3xf32>) -> tensor<2x2x2x1x3xf32>
    %220 = "stablehlo.reduce"(%218, %102) ({
      ^reductionFn(%arg27: tensor<f32>, %arg28: tensor<f32>) :
          %219 = "stablehlo.maximum"(%arg27, %arg28) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%219) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 4> } : (tensor<2x2x2x1x3xf32>, tensor<f32>) -> tensor<2x2x2x1xf32>
    %221 = "stablehlo.broadcast_in_dim"(%220) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<2x2x2x1xf32>) -> tensor<2x2x2x1x3xf32>
    %222 = "stablehlo.subtract"(%218, %221) : (tensor<2x2x2x1x3xf32>, tensor<2x2x2x1x3xf32>) -> tensor<2x2x2x1x3xf32>
    %223 = "stablehlo.exponential"(%222) : (tensor<2x2x2x1x3xf32>) -> tensor<2x2x2x1x3xf32>
    %225 = "stablehlo.reduce"(%223, %108) ({
      ^reductionFn(%arg29: tensor<f32>, %arg30: tensor<f32>) :
          %224 = "stablehlo.add"(%arg29, %arg30) : (tensor<f32>, tensor<f32>) -> tensor<f32>
          "stablehlo.return"(%224) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 4> } : (tensor<2x2x2x1x3xf32>, tensor<f32>) -> tensor<2x2x2x1xf32>
    %226 = "stablehlo.broadcast_in_dim"(%225) { broadcast_dimensions = array<i64: 0, 1, 2, 3> } : (tensor<2x2x2x1xf32>) -> tensor<2x2x2x1x3xf32>
    %227 = "stablehlo.divide"(%223, %226) : (tensor<2x2x2x1x3xf32>, tensor<2x2x2x1x3xf32>) -> tensor<2x2x2x1x3xf32>
    %228 = "stablehlo.reshape"(%227) : (tensor<2x2x2x1x3xf32>) -> tensor<2x2x2x3xf32>
    %229 = "stablehlo.convert"(%228) : (tensor<2x2x2x3xf32>) -> tensor<2x2x2x3xbf16>
    %230 = "stablehlo.dot_general"(%229, %198) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [0, 1],
  rhs_batching_dimensions = [0, 1],
  lhs_contracting_dimensions = [3],
  rhs_contracting_dimensions = [2]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x2x2x3xbf16>, tensor<2x2x3x4xbf16>) -> tensor<2x2x2x4xbf16>
    %231 = "stablehlo.reshape"(%230) : (tensor<2x2x2x4xbf16>) -> tensor<2x4x1x4xbf16>
    %232 = "stablehlo.transpose"(%231) { permutation = array<i64: 0, 2, 1, 3> } : (tensor<2x4x1x4xbf16>) -> tensor<2x1x4x4xbf16>
    %233 = "stablehlo.reshape"(%232) : (tensor<2x1x4x4xbf16>) -> tensor<2x1x16xbf16>
    %234 = "stablehlo.reshape"(%233) : (tensor<2x1x16xbf16>) -> tensor<2x16xbf16>
    %235 = "stablehlo.convert"(%arg17) : (tensor<16x8xi8>) -> tensor<16x8xf32>
    %236 = "stablehlo.reshape"(%235) : (tensor<16x8xf32>) -> tensor<4x4x8xf32>
    %237 = "stablehlo.broadcast_in_dim"(%arg18) { broadcast_dimensions = array<i64: 0, 2> } : (tensor<4x8xf32>) -> tensor<4x4x8xf32>
    %238 = "stablehlo.multiply"(%236, %237) : (tensor<4x4x8xf32>, tensor<4x4x8xf32>) -> tensor<4x4x8xf32>
    %239 = "stablehlo.convert"(%238) : (tensor<4x4x8xf32>) -> tensor<4x4x8xbf16>
    %240 = "stablehlo.reshape"(%239) : (tensor<4x4x8xbf16>) -> tensor<16x8xbf16>
    %241 = "stablehlo.dot_general"(%234, %240) {
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_batching_dimensions = [],
  lhs_contracting_dimensions = [1],
  rhs_contracting_dimensions = [0]
>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x16xbf16>, tensor<16x8xbf16>) -> tensor<2x8xbf16>
    %242 = "stablehlo.reshape"(%241) : (tensor<2x8xbf16>) -> tensor<2x1x8xbf16>
    %243 = "stablehlo.add"(%128, %242) : (tensor<2x1x8xbf16>, tensor<2x1x8xbf16>) -> tensor<2x1x8xbf16>
    %244 = "stablehlo.reshape"(%243) : (tensor<2x1x8xbf16>) -> tensor<2x8xbf16>
    %245 = "stablehlo.convert"(%244) : (tensor<2x8xbf16>) -> tensor<2x8xf32>
    "stablehlo.return"(%245, %85, %86, %192, %193) : (tensor<2x8xf32>, tensor<2x2x7x4xbf16>, tensor<2x2x7x4xbf16>, tensor<2x2x7x4xbf16>, tensor<2x2x7x4xbf16>) -> ()
  }
}
