package stablehlo

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestStandardWorkloads writes every standard workload in every precision that it has, and checks what makes programs and
// generators fit each other.
func TestStandardWorkloads(t *testing.T) {
	for _, e := range workloads.Catalogue() {
		for _, precision := range e.Precisions {
			t.Run(fmt.Sprint(e.Name, "/", precision), func(t *testing.T) {
				if testing.Short() && !e.Everyday {
					t.Skip("large")
				}
				w := find(t, e.Name, workloads.Options{Precision: precision})
				params := map[string]Port{}
				states := map[string]Port{}
				for i := range w.Phases {
					p, err := Write(w, i, Options{})
					require.NoError(t, err)
					again, err := Write(w, i, Options{})
					require.NoError(t, err)
					require.Equal(t, string(p.Text), string(again.Text), "writing twice gives the same")
					requireProgram(t, p)
					requirePorts(t, w.Phases[i].Graph, p)
					for _, a := range p.Args {
						known := map[Role]map[string]Port{Param: params, State: states}[a.Role]
						if old, ok := known[a.Name]; ok {
							require.Equal(t, old.DType, a.DType, a.Name)
							require.Equal(t, old.Shape, a.Shape, "%s in all phases", a.Name)
						} else if known != nil {
							known[a.Name] = a
						}
					}
				}
				requireGenerators(t, w, params)
			})
		}
	}
}

// requireProgram holds a text to what the program says of it.
func requireProgram(t testing.TB, p *Program) *mlir.Module {
	t.Helper()
	m, err := mlir.Parse(p.Text)
	require.NoError(t, err)
	main := m.Func("main")
	require.NotNil(t, main)
	require.Len(t, main.Body.Args, len(p.Args))
	require.Len(t, main.Results, len(p.Results))
	taken := map[int]bool{}
	for i, a := range p.Args {
		requireType(t, a, main.Body.Args[i].Type)
		aliasing, donated := main.ArgAttrs[i]["tf.aliasing_output"]
		require.Equal(t, a.Result >= 0, donated, a.Name)
		if !donated {
			continue
		}
		require.Equal(t, fmt.Sprint(a.Result), fmt.Sprint(aliasing))
		require.False(t, taken[a.Result], "two arguments for a result")
		taken[a.Result] = true
		r := p.Results[a.Result]
		require.Equal(t, []any{State, a.Name, a.DType, a.Shape, a.Shard}, []any{r.Role, r.Name, r.DType, r.Shape, r.Shard}, "a result takes over a buffer of its own kind")
	}
	requireShards(t, m, p)
	for i, r := range p.Results {
		requireType(t, r, main.Results[i].Type)
		require.Equal(t, r.Role == State, taken[i], r.Name)
	}
	return m
}

// requireShards holds the shardings of a text to the ports.
func requireShards(t testing.TB, m *mlir.Module, p *Program) {
	t.Helper()
	main := m.Func("main")
	check := func(port Port, attrs mlir.Attrs) {
		if p.Parts <= 1 {
			require.NotContains(t, attrs, "sdy.sharding")
			require.Equal(t, whole, port.Shard)
			return
		}
		axes := slices.Repeat([]string{"{}"}, len(port.Shape))
		if port.Shard != whole {
			axes[port.Shard] = `{"device"}`
		}
		require.Equal(t, mlir.Opaque("#sdy.sharding<@mesh, ["+strings.Join(axes, ", ")+"]>"), attrs["sdy.sharding"], port.Name)
	}
	for i, a := range p.Args {
		check(a, main.ArgAttrs[i])
	}
	for i, r := range p.Results {
		check(r, main.Results[i].Attrs)
	}
	if p.Parts > 1 {
		require.EqualValues(t, p.Parts, m.Attrs["stablehlo.num_partitions"])
		require.Equal(t, fmt.Sprintf(`["device"=%d]`, p.Parts), m.Meshes["mesh"])
	}
}

func requireType(t testing.TB, p Port, got mlir.Type) {
	t.Helper()
	want := map[workloads.DType]mlir.Elem{workloads.F32: mlir.F32, workloads.F16: mlir.F16, workloads.BF16: mlir.BF16, workloads.I8: mlir.I8,
		workloads.I32: mlir.I32, workloads.U64: mlir.UI64, workloads.F8E4M3: mlir.F8E4M3FN}[p.DType]
	require.True(t, want == got.Elem && slices.Equal(p.Shape, got.Shape) && p.Bytes() == int64(got.Bytes()), "port %v is %v in the text", p, got)
}

// requirePorts holds a program to its graph.
func requirePorts(t *testing.T, g *workloads.Graph, p *Program) {
	t.Helper()
	var order []Role
	for _, a := range p.Args {
		order = append(order, a.Role)
	}
	require.True(t, slices.IsSortedFunc(order, func(a, b Role) int {
		rank := []Role{Input, Param, State}
		return slices.Index(rank, a) - slices.Index(rank, b)
	}), "inputs, parameters, states")
	for i, v := range g.Inputs() {
		require.Equal(t, Port{Role: Input, Name: v.Name, DType: v.DType, Shape: v.Shape, Shard: whole, Result: -1}, p.Args[i])
	}
	for i, v := range g.Outputs {
		require.Equal(t, Port{Role: Output, Name: v.Name, DType: v.DType, Shape: v.Shape, Shard: whole, Result: -1}, p.Results[i])
	}
	for _, v := range g.States() {
		i := slices.IndexFunc(p.Args, func(a Port) bool { return a.Name == v.Name })
		require.True(t, i >= 0 && workloads.Elements(p.Args[i].Shape) == workloads.Elements(v.Shape), v.Name)
	}
}

// requireGenerators: each parameter is made once, in its type and shape.
func requireGenerators(t *testing.T, w *workloads.Workload, params map[string]Port) {
	t.Helper()
	generators, err := Generators(w, Options{})
	require.NoError(t, err)
	made := map[string]bool{}
	for _, g := range generators {
		requireProgram(t, g.Program)
		for _, p := range g.Params {
			require.False(t, made[p.Name], p.Name)
			made[p.Name] = true
			want := params[p.Name]
			require.Equal(t, []any{want.DType, want.Shape}, []any{g.Program.Results[0].DType, g.Program.Results[0].Shape}, p.Name)
			require.Len(t, p.Args, len(g.Program.Args))
			for i, a := range g.Program.Args {
				require.Len(t, p.Args[i], int(a.Bytes()))
			}
		}
	}
	require.Len(t, made, len(params))
	require.LessOrEqual(t, len(generators), 50, "parameters of a kind share a generator")
}

// TestGoldenTexts shows what is written.
func TestGoldenTexts(t *testing.T) {
	for _, tt := range []struct{ name, precision, file string }{
		{"linear", workloads.Full, "linear-f32"},
		{"linear", workloads.BFloat16, "linear-bf16"},
		{"linear", workloads.Int8, "linear-int8"},
		{"linear", workloads.Float8, "linear-fp8"},
		{"linear in blocks", workloads.Int4, "linear-int4-blocks"},
		{"linear of one row", workloads.Int8, "linear-int8-row"},
		{"conv2d", workloads.Full, "conv2d-f32"},
		{"rope", workloads.Full, "rope-f32"},
		{"attention, window", workloads.BFloat16, "attention-window-bf16"},
		{"moe, few rows", workloads.Half, "moe-few-f16"},
		{"moe, many rows", workloads.Half, "moe-many-f16"},
	} {
		t.Run(tt.file, func(t *testing.T) {
			cases := opCases()
			w := cases[slices.IndexFunc(cases, func(c opCase) bool { return c.name == tt.name })].workload(tt.precision)
			p, err := Write(w, 0, Options{})
			require.NoError(t, err)
			golden(t, tt.file, p.Text)
		})
	}
	for i, name := range []string{"decoder-prefill-bf16", "decoder-decode-bf16"} {
		p, err := Write(tinyDecoder(workloads.BFloat16), i, Options{})
		require.NoError(t, err)
		golden(t, name, p.Text)
	}
	p, err := Write(tinyDecoder(workloads.Int8), 1, Options{2})
	require.NoError(t, err)
	golden(t, "shared/decoder-decode-int8", p.Text)
	generators, err := Generators(opCase{build: func(n *net) {
		n.node(workloads.OpLinear, workloads.Attr{}, n.input("x", 2, 4), n.weight("w", 4, 3, 4, 3))
	}}.workload(workloads.Int8), Options{})
	require.NoError(t, err)
	require.Len(t, generators, 2)
	golden(t, "generator-levels", generators[0].Program.Text)
	golden(t, "generator-scales", generators[1].Program.Text)
}

func golden(t *testing.T, name string, text []byte) {
	t.Helper()
	path := filepath.Join("testdata", name+".mlir")
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, text, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), string(text))
}

func TestUnsupported(t *testing.T) {
	file := &workloads.Workload{Name: "mine", File: &workloads.ModelFile{Path: "m.onnx"}}
	strange := opCases()[0].workload("f17")
	unknown := opCases()[0].workload(workloads.Full)
	unknown.Phases[0].Graph.Nodes[0].Op = "fold"
	both := newNet(workloads.Full, "both")
	kept := both.state("kept", 1, 4, 4)
	q := both.input("q", 1, 2, 4)
	a := workloads.Attr{Heads: 1, KVHeads: 1, HeadDim: 4}
	both.node(workloads.OpAttention, a, q, q, q, kept, both.state("values", 1, 4, 4), both.position())
	both.node(workloads.OpAttention, a, q, kept, kept)
	window := newNet(workloads.Full, "window")
	q = window.input("q", 1, 2, 4)
	window.node(workloads.OpAttention, workloads.Attr{Heads: 1, KVHeads: 1, HeadDim: 4, Window: 1}, q, q, q)
	for want, w := range map[string]*workloads.Workload{
		"m.onnx": file, `precision "f17"`: strange, "operation fold": unknown, "state kept": workloadOf(both), "a window": workloadOf(window),
	} {
		for _, err := range []error{Supports(w, Options{}), second(Write(w, 0, Options{})), second(Generators(w, Options{}))} {
			require.ErrorIs(t, err, ErrUnsupported)
			require.ErrorContains(t, err, want)
		}
	}
	require.NoError(t, Supports(opCases()[0].workload(workloads.Full), Options{}))
}

func second[T any](_ T, err error) error { return err }

// TestInvalidGraph: what Validate finds is an error and no panic.
func TestInvalidGraph(t *testing.T) {
	w := opCases()[0].workload(workloads.Full)
	w.Phases[0].Graph.Nodes[0].Out.Shape = []int{1}
	_, err := Write(w, 0, Options{})
	require.ErrorContains(t, err, "want computed")
	require.False(t, errors.Is(err, ErrUnsupported))
}

// TestMisfit: an operation that the library refuses is an error.
func TestMisfit(t *testing.T) {
	c := newCode("misfit", 1)
	x := c.argument(Port{DType: workloads.F32, Shape: []int{2}, Result: -1})
	y := c.argument(Port{DType: workloads.F32, Shape: []int{3}, Result: -1})
	_, err := c.build(func() ([]value, []Port) { return []value{c.add(x, y)}, nil })
	require.Error(t, err)
	require.PanicsWithValue(t, "mine", func() { _, _ = newCode("panic", 1).build(func() ([]value, []Port) { panic("mine") }) })
}

// TestBytes counts a state once that a result takes over.
func TestBytes(t *testing.T) {
	p := &Program{Args: []Port{{DType: workloads.F16, Shape: []int{3, 2}, Result: -1}, {DType: workloads.BF16, Shape: []int{5}, Result: 1}},
		Results: []Port{{DType: workloads.F32, Shape: nil}, {DType: workloads.BF16, Shape: []int{5}}}}
	require.EqualValues(t, 12+4+10, p.Bytes())
}

// TestReadStates: a state that a phase only reads stays where it is.
func TestReadStates(t *testing.T) {
	write, read := newNet(workloads.Full, "write"), newNet(workloads.Full, "read")
	write.node(workloads.OpStore, workloads.Attr{}, write.input("x", 1, 3, 4), write.state("kept", 1, 3, 4))
	kept := read.state("kept", 1, 3, 4)
	read.node(workloads.OpAttention, workloads.Attr{Heads: 1, KVHeads: 1, HeadDim: 4}, read.input("x", 1, 2, 4), kept, kept)
	w := workloadOf(write, read)
	for phase, result := range []int{1, -1} {
		p, err := Write(w, phase, Options{})
		require.NoError(t, err)
		require.Equal(t, Port{Role: State, Name: "kept", DType: workloads.F32, Shape: []int{1, 3, 4}, Shard: whole, Result: result}, p.Args[1])
		require.Len(t, p.Results, 2-phase)
	}
}

// TestHighestPrecision: products of 32-bit floats say so, since compilers else round their factors.
func TestHighestPrecision(t *testing.T) {
	for _, c := range opCases() {
		p, err := Write(c.workload(workloads.Full), 0, Options{})
		require.NoError(t, err)
		require.NotContains(t, string(p.Text), "precision DEFAULT", c.name)
		if strings.HasPrefix(c.name, "linear") || strings.HasPrefix(c.name, "conv") || strings.HasPrefix(c.name, "attention") {
			require.Contains(t, string(p.Text), "precision HIGHEST", c.name)
		}
	}
}
