package hlo_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo"
	"github.com/accelbench/accelbench/workloads/stablehlo/hlo"
	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

var update = flag.Bool("update", false, "write the golden files anew")

func write(t testing.TB, text string) []byte {
	t.Helper()
	m, err := mlir.Parse([]byte(text))
	require.NoError(t, err)
	data, err := hlo.Write(m)
	require.NoError(t, err)
	return data
}

// dump shows the fields of a message by their numbers. Bytes that read as a message are one, unless they read as a word.
func dump(b *strings.Builder, indent string, data []byte) {
	for len(data) > 0 {
		field, kind, n := protowire.ConsumeTag(data)
		data = data[n:]
		if kind == protowire.VarintType {
			v, n := protowire.ConsumeVarint(data)
			fmt.Fprintf(b, "%s%d: %d\n", indent, field, int64(v))
			data = data[n:]
			continue
		}
		v, n := protowire.ConsumeBytes(data)
		data = data[n:]
		var inner strings.Builder
		switch {
		case isWord(v):
			fmt.Fprintf(b, "%s%d: %q\n", indent, field, v)
		case isMessage(v):
			dump(&inner, indent+"  ", v)
			fmt.Fprintf(b, "%s%d {\n%s%s}\n", indent, field, inner.String(), indent)
		default:
			fmt.Fprintf(b, "%s%d: %x\n", indent, field, v)
		}
	}
}

func isWord(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return len(b) > 1
}

func isMessage(b []byte) bool {
	for len(b) > 0 {
		_, kind, n := protowire.ConsumeTag(b)
		if n < 0 || kind != protowire.VarintType && kind != protowire.BytesType {
			return false
		}
		m := protowire.ConsumeFieldValue(1, kind, b[n:])
		if m < 0 {
			return false
		}
		b = b[n+m:]
	}
	return true
}

// The bytes are the same everywhere, also where the descriptors of XLA, which other tests ask, are not to be had.
func TestGolden(t *testing.T) {
	for _, name := range []string{"products", "states"} {
		var b strings.Builder
		dump(&b, "", write(t, programs()[name]))
		file := filepath.Join("testdata", name+".txt")
		if *update {
			require.NoError(t, os.MkdirAll("testdata", 0o755))
			require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(want), b.String())
	}
	for _, text := range programs() {
		require.Equal(t, write(t, text), write(t, text))
	}
}

func TestErrors(t *testing.T) {
	main := func(op string) string {
		return "module @m {\nfunc.func @main(%x: tensor<2xf32>, %p: tensor<i1>) -> tensor<2xf32> {\n" + op +
			"\n\"stablehlo.return\"(%x) : (tensor<2xf32>) -> () } }"
	}
	unary := func(op, rest string) string {
		return main(`%0 = "` + op + `"(%x) ` + rest + ` : (tensor<2xf32>) -> tensor<2xf32>`)
	}
	for text, want := range map[string]string{
		"module @m { }":                    "writing module m as HLO: there is no function @main",
		unary("stablehlo.all_to_all", ""):  "line 3: stablehlo.all_to_all: cannot be written as HLO",
		unary("stablehlo.add", ""):         "line 3: stablehlo.add: has 1 operands, wants 2",
		unary("stablehlo.transpose", ""):   "attribute permutation is missing, want integers",
		unary("stablehlo.slice", ""):       "attribute start_indices is missing, want 1 integers",
		unary("stablehlo.concatenate", ""): "attribute dimension is missing, want an integer",
		main(`%0 = "stablehlo.if"(%p, %p) ({ "stablehlo.return"(%x) : (tensor<2xf32>) -> () }, { "stablehlo.return"(%x) : (tensor<2xf32>) -> () }) : (tensor<i1>, tensor<i1>) -> tensor<2xf32>`): "with 2 regions and 2 operands",
		unary("stablehlo.transpose", "{permutation = 1 : i64}"):                            "attribute permutation is 1, want integers",
		unary("stablehlo.broadcast_in_dim", "{broadcast_dimensions = array<i64: 3>}"):      "tensor<2xf32> does not become tensor<2xf32> by [3]",
		unary("func.call", "{callee = @none}"):                                             "line 3: func.call: there is no function @none",
		unary("func.call", "{callee = @main}"):                                             "@main calls itself",
		unary("stablehlo.custom_call", `{call_target_name = "x", backend_config = {}}`):    "",
		unary("stablehlo.custom_call", `{call_target_name = "x", backend_config = {}}`):    "with these attributes",
		unary("stablehlo.custom_call", `{operand_layouts = []}`):                           "with these attributes: cannot be written as HLO",
		unary("stablehlo.custom_call", `{call_target_name = "x", operand_layouts = [1]}`):  "with these attributes: cannot be written as HLO",
		main(`%0 = "stablehlo.negate"(%p) : (tensor<i1>) -> tensor<2xf32>`):                "operand 0 is tensor<i1>, the result tensor<2xf32>",
		main(`%0 = "stablehlo.iota"() {iota_dimension = 0 : i64} : () -> tensor<2xindex>`): "elements of index: cannot be written as HLO",
		main(`%0 = "stablehlo.dot_general"(%x, %x) {algorithm = 1 : i64, dot_dimension_numbers = #stablehlo.dot<>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2x2xf32>`):                                                 "HLO's algorithms",
		main(`%0 = "stablehlo.reduce"(%x, %x) ({ ^f(%a: tensor<f32>, %b: tensor<f32>) : "stablehlo.return"(%x) : (tensor<2xf32>) -> () }) {dimensions = array<i64: 0>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<f32>`): "%x comes from outside of its region: cannot be written as HLO",
		main(`%0 = "stablehlo.while"(%x) ({ "stablehlo.return"(%p) : (tensor<i1>) -> () }, { "stablehlo.return"(%x) : (tensor<2xf32>) -> () }) : (tensor<2xf32>) -> tensor<2xf32>`):                                      "has 1 operands, and a region of 0",
		main(`%0 = "stablehlo.if"(%p) ({ "stablehlo.return"(%x) : (tensor<2xf32>) -> () }, { "stablehlo.return"(%p) : (tensor<i1>) -> () }) : (tensor<i1>) -> tensor<2xf32>`):                                            "result 0 is tensor<i1>, declared as tensor<2xf32>",
		`module @m attributes {stablehlo.num_partitions = 2 : i32} { func.func @main() { "func.return"() : () -> () } }`:                                                                                                 "a module for several devices",
		`module @m { func.func @main(%x: tensor<f32> {tf.aliasing_output = 0 : i32}) -> tensor<i32> { %0 = "stablehlo.convert"(%x) : (tensor<f32>) -> tensor<i32> "func.return"(%0) : (tensor<i32>) -> () } }`:           "argument 0 aliases result 0, which does not have its type",
		`module @m { func.func @main(%x: tensor<f32> {sdy.sharding = #sdy.sharding<@m>}) -> tensor<f32> { "func.return"(%x) : (tensor<f32>) -> () } }`:                                                                   "argument 0 has attribute sdy.sharding: cannot be written as HLO",
		`module @m { func.func @main(%x: tensor<f32>) -> tensor<f32> { %0 = "func.call"(%x) {callee = @g} : (tensor<f32>) -> tensor<f32> "func.return"(%0) : (tensor<f32>) -> () }
			func.func @g(%x: tensor<i32>) -> tensor<i32> { "func.return"(%x) : (tensor<i32>) -> () } }`: "operands are not what @g takes",
		`module @m { func.func @main(%x: tensor<f32>) -> tensor<f32> { %0 = "func.call"(%x) {callee = @f} : (tensor<f32>) -> tensor<f32> "func.return"(%0) : (tensor<f32>) -> () }
			func.func @f(%x: tensor<f32>) -> tensor<f32> { %0 = "func.call"(%x) {callee = @f} : (tensor<f32>) -> tensor<f32> "func.return"(%0) : (tensor<f32>) -> () } }`: "@f calls itself",
	} {
		m, err := mlir.Parse([]byte(text))
		require.NoError(t, err, text)
		_, err = hlo.Write(m)
		require.ErrorContains(t, err, want, text)
		if strings.Contains(want, "cannot be written") {
			require.ErrorIs(t, err, hlo.ErrUnsupported)
		}
	}
}

// Every standard workload that is StableHLO is HLO as well: all phases and generators in every precision.
func TestStandardWorkloads(t *testing.T) {
	count := 0
	for _, name := range workloads.Names() {
		for _, precision := range []string{"f32", "f16", "bf16", "fp8", "int8", "int4"} {
			w, err := workloads.Find(name, workloads.Options{Precision: precision})
			if err != nil || stablehlo.Supports(w, stablehlo.Options{}) != nil {
				continue
			}
			var texts [][]byte
			for phase := range w.Phases {
				p, err := stablehlo.Write(w, phase, stablehlo.Options{})
				require.NoError(t, err)
				texts = append(texts, p.Text)
			}
			if !testing.Short() {
				generators, err := stablehlo.Generators(w, stablehlo.Options{})
				require.NoError(t, err)
				for _, g := range generators {
					texts = append(texts, g.Program.Text)
				}
			}
			for _, text := range texts {
				require.NotEmpty(t, write(t, string(text)), name)
				count++
			}
		}
	}
	require.Greater(t, count, 20)
}

// FuzzWrite: whatever module, bytes or an error.
func FuzzWrite(f *testing.F) {
	for _, text := range programs() {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := mlir.Parse(text)
		if err != nil {
			return
		}
		data, err := hlo.Write(m)
		require.NotEqual(t, err == nil, data == nil)
	})
}
