package stablehlo

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/reference"
	"github.com/accelbench/accelbench/workloads/stablehlo/hlotest"
	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// device runs the programs of a workload by the interpreter, as an engine does: parameters are made once, states stay.
type device struct {
	t       testing.TB
	w       *workloads.Workload
	modules []*mlir.Module
	program []*Program
	held    map[string][]byte // parameters and states
}

// newDevice has parameters by made, or from the host if that is nil.
func newDevice(t testing.TB, w *workloads.Workload, made map[string][]byte) *device {
	t.Helper()
	d := &device{t: t, w: w, held: map[string][]byte{}}
	for i := range w.Phases {
		p, err := Write(w, i, Options{})
		require.NoError(t, err)
		m, err := mlir.Parse(p.Text)
		require.NoError(t, err)
		d.modules, d.program = append(d.modules, m), append(d.program, p)
		for _, a := range p.Args {
			switch {
			case d.held[a.Name] != nil || a.Role == Input:
			case a.Role == State:
				d.held[a.Name] = make([]byte, a.Bytes())
			case made != nil:
				d.held[a.Name] = made[a.Name]
			default:
				d.held[a.Name], err = Host(w, a)
				require.NoError(t, err)
			}
		}
	}
	return d
}

// run executes a phase once; the result is its only output.
func (d *device) run(phase int, in []workloads.Tensor) []float32 {
	d.t.Helper()
	p := d.program[phase]
	var args [][]byte
	for i, a := range p.Args {
		if a.Role == Input {
			args = append(args, tensorBytes(in[i]))
			continue
		}
		args = append(args, d.held[a.Name])
	}
	out := execute(d.t, d.modules[phase], args)
	for i, r := range p.Results {
		if r.Role == State {
			d.held[r.Name] = out[i]
		}
	}
	floats := make([]float32, len(out[0])/4)
	for i := range floats {
		floats[i] = math.Float32frombits(binary.LittleEndian.Uint32(out[0][4*i:]))
	}
	return floats
}

func execute(t testing.TB, m *mlir.Module, args [][]byte) [][]byte {
	t.Helper()
	var in []hlotest.Array
	for i, v := range m.Func("main").Body.Args {
		in = append(in, hlotest.Array{Type: v.Type, Data: args[i]})
	}
	results, err := hlotest.Run(t.Context(), m, in)
	require.NoError(t, err)
	var out [][]byte
	for _, r := range results {
		out = append(out, r.Data)
	}
	return out
}

func tensorBytes(x workloads.Tensor) []byte {
	var out []byte
	for _, v := range x.F32 {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	for _, v := range x.I32 {
		out = binary.LittleEndian.AppendUint32(out, uint32(v))
	}
	return out
}

// generated are the parameters as the generators make them.
func generated(t testing.TB, w *workloads.Workload) map[string][]byte {
	t.Helper()
	generators, err := Generators(w, Options{})
	require.NoError(t, err)
	out := map[string][]byte{}
	for _, g := range generators {
		m, err := mlir.Parse(g.Program.Text)
		require.NoError(t, err)
		for _, p := range g.Params {
			out[p.Name] = execute(t, m, p.Args)[0]
		}
	}
	return out
}

// distance is the largest difference to want, over the root mean square of want plus the element.
func distance(want []float64, got []float32) float64 {
	var square, worst float64
	for _, x := range want {
		square += x * x / float64(len(want))
	}
	for i, x := range want {
		d := math.Abs(float64(got[i])-x) / (math.Sqrt(square) + math.Abs(x))
		if !(d <= worst) { // NaN stays
			worst = d
		}
	}
	return worst
}

// tolerances of single operations and tiny models.
func tolerance(precision string) float64 {
	switch precision {
	case workloads.Full:
		return 3e-6
	case workloads.Half:
		return 4e-3
	case workloads.Float8:
		return 0.15 // activations keep 4 significant bits
	}
	return 3e-2
}

func precisions() []string {
	return []string{workloads.Full, workloads.Half, workloads.BFloat16, workloads.Int8, workloads.Int4, workloads.Float8}
}

// TestOperations holds each operation in each precision to the reference, in three calls in a row of which later ones see the states
// of earlier ones.
func TestOperations(t *testing.T) {
	for _, c := range opCases() {
		for _, precision := range precisions() {
			t.Run(fmt.Sprint(c.name, "/", precision), func(t *testing.T) {
				w := c.workload(precision)
				d := newDevice(t, w, nil)
				var states reference.States
				graph := w.Phases[0].Graph
				position := 0
				for call := range 3 {
					in := w.NewInputs(0)
					w.Fill(0, []int{call}, in)
					if i := slices.IndexFunc(graph.Inputs(), func(v *workloads.Value) bool { return v.Name == "position" }); i >= 0 {
						in[i].I32[0] = int32(position)
						position += in[0].Shape[1]
					}
					want, err := reference.Run(t.Context(), graph, in, &states)
					require.NoError(t, err)
					got := d.run(0, in)
					require.LessOrEqual(t, distance(want[0], got), tolerance(precision), "call %d: %v, want %v", call, got, want[0])
				}
			})
		}
	}
}

// TestPhases: a prefill and decoding steps against its cache, whose rows are then those of one long causal pass.
func TestPhases(t *testing.T) {
	for _, precision := range precisions() {
		t.Run(precision, func(t *testing.T) {
			w := tinyDecoder(precision)
			d := newDevice(t, w, nil)
			for range 2 { // the second query finds the rows of the first
				var states reference.States
				for call := range 4 {
					phase, _ := w.Phase(call)
					in := w.NewInputs(phase)
					w.Fill(call, []int{1, 2}, in)
					want, err := reference.Run(t.Context(), w.Phases[phase].Graph, in, &states)
					require.NoError(t, err)
					got := d.run(phase, in)
					require.LessOrEqual(t, distance(want[0], got), 3*tolerance(precision), "call %d: %v, want %v", call, got, want[0])
				}
			}
		})
	}
}

// TestLongPrefill: rows of a second block see those of the first, with a window only the last of these, and so do the rows that are
// decoded after them.
func TestLongPrefill(t *testing.T) {
	const length = causalBlock + 5
	for _, window := range []int{0, 7} {
		phase := func(name string, rows int) *net {
			n := newNet(workloads.Full, name)
			n.node(workloads.OpAttention, workloads.Attr{Heads: 2, KVHeads: 1, HeadDim: 2, Window: window},
				n.input("q", 1, rows, 4), n.input("k", 1, rows, 2), n.input("v", 1, rows, 2),
				n.state("keys", 1, length+4, 2), n.state("values", 1, length+4, 2), n.position())
			return n
		}
		w := workloadOf(phase("prefill", length), phase("decode", 1))
		w.Options.ISL = length
		d := newDevice(t, w, nil)
		var states reference.States
		for call := range 3 {
			phase, _ := w.Phase(call)
			in := w.NewInputs(phase)
			w.Fill(call, []int{1}, in)
			want, err := reference.Run(t.Context(), w.Phases[phase].Graph, in, &states)
			require.NoError(t, err)
			require.LessOrEqual(t, distance(want[0], d.run(phase, in)), 3e-6, "window %d, call %d", window, call)
		}
	}
}

// requireSame holds what the generators make to what the host makes, to the bit.
func requireSame(t require.TestingT, w *workloads.Workload, made map[string][]byte) {
	for _, p := range paramsOf(w) {
		want, err := Host(w, p.port)
		require.NoError(t, err)
		if !slices.Equal(want, made[p.port.Name]) {
			require.Fail(t, "the generator makes something else", "%s, %v", p.port.Name, p.port)
		}
	}
}

func TestGenerators(t *testing.T) {
	for _, c := range opCases() {
		for _, precision := range precisions() {
			w := c.workload(precision)
			requireSame(t, w, generated(t, w))
		}
	}
}

// TestGeneratorsOfAnything: of any shape, seed, scale and storage.
func TestGeneratorsOfAnything(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := newNet(rapid.SampledFrom(precisions()).Draw(r, "precision"), "any")
		block, stride := rapid.IntRange(1, 5).Draw(r, "block"), rapid.IntRange(1, 7).Draw(r, "stride")
		k := block * rapid.IntRange(1, 3).Draw(r, "blocks")
		v := n.weight(rapid.String().Draw(r, "name"), block, stride, k, stride)
		v.Param.Seed = rapid.Uint64().Draw(r, "seed")
		v.Param.Scale *= rapid.Float32Range(1e-3, 10).Draw(r, "scale")
		v.Param.Offset = rapid.Int32Range(0, 1<<23).Draw(r, "offset")
		n.node(workloads.OpLinear, workloads.Attr{}, n.input("x", 2, k), v)
		w := workloadOf(n)
		requireSame(r, w, generated(t, w))
	})
}

// TestStandardGenerators: at true shapes, among them a convolution's.
func TestStandardGenerators(t *testing.T) {
	if testing.Short() {
		t.Skip("some ten million elements")
	}
	for _, w := range []*workloads.Workload{
		find(t, "resnet50", workloads.Options{Precision: workloads.Int8}), find(t, "gemm", workloads.Options{Precision: workloads.Float8}),
	} {
		requireSame(t, w, generated(t, w))
	}
}

// TestGeneratorOfFarElements: there are more elements than 32 bits count. The text for the large shape is run on a corner of it.
func TestGeneratorOfFarElements(t *testing.T) {
	const rows, columns, few = 4, 1 << 31, 3
	v := &workloads.Value{Name: "far", Kind: workloads.Param, DType: workloads.F32, Shape: []int{rows, columns},
		Param: &workloads.ParamSpec{Seed: 5, Scale: 1.0 / (1 << 21), Offset: 3}}
	p := parameter{Port{Role: Param, Name: "far", DType: workloads.F32, Shape: v.Shape, Shard: whole, Result: -1}, v, floats}
	program, err := generator("far", p.port, 0, 1)
	require.NoError(t, err)
	text := strings.ReplaceAll(string(program.Text), fmt.Sprintf("%dx%dx", rows, columns), fmt.Sprintf("%dx%dx", rows, few))
	m, err := mlir.Parse([]byte(text))
	require.NoError(t, err)
	got := execute(t, m, p.seeds())[0]
	for row := range rows {
		want := make([]float32, few)
		require.NoError(t, v.Generate(row*columns, want))
		require.Equal(t, tensorBytes(workloads.Tensor{F32: want}), got[4*row*few:4*(row+1)*few], "row %d", row)
	}
}

// TestFarPositions: rotations at positions whose product with a frequency 32-bit floats would round to hundredths of a radian.
func TestFarPositions(t *testing.T) {
	n := newNet(workloads.Full, "far")
	n.node(workloads.OpRope, workloads.Attr{HeadDim: 64, Theta: 5e5, Llama3: workloads.Llama3Scaling{Factor: 8, Low: 1, High: 4, Context: 8192}},
		n.input("x", 1, 2, 64), n.position())
	w := workloadOf(n)
	d := newDevice(t, w, nil)
	for _, position := range []int32{0, 1, 8191, 131070} {
		in := w.NewInputs(0)
		w.Fill(0, []int{0}, in)
		in[1].I32[0] = position
		want, err := reference.Run(t.Context(), w.Phases[0].Graph, in, nil)
		require.NoError(t, err)
		require.LessOrEqual(t, distance(want[0], d.run(0, in)), 1e-6+float64(position)*2*math.Pi/(1<<32), "position %d", position)
	}
}

// TestStandard holds true workloads to their embedded golden values.
func TestStandard(t *testing.T) {
	if testing.Short() {
		t.Skip("billions of operations")
	}
	for _, tt := range []struct {
		name    string
		options workloads.Options
	}{
		{"gemm", workloads.Options{}},
		{"gemm", workloads.Options{Precision: workloads.Float8}},
		{"smollm2-135m", workloads.Options{ISL: 4, OSL: 2}},
		{"smollm2-135m", workloads.Options{ISL: 4, OSL: 2, Precision: workloads.Half}},
		{"smollm2-135m", workloads.Options{ISL: 4, OSL: 2, Precision: workloads.BFloat16}},
		{"smollm2-135m", workloads.Options{ISL: 4, OSL: 2, Precision: workloads.Int8}},
		{"smollm2-135m", workloads.Options{ISL: 4, OSL: 2, Precision: workloads.Int4}},
		{"resnet50", workloads.Options{}},
		{"resnet50", workloads.Options{Precision: workloads.Int8}},
		{"bert-base", workloads.Options{SeqLen: 128}},
		{"bert-base", workloads.Options{SeqLen: 128, Precision: workloads.Float8}},
		{"whisper-tiny", workloads.Options{}},
		{"dlrm-v2-capped", workloads.Options{Precision: workloads.Half}},
	} {
		t.Run(fmt.Sprint(tt.name, "/", tt.options.Precision), func(t *testing.T) {
			w := find(t, tt.name, tt.options)
			g, ok := w.Golden()
			require.True(t, ok, "golden values")
			d := newDevice(t, w, nil)
			sample := w.Pool - 1
			for call := range min(2, w.Calls()) {
				phase, _ := w.Phase(call)
				in := w.NewInputs(phase)
				w.Fill(call, []int{sample}, in)
				out := w.NewOutputs(phase)
				out[0].F32 = d.run(phase, in)
				check, err := g.Check(w, call, []int{sample}, out)
				require.NoError(t, err)
				require.True(t, check.Passed, "call %d: %s", call, check.Reason)
				t.Logf("call %d: error %.2g of %.2g", call, check.Error, check.Tolerance)
			}
		})
	}
}
