//go:build !noort && linux && (amd64 || arm64)

package nrt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/reference"
	"github.com/accelbench/accelbench/workloads/stablehlo"
	"github.com/accelbench/accelbench/workloads/stablehlo/hlo"
	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// decoder is a small one, of a phase with rows rows.
func decoder(batch, rows, kept int) *devicetest.Graph {
	g := devicetest.NewGraph(fmt.Sprint("decoder", rows), batch)
	const heads, kv, d = 4, 2, 8
	linear := func(x *workloads.Value, name string, out int) *workloads.Value {
		return g.Node(workloads.OpLinear, workloads.Attr{}, x, g.Param(name, x.Shape[len(x.Shape)-1], out))
	}
	table, position := g.Param("table", 31, heads*d), g.Position()
	x := g.Node(workloads.OpEmbedding, workloads.Attr{}, table, g.IDs("ids", 31, batch, rows))
	for l := range 2 {
		name := func(s string) string { return fmt.Sprint(s, l) }
		h := g.Node(workloads.OpRMSNorm, workloads.Attr{Eps: 1e-5}, x, g.Param(name("norm"), heads*d))
		rope := func(x *workloads.Value) *workloads.Value {
			return g.Node(workloads.OpRope, workloads.Attr{HeadDim: d, Theta: 1e4}, x, position)
		}
		y := g.Node(workloads.OpAttention, workloads.Attr{Heads: heads, KVHeads: kv, HeadDim: d}, rope(linear(h, name("q"), heads*d)),
			rope(linear(h, name("k"), kv*d)), linear(h, name("v"), kv*d),
			g.State(name("keys"), batch, kept, kv*d), g.State(name("values"), batch, kept, kv*d), position)
		x = g.Node(workloads.OpAdd, workloads.Attr{}, x, linear(y, name("o"), heads*d))
	}
	last := g.Node(workloads.OpLast, workloads.Attr{}, x)
	g.Outputs = []*workloads.Value{g.Node(workloads.OpLinear, workloads.Attr{Transposed: true}, last, table)}
	return g
}

// memory stores keys and values in the first phase, and attends to them in the second, which writes no state.
func memory() *workloads.Workload {
	keep := devicetest.NewGraph("keep", 1)
	k := keep.Node(workloads.OpStore, workloads.Attr{}, keep.Input("k", 1, 6, 16), keep.State("keys", 1, 6, 16))
	v := keep.Node(workloads.OpStore, workloads.Attr{}, keep.Input("v", 1, 6, 16), keep.State("values", 1, 6, 16))
	keep.Outputs = []*workloads.Value{keep.Node(workloads.OpAdd, workloads.Attr{}, k, v)}
	ask := devicetest.NewGraph("ask", 1)
	ask.Outputs = []*workloads.Value{ask.Node(workloads.OpAttention, workloads.Attr{Heads: 2, KVHeads: 2, HeadDim: 8},
		ask.Input("q", 1, 1, 16), ask.State("keys", 1, 6, 16), ask.State("values", 1, 6, 16))}
	return workload(3, keep, ask)
}

// network is one of a single phase.
func network() *devicetest.Graph {
	g := devicetest.NewGraph("network", 2)
	x := g.Node(workloads.OpLinear, workloads.Attr{}, g.Input("x", 2, 12), g.Param("w", 12, 20), g.Param("b", 20))
	g.Outputs = []*workloads.Value{g.Node(workloads.OpRelu, workloads.Attr{}, x)}
	return g
}

func workload(osl int, graphs ...*devicetest.Graph) *workloads.Workload {
	w := &workloads.Workload{Name: "test", Family: "decoder", Seed: 3, Pool: 4, Unit: "token", UnitsPerSample: 1,
		Options: workloads.Options{Precision: workloads.Full, Batch: graphs[0].Batch, ISL: 5, OSL: osl}}
	for i, g := range graphs {
		w.Phases = append(w.Phases, workloads.Phase{Name: fmt.Sprint("phase", i), Graph: &g.Graph})
	}
	return w
}

func small() *workloads.Workload { return workload(4, decoder(1, 5, 12), decoder(1, 1, 12)) }

func samples(w *workloads.Workload, first int) []int {
	list := make([]int, w.Options.Batch)
	for i := range list {
		list[i] = first + i
	}
	return list
}

// requireReference compares two queries with the reference: the second starts the states anew.
func requireReference(t *testing.T, s devices.Session, w *workloads.Workload) {
	t.Helper()
	for query := range 2 {
		var states reference.States
		for c := range w.Calls() {
			phase, _ := w.Phase(c)
			in, out := w.NewInputs(phase), w.NewOutputs(phase)
			w.Fill(c, samples(w, query), in)
			for i := range out[0].F32 {
				out[0].F32[i] = float32(math.NaN())
			}
			require.NoError(t, s.Run(t.Context(), phase, in, out))
			want, err := reference.Run(context.Background(), w.Phases[phase].Graph, in, &states)
			require.NoError(t, err)
			for i, x := range want[0] {
				require.InDelta(t, x, out[0].F32[i], 1e-4*max(1, math.Abs(x)), "query %d, call %d, element %d", query, c, i)
			}
		}
	}
}

// TestGraphs compares graphs with the reference, and says what is compiled, kept and told.
func TestGraphs(t *testing.T) {
	p := play(t)
	for _, w := range []*workloads.Workload{workload(1, network()), small(), memory()} {
		p.teach(t, w, nil)
		before := len(p.compilations(t))
		for round := range 2 {
			e := p.engine(t)
			require.NoError(t, e.Supports(trn2().Info(), w))
			loaded, err := e.Load(t.Context(), trn2(), w)
			require.NoError(t, err)
			requireReference(t, loaded.Session, w)
			info, err := e.Probe(trn2().Info())
			require.NoError(t, err)
			require.Contains(t, info.Details, devices.Detail{Name: "compiler", Value: "neuronx-cc 2.24.5133.0+fake"})
			require.Contains(t, info.Details, devices.Detail{Name: "programs from the cache", Value: fmt.Sprintf("%d of %d", round*len(w.Phases), len(w.Phases))})
			require.NoError(t, loaded.Session.Close())
			requireClean(t, p.library)
			require.Len(t, p.compilations(t), before+len(w.Phases), "compiled once")
		}
	}
	require.Equal(t, "compile model.hlo --framework XLA --target trn2 --model-type transformer --auto-cast none --logical-nc-config 2 "+
		"--enable-fast-loading-neuron-binaries --output model.neff", p.compilations(t)[0])
}

// TestLower says that the compiler is not asked to let a result take over a state's buffer: an execution reads the one and writes
// the other.
func TestLower(t *testing.T) {
	aliases := func(module []byte) (n int) {
		for len(module) > 0 {
			number, _, size := protowire.ConsumeField(module)
			require.Positive(t, size)
			if number == 8 { // input_output_alias
				n++
			}
			module = module[size:]
		}
		return n
	}
	p, err := stablehlo.Write(small(), 1, stablehlo.Options{})
	require.NoError(t, err)
	donated, err := mlir.Parse(p.Text)
	require.NoError(t, err)
	module, err := hlo.Write(donated)
	require.NoError(t, err)
	require.Equal(t, 1, aliases(module), "the programs donate their states")
	module, err = lower(p)
	require.NoError(t, err)
	require.Zero(t, aliases(module))
	_, err = lower(&stablehlo.Program{Name: "p", Text: []byte("no module")})
	require.ErrorContains(t, err, "reading p")
}

func TestGraphConformance(t *testing.T) {
	p := play(t)
	for _, w := range []*workloads.Workload{workload(1, network()), small()} {
		p.teach(t, w, nil)
		t.Run(w.Phases[0].Graph.Name, func(t *testing.T) { devicetest.TestEngine(t, p.engine(t), trn2(), w) })
		requireClean(t, p.library)
	}
}

// TestStandardWorkloads compares standard workloads with their golden values.
func TestStandardWorkloads(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options workloads.Options
		checked int
	}{
		{"gemm", workloads.Options{Batch: 1}, 1},
		{"gemm", workloads.Options{Batch: 1, Precision: workloads.Half}, 1},
		{"smollm2-135m", workloads.Options{Batch: 1, ISL: 4, OSL: 3}, 3},
	} {
		t.Run(fmt.Sprint(tt.name, tt.options), func(t *testing.T) {
			if raceDetector || testing.Short() && tt.name != "gemm" {
				t.Skip("heavy")
			}
			p := play(t)
			w, err := workloads.Find(tt.name, tt.options)
			require.NoError(t, err)
			golden, known := w.Golden()
			require.True(t, known)
			p.teach(t, w, nil)
			loaded, err := p.engine(t).Load(t.Context(), trn2(), w)
			require.NoError(t, err)
			checked := 0
			for c := range w.Calls() {
				phase, _ := w.Phase(c)
				in, out := w.NewInputs(phase), w.NewOutputs(phase)
				w.Fill(c, []int{1}, in)
				require.NoError(t, loaded.Session.Run(t.Context(), phase, in, out))
				check, err := golden.Check(w, c, []int{1}, out)
				require.NoError(t, err)
				require.Empty(t, check.Reason)
				if check.Passed {
					checked++
				}
			}
			require.Equal(t, tt.checked, checked)
			require.NoError(t, loaded.Session.Close())
			requireClean(t, p.library)
		})
	}
}

// TestNothingIsComputed says that what the last execution left does not pass for what the next one computes, where the caller
// looks for that.
func TestNothingIsComputed(t *testing.T) {
	p, w := play(t), workload(1, network())
	p.teach(t, w, nil)
	loaded, err := p.engine(t).Load(t.Context(), trn2(), w)
	require.NoError(t, err)
	in, out := w.NewInputs(0), w.NewOutputs(0)
	w.Fill(0, samples(w, 0), in)
	require.NoError(t, loaded.Session.Run(t.Context(), 0, in, out))
	require.False(t, math.IsNaN(float64(out[0].F32[3])))
	t.Setenv("FAKE_NRT_LAZY", "yes")
	for i := range out[0].F32 {
		out[0].F32[i] = float32(math.NaN())
	}
	require.NoError(t, loaded.Session.Run(t.Context(), 0, in, out))
	for _, x := range out[0].F32 {
		require.True(t, math.IsNaN(float64(x)))
	}
	require.NoError(t, loaded.Session.Close())
	requireClean(t, p.library)
}

// TestDroppedArguments says that a compiler may leave out what a program does not use: here the position of the first phase,
// which is zero.
func TestDroppedArguments(t *testing.T) {
	p, w := play(t), small()
	p.teach(t, w, func(phase int, port stablehlo.Port) bool { return phase == 0 && port.Name == "position" })
	loaded, err := p.engine(t).Load(t.Context(), trn2(), w)
	require.NoError(t, err)
	requireReference(t, loaded.Session, w)
	require.NoError(t, loaded.Session.Close())
	requireClean(t, p.library)
}

// TestProgramsThatDoNotFit are refused when they are loaded.
func TestProgramsThatDoNotFit(t *testing.T) {
	w := workload(1, network())
	for name, test := range map[string]struct {
		change func(r []byte) []byte
		text   string
	}{
		"another type":  {replace(`{"Name":"input0","Type":"f32"`, `{"Name":"input0","Type":"bf16"`), "argument x: tensor input0 is bf16 of 48 bytes in the runtime, f32 of 96 bytes"},
		"another size":  {replace(`"Shape":[12,20]`, `"Shape":[12,21]`), "argument w: tensor input1"},
		"other inputs":  {replace(`"input`, `"arg`), "the program has no inputs"},
		"other outputs": {replace(`"output0"`, `"result0"`), "the program has no output0"},
		"more inputs":   {replace(`"input2"`, `"input9"`), "the program has inputs that nobody gives: input9"},
	} {
		p := play(t)
		p.teach(t, w, nil)
		files, err := filepath.Glob(p.programs + "/*")
		require.NoError(t, err)
		text, err := os.ReadFile(files[0])
		require.NoError(t, err)
		changed := test.change(text)
		require.NotEqual(t, string(text), string(changed), name)
		require.NoError(t, os.WriteFile(files[0], changed, 0o600))
		_, err = p.engine(t).Load(t.Context(), trn2(), w)
		if name == "other inputs" {
			require.ErrorContains(t, err, "nobody gives", name)
		} else {
			require.ErrorContains(t, err, test.text, name)
		}
		requireClean(t, p.library)
	}
}

func replace(old, with string) func([]byte) []byte {
	return func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(old), []byte(with)) }
}

// TestFaultsOfGraphs makes the calls of a session fail one after the other: nothing is left.
func TestFaultsOfGraphs(t *testing.T) {
	p, w := play(t), small()
	p.teach(t, w, nil)
	life := func() error {
		loaded, err := p.engine(t).Load(t.Context(), trn2(), w)
		if err != nil {
			return err
		}
		err = func() error {
			for c := range w.Calls() {
				phase, _ := w.Phase(c)
				in, out := w.NewInputs(phase), w.NewOutputs(phase)
				w.Fill(c, []int{0}, in)
				if err := loaded.Session.Run(t.Context(), phase, in, out); err != nil {
					return err
				}
			}
			return nil
		}()
		return errors.Join(err, loaded.Session.Close())
	}
	require.NoError(t, life())
	places := []int{1, 2, 3, 5, 9, 17}
	if raceDetector { // starts processes slowly
		places = []int{2}
	}
	for _, call := range []string{"nrt_init", "nrt_load", "nrt_get_model_tensor_info", "nrt_tensor_allocate", "nrt_allocate_tensor_set",
		"nrt_add_tensor_to_tensor_set", "nrt_tensor_write", "nrt_tensor_read", "nrt_execute"} {
		for _, n := range places {
			t.Setenv("FAKE_NRT_FAIL", fmt.Sprintf("%s@%d=6", call, n))
			if err := life(); err != nil {
				require.ErrorContains(t, err, call+": NRT_HW_ERROR (6)")
			} else {
				require.Greater(t, n, 1, call)
			}
			requireClean(t, p.library)
		}
	}
}

func TestMemoryOfACore(t *testing.T) {
	p, w := play(t), small()
	p.teach(t, w, nil)
	t.Setenv("FAKE_NRT_MEMORY", "10000")
	_, err := p.engine(t).Load(t.Context(), trn2(), w)
	require.ErrorIs(t, err, devices.ErrUnsupported)
	require.ErrorContains(t, err, "a logical core has")
	requireClean(t, p.library)
}

func TestSupports(t *testing.T) {
	p, w := play(t), small()
	e := p.engine(t)
	gone := p.engine(t)
	gone.options.Compiler = func() (string, error) { return "", errors.New("the compiler neuronx-cc is not on this machine") }
	first := trn2().Info()
	first.Name = "Inferentia1"
	fp8 := small()
	fp8.Options.Precision = workloads.Float8
	odd := small()
	odd.Phases[0].Graph.Nodes[0].Op = "strange"
	for name, test := range map[string]struct {
		e    *engine
		dev  devices.Info
		w    *workloads.Workload
		text string
	}{
		"no compiler":     {gone, trn2().Info(), w, "the compiler neuronx-cc is not on this machine: install neuronx-cc (Neuron SDK), or bring a compiled program: --model-file FILE.neff"},
		"no target":       {e, first, w, "neuronx-cc makes no programs for Inferentia1"},
		"fp8":             {e, trn2().Info(), fp8, "precision fp8"},
		"no such program": {e, trn2().Info(), odd, "cannot be written as StableHLO"},
		"another device":  {e, devices.Info{Backend: "nvml", ID: "nvml:0"}, w, "Neuron chips only"},
	} {
		err := test.e.Supports(test.dev, test.w)
		require.ErrorIs(t, err, devices.ErrUnsupported, name)
		require.ErrorContains(t, err, test.text, name)
		_, err = test.e.Load(t.Context(), &devicetest.Device{DeviceInfo: test.dev}, test.w)
		require.ErrorIs(t, err, devices.ErrUnsupported, name)
	}
	// A module that the compiler does not take is a failure, with its word.
	_, err := e.Load(t.Context(), trn2(), w)
	require.ErrorContains(t, err, "phase phase0: compiling with neuronx-cc 2.24.5133.0+fake for trn2: exit status 70: ERROR NCC_FAKE")
	require.False(t, errors.Is(err, devices.ErrUnsupported))
	requireClean(t, p.library)
}

func TestGraphRunErrors(t *testing.T) {
	p, w := play(t), small()
	p.teach(t, w, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		run  func(s devices.Session) error
		text string
	}{
		"phase":   {func(s devices.Session) error { return s.Run(t.Context(), 2, w.NewInputs(0), w.NewOutputs(0)) }, "there are 2 phases"},
		"inputs":  {func(s devices.Session) error { return s.Run(t.Context(), 0, w.NewInputs(1), w.NewOutputs(0)) }, "inputs: "},
		"outputs": {func(s devices.Session) error { return s.Run(t.Context(), 0, w.NewInputs(0), nil) }, "0 outputs"},
		"context": {func(s devices.Session) error { return s.Run(ctx, 0, w.NewInputs(0), w.NewOutputs(0)) }, "canceled"},
	} {
		loaded, err := p.engine(t).Load(t.Context(), trn2(), w)
		require.NoError(t, err)
		err = test.run(loaded.Session)
		require.ErrorContains(t, err, test.text, name)
		require.Equal(t, err, test.run(loaded.Session), "an error ends the use")
		require.NoError(t, loaded.Session.Close())
	}
	_, err := p.engine(t).Load(ctx, trn2(), w)
	require.ErrorIs(t, err, context.Canceled)
	requireClean(t, p.library)
}
