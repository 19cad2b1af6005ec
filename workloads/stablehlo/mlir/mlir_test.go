package mlir_test

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// sample has every construct that the writer of modules uses.
const sample = `module @Sample attributes {stablehlo.num_replicas = 1,  stablehlo.num_partitions = 8} {
  sdy.mesh @mesh = <["data"=4, "model"=2], device_ids=[7, 6, 5, 4, 3, 2, 1, 0]>
  func.func @scale(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
    "stablehlo.return"(%x) : (tensor<2x3xf32>) -> ()
  }

  func.func @main(%arg0: tensor<2x3xf32> { sdy.sharding = #sdy.sharding<@mesh, [{"data"}, {}]> }, %state: tensor<4xbf16> {
    tf.aliasing_output = 1 : i32,
    z = true
  }) -> (tensor<2xf32> {
    jax.result_info = "re\"sult\\"
  }, tensor<4xbf16>) {
    %0 = "stablehlo.constant"() { value = dense<0xff800000> : tensor<f32> } : () -> tensor<f32>
    // a comment with } and "
    %1 = "func.call"(%arg0) { callee = @scale } : (tensor<2x3xf32>) -> tensor<2x3xf32>
    %4 = "stablehlo.reduce"(%1, %0) ({
      ^reductionFn(%lhs: tensor<f32>, %rhs: tensor<f32>) :
        %2 = "stablehlo.maximum"(%lhs, %rhs) : (tensor<f32>, tensor<f32>) -> tensor<f32>
        "stablehlo.return"(%2) : (tensor<f32>) -> ()
    }) { dimensions = array<i64: 1> } : (tensor<2x3xf32>, tensor<f32>) -> tensor<2xf32>
    %5, %6 = "stablehlo.while"(%0, %4) ({
      ^cond(%a: tensor<f32>, %b: tensor<2xf32>) :
        %7 = "stablehlo.compare"(%a, %0) {
          compare_type = #stablehlo<comparison_type FLOAT>,
          comparison_direction = #stablehlo<comparison_direction LT>
        } : (tensor<f32>, tensor<f32>) -> tensor<i1>
        "stablehlo.return"(%7) : (tensor<i1>) -> ()
    }, {
      ^body(%c: tensor<f32>, %d: tensor<2xf32>) :
        "stablehlo.return"(%c, %d) : (tensor<f32>, tensor<2xf32>) -> ()
    }) : (tensor<f32>, tensor<2xf32>) -> (tensor<f32>, tensor<2xf32>)
    %8 = "stablehlo.dot_general"(%1, %1) {
      algorithm = #stablehlo.dot_algorithm<
  lhs_precision_type = tf32,
  accumulation_type = f32,
  allow_imprecise_accumulation = false>,
      dot_dimension_numbers = #stablehlo.dot<
  lhs_batching_dimensions = [],
  rhs_contracting_dimensions = [1, 0]
>,
      precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision DEFAULT>]
    } : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x2xf32>
    %9 = "stablehlo.custom_call"(%1) <{ api_version = 2 : i32 }> {
      call_target_name = "__cudnn$x\0A",
      dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 1, 0, f]>,
      operand_layouts = [dense<[1, 0]> : tensor<2xindex>],
      padding = dense<[[1, -1], [0, 2]]> : tensor<2x2xi64>,
      epsilon = 1.0e-05 : f32,
      window_reversal = array<i1: false, true>,
      strides = array<i64>,
      config = { nested = { x = 1 } }
    } : (tensor<2x3xf32>) -> tensor<0xui8>
    "stablehlo.return"(%4, %state) : (tensor<2xf32>, tensor<4xbf16>) -> ()
  }
}
`

func TestParse(t *testing.T) {
	m, err := mlir.Parse([]byte(sample))
	require.NoError(t, err)
	require.Equal(t, "Sample", m.Name)
	require.Equal(t, mlir.Attrs{"stablehlo.num_replicas": int64(1), "stablehlo.num_partitions": int64(8)}, m.Attrs)
	require.Equal(t, `["data"=4, "model"=2], device_ids=[7, 6, 5, 4, 3, 2, 1, 0]`, m.Meshes["mesh"])
	require.Len(t, m.Funcs, 2)
	require.Nil(t, m.Func("other"))

	f := m.Func("main")
	require.Equal(t, 7, f.Line)
	require.Equal(t, "arg0", f.Body.Args[0].Name)
	require.Equal(t, mlir.Type{Elem: mlir.BF16, Shape: []int{4}}, f.Body.Args[1].Type)
	require.Equal(t, mlir.Attrs{"sdy.sharding": mlir.Opaque(`#sdy.sharding<@mesh, [{"data"}, {}]>`)}, f.ArgAttrs[0])
	require.Equal(t, mlir.Attrs{"tf.aliasing_output": int64(1), "z": true}, f.ArgAttrs[1])
	require.Equal(t, mlir.Attrs{"jax.result_info": `re"sult\`}, f.Results[0].Attrs)

	ops := f.Body.Ops
	require.Len(t, ops, 7)
	require.Equal(t, mlir.Dense{Type: mlir.Type{Elem: mlir.F32, Shape: []int{}}, Data: []byte{0, 0, 0x80, 0xff}}, ops[0].Attrs["value"])
	require.Equal(t, mlir.Symbol("scale"), ops[1].Attrs["callee"])
	require.Equal(t, 15, ops[1].Line)
	reduce := ops[2]
	require.Equal(t, []*mlir.Value{ops[1].Results[0], ops[0].Results[0]}, reduce.Operands)
	require.Equal(t, mlir.Ints{1}, reduce.Attrs["dimensions"])
	require.Equal(t, "stablehlo.maximum", reduce.Regions[0].Ops[0].Name)
	require.Same(t, reduce.Regions[0].Args[1], reduce.Regions[0].Ops[0].Operands[1])
	require.Len(t, ops[3].Results, 2)
	compare := ops[3].Regions[0].Ops[0]
	require.Same(t, ops[0].Results[0], compare.Operands[1], "a region uses a value from around it")
	require.Equal(t, mlir.Enum{Kind: "comparison_direction", Value: "LT"}, compare.Attrs["comparison_direction"])
	require.Equal(t, mlir.Attrs{
		"algorithm": mlir.Struct{Name: "dot_algorithm", Fields: mlir.Attrs{
			"lhs_precision_type": mlir.Word("tf32"), "accumulation_type": mlir.Word("f32"), "allow_imprecise_accumulation": false}},
		"dot_dimension_numbers": mlir.Struct{Name: "dot", Fields: mlir.Attrs{
			"lhs_batching_dimensions": mlir.Ints{}, "rhs_contracting_dimensions": mlir.Ints{1, 0}}},
		"precision_config": mlir.List{mlir.Enum{Kind: "precision", Value: "HIGHEST"}, mlir.Enum{Kind: "precision", Value: "DEFAULT"}},
	}, ops[4].Attrs)
	require.Equal(t, mlir.Attrs{
		"api_version":      int64(2),
		"call_target_name": "__cudnn$x\n",
		"dimension_numbers": mlir.Conv{Input: []string{"b", "0", "1", "f"}, Kernel: []string{"0", "1", "i", "o"},
			Output: []string{"b", "1", "0", "f"}},
		"operand_layouts": mlir.List{mlir.Dense{Type: mlir.Type{Elem: mlir.Index, Shape: []int{2}},
			Data: binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, 1), 0)}},
		"padding": ops[5].Attrs["padding"],
		"epsilon": float64(float32(1e-5)), "window_reversal": mlir.Bools{false, true}, "strides": mlir.Ints{},
		"config": mlir.Attrs{"nested": mlir.Attrs{"x": int64(1)}},
	}, ops[5].Attrs)
	require.Equal(t, []int{1, -1, 0, 2}, ops[5].Attrs["padding"].(mlir.Dense).Ints())
}

// module is a module whose main is the given operations.
func module(ops string) string {
	return "module {\nfunc.func @main(%x: tensor<f32>) -> tensor<f32> {\n" + ops + "\n}\n}"
}

func TestErrorsNameLineAndCause(t *testing.T) {
	const end = `"stablehlo.return"(%x) : (tensor<f32>) -> ()`
	for name, c := range map[string]struct{ text, want string }{
		"empty":           {"", `line 1: not a module in generic form: want "module"`},
		"unknown item":    {"module { foo }", `found "foo`},
		"after":           {"module { } x", "text after the module"},
		"undefined":       {module(`%0 = "a.b"(%y) : (tensor<f32>) -> tensor<f32>` + end), "line 3: not a module in generic form: %y is used before"},
		"twice":           {module(`%x = "a.b"(%x) : (tensor<f32>) -> tensor<f32>` + end), "%x is defined twice"},
		"wrong type":      {module(`%0 = "a.b"(%x) : (tensor<f64>) -> tensor<f32>` + end), "operand %x is tensor<f32>, written as tensor<f64>"},
		"missing type":    {module(`%0 = "a.b"(%x) : () -> tensor<f32>` + end), "1 operands and 0 types"},
		"extra type":      {module(`%0 = "a.b"(%x) : (tensor<f32>, tensor<f32>) -> tensor<f32>` + end), "1 operands and 2 types"},
		"convolution":     {module(`%0 = "c"() {a = #stablehlo.conv<[b, f]x[i, o]->[b, 0, f]>} : () -> tensor<f32>` + end), "of different ranks"},
		"comment":         {"//\nmodule { x }", "line 2"},
		"results":         {module(`%0, %1 = "a.b"(%x) : (tensor<f32>) -> tensor<f32>` + end), "2 names and 1 types"},
		"element":         {module(`%0 = "a.b"(%x) : (tensor<f32>) -> tensor<2xf31>` + end), `element type "f31" is not known`},
		"dynamic":         {module(`%0 = "a.b"(%x) : (tensor<f32>) -> tensor<?xf32>` + end), "is not a static size"},
		"large":           {module(`%0 = "a.b"(%x) : (tensor<f32>) -> tensor<4294967296x4294967296xf32>` + end), "more than 2^48"},
		"no return":       {module(``), "without a return"},
		"return within":   {module(end + end), "ends with one return"},
		"returns other":   {module(`"stablehlo.return"() : () -> ()`), "returns 0 values, and declares 1"},
		"function twice":  {"module { func.func @f() { \"func.return\"() : () -> () } func.func @f() { \"func.return\"() : () -> () } }", "@f is defined twice"},
		"constant count":  {module(`%0 = "c"() {value = dense<[1.0]> : tensor<2xf32>} : () -> tensor<2xf32>` + end), "a list of 1 elements in place of 2"},
		"integer float":   {module(`%0 = "c"() {value = dense<1> : tensor<f32>} : () -> tensor<f32>` + end), `"1" as f32`},
		"out of range":    {module(`%0 = "c"() {value = dense<128> : tensor<i8>} : () -> tensor<i8>` + end), `"128" as i8`},
		"negative":        {module(`%0 = "c"() {value = dense<-1> : tensor<ui8>} : () -> tensor<ui8>` + end), `"-1" as ui8`},
		"empty constant":  {module(`%0 = "c"() {value = dense<> : tensor<2xf32>} : () -> tensor<2xf32>` + end), "no elements for"},
		"rest of it":      {module(`%0 = "c"() {value = dense<1.0 2.0> : tensor<f32>} : () -> tensor<f32>` + end), "end of a constant"},
		"hex bytes":       {module(`%0 = "c"() {value = dense<"0x0102"> : tensor<3xi8>} : () -> tensor<3xi8>` + end), "has 2 bytes"},
		"attribute twice": {module(`%0 = "c"() {a = 1, a = 2} : () -> tensor<f32>` + end), "given twice"},
		"conv":            {module(`%0 = "c"() {a = #stablehlo.conv<[b, f, 0]x[o, i, 0]->[b, f, 1]>} : () -> tensor<f32>` + end), "dimension 0 is missing"},
		"string":          {module("\"abc\n"), "not closed on its line"},
		"escape":          {module(`"ab\q"`), `escape \q"`},
		"bracket":         {module(`%0 = "c"() {a = #x.y<(>} : () -> tensor<f32>`), `'>' closes nothing`},
		"mesh":            {"module { sdy.mesh @m = 0 }", `want a bracket, found "0 }"`},
		"deep":            {module(`%0 = "c"() {a = ` + strings.Repeat("[", 200)), "nested deeper"},
	} {
		m, err := mlir.Parse([]byte(c.text))
		require.ErrorIs(t, err, mlir.ErrSyntax, name)
		require.ErrorContains(t, err, c.want, name)
		require.Nil(t, m)
	}
}

func constant(t require.TestingT, text string) mlir.Dense {
	m, err := mlir.Parse([]byte("module { func.func @main() { %0 = \"c\"() {v = dense<" + text + "} : () -> tensor<f32> \"func.return\"() : () -> () } }"))
	require.NoError(t, err, text)
	return m.Funcs[0].Body.Ops[0].Attrs["v"].(mlir.Dense)
}

func TestConstants(t *testing.T) {
	for text, want := range map[string][]byte{
		`1.5> : tensor<f32>`:                               {0, 0, 0xc0, 0x3f},
		`1.5e+00> : tensor<f32>`:                           {0, 0, 0xc0, 0x3f},
		`-2.0> : tensor<bf16>`:                             {0, 0xc0},
		`0x7fc0> : tensor<bf16>`:                           {0xc0, 0x7f},
		`[1.0, 65504.0]> : tensor<2xf16>`:                  {0, 0x3c, 0xff, 0x7b},
		`[448.0, -1.0, 0.001953125]> : tensor<3xf8E4M3FN>`: {0x7e, 0xb8, 1},
		`[[1, -1], [2, 3]]> : tensor<2x2xi8>`:              {1, 0xff, 2, 3},
		`[true, false]> : tensor<2xi1>`:                    {1, 0},
		`18446744073709551615> : tensor<ui64>`:             {255, 255, 255, 255, 255, 255, 255, 255},
		`"0x01000200"> : tensor<2xi16>`:                    {1, 0, 2, 0},
		`[]> : tensor<0xf32>`:                              nil,
		`[[], []]> : tensor<2x0xf32>`:                      nil,
	} {
		d := constant(t, text)
		require.Equal(t, want, d.Data, text)
		require.False(t, d.Splat)
	}
	for text, want := range map[string][]byte{`7> : tensor<3x4xi16>`: {7, 0}, `"0x05"> : tensor<9xi8>`: {5}} {
		d := constant(t, text)
		require.Equal(t, want, d.Data, text)
		require.True(t, d.Splat)
	}
	require.Equal(t, []int{-3, -3}, constant(t, "-3> : tensor<2xi16>").Ints())
	require.Equal(t, []int{255}, constant(t, "[255]> : tensor<1xui8>").Ints())
}

// The numbers of f8E4M3FN by definition: exponents from -6, steps of 1/8, no infinity.
func TestFloat8(t *testing.T) {
	var values [128]float64
	for code := range 127 {
		e, f := code>>3, float64(code&7)
		values[code] = math.Ldexp(1+f/8, e-7)
		if e == 0 {
			values[code] = math.Ldexp(f/8, -6)
		}
		require.Equal(t, values[code], mlir.F8E4M3FN.FloatAt([]byte{byte(code)}))
		require.Equal(t, -values[code], mlir.F8E4M3FN.FloatAt([]byte{byte(code | 128)}))
	}
	require.True(t, math.IsNaN(mlir.F8E4M3FN.FloatAt([]byte{0x7f})))
	code := func(v float64) byte {
		var b [1]byte
		mlir.F8E4M3FN.PutFloat(b[:], v)
		return b[0]
	}
	require.Equal(t, byte(0x7e), code(464), "the tie goes to the even 448")
	for _, v := range []float64{465, 1e30, math.Inf(1), math.NaN()} {
		require.Equal(t, byte(0x7f), code(v), v)
	}
	require.Equal(t, byte(0x80), code(math.Copysign(0, -1)))
	rapid.Check(t, func(t *rapid.T) {
		v := float64(rapid.Float32Range(0, 448).Draw(t, "v"))
		best := 0
		for c := range 127 {
			near, old := math.Abs(values[c]-v), math.Abs(values[best]-v)
			if near < old || near == old && c%2 == 0 {
				best = c
			}
		}
		require.Equal(t, byte(best), code(v))
	})
}

func TestFields(t *testing.T) {
	read := func(attrs string) *mlir.Fields {
		m, err := mlir.Parse([]byte("module { func.func @main() { \n%0 = \"a.b\"() {" + attrs + "} : () -> tensor<f32> \"func.return\"() : () -> () } }"))
		require.NoError(t, err)
		return m.Funcs[0].Body.Ops[0].Fields()
	}
	f := read(`i = 3 : i64, b = true, l = [1, 2], d = dense<[4, 5]> : tensor<2xi64>, e = #stablehlo<precision HIGH>, es = [#stablehlo<precision HIGH>],
		s = @f, r = #stablehlo.dot<a = [7]>, bs = array<i1: true>, c = #stablehlo.conv<[b, f]x[i, o]->[b, f]>`)
	require.Equal(t, 3, f.Int("i", 0))
	require.Equal(t, 9, f.Int("absent", 9))
	require.True(t, f.Bool("b"))
	require.Equal(t, []int{1, 2}, f.Ints("l"))
	require.Equal(t, []int{4, 5}, f.IntsOf("d", 2, 1))
	require.Equal(t, []int{1, 1}, f.IntsOf("absent", 2, 1))
	require.Equal(t, "HIGH", f.Enum("e"))
	require.Equal(t, []string{"HIGH"}, f.Enums("es"))
	require.Equal(t, "f", f.Symbol("s"))
	require.Equal(t, []int{7}, f.Struct("r").Ints("a"))
	require.Equal(t, []bool{true}, f.Bools("bs", 1))
	require.Equal(t, []string{"b", "f"}, f.Conv("c").Input)
	require.NoError(t, f.Err())
	for want, use := range map[string]func(f *mlir.Fields){
		"line 2: a.b: attribute i is f, want an integer":         func(f *mlir.Fields) { f.Int("i", 0) },
		"attribute i is f, want true or false":                   func(f *mlir.Fields) { f.Bool("i") },
		"attribute l is [1 2], want 3 integers":                  func(f *mlir.Fields) { f.IntsOf("l", 3, 0) },
		"attribute d is missing, want a constant":                func(f *mlir.Fields) { f.Dense("d") },
		"attribute r is missing, want a record":                  func(f *mlir.Fields) { f.Struct("r").Ints("a") },
		"attribute x is [1 2], want an integer":                  func(f *mlir.Fields) { f.Struct("s").Int("x", 0); f.Enum("i") },
		"attribute l is [1 2], want a list of enumerations":      func(f *mlir.Fields) { f.Enums("l") },
		"attribute l is [1 2], want 1 truth values":              func(f *mlir.Fields) { f.Bools("l", 1) },
		"attribute l is [1 2], want the name of a function":      func(f *mlir.Fields) { f.Symbol("l") },
		"attribute l is [1 2], want dimension numbers":           func(f *mlir.Fields) { f.Conv("l") },
		"attribute l is [1 2], want an enumeration of StableHLO": func(f *mlir.Fields) { f.Enum("l") },
	} {
		f := read(`i = @f, l = [1, 2], s = #stablehlo.dot<x = [1, 2]>`)
		use(f)
		require.ErrorContains(t, f.Err(), want)
	}
}

// FuzzParse: whatever the text, an error that wraps ErrSyntax, or a module in which regions return and constants have their size.
func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(module(`%0 = "c"() {a = dense<[[1.0e+3], [0x7f]]> : tensor<2x1xf32>, b} : () -> tensor<f32>`)))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := mlir.Parse(text)
		if err != nil {
			require.ErrorIs(t, err, mlir.ErrSyntax)
			return
		}
		for _, f := range m.Funcs {
			check(t, f.Body)
		}
	})
}

func check(t *testing.T, r *mlir.Region) {
	require.Contains(t, []string{"stablehlo.return", "func.return"}, r.Return().Name)
	for _, op := range r.Ops {
		for _, v := range op.Operands {
			require.NotNil(t, v)
		}
		for _, a := range op.Attrs {
			if d, ok := a.(mlir.Dense); ok && !d.Splat {
				require.Len(t, d.Data, d.Type.Bytes())
			}
		}
		for _, r := range op.Regions {
			check(t, r)
		}
	}
}
