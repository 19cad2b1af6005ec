package onnxruntime_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices/engine/onnxruntime/library"
	"github.com/accelbench/accelbench/devices/engine/onnxruntime/ort"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/onnx"
	"github.com/accelbench/accelbench/workloads/reference"
)

// runtimeLibrary opens the ONNX Runtime library of this machine.
func runtimeLibrary(t testing.TB) *ort.Library {
	t.Helper()
	found, err := library.Find(library.Here(""))
	if err != nil {
		t.Skip(err)
	}
	l, err := ort.Open(found.Path)
	if errors.Is(err, ort.ErrLeftOut) {
		t.Skip(err)
	}
	require.NoError(t, err)
	return l
}

// graphRunner runs the models of a workload with one set of states.
type graphRunner struct {
	library  *ort.Library
	workload *workloads.Workload
	options  *ort.RunOptions
	models   map[int]*onnx.Model // by phase
	bindings map[*onnx.Model]*ort.Binding
	states   map[string]*ort.Value
}

// newGraphRunner writes the workload, generates the weights and opens a session for each model.
func newGraphRunner(t testing.TB, l *ort.Library, w *workloads.Workload, o onnx.Options, threads int) *graphRunner {
	t.Helper()
	models, err := onnx.Write(w, o)
	require.NoError(t, err)
	r := emptyGraphRunner(t, l, w)
	for _, m := range models {
		r.open(t, m, saveBeside(t, m), threads)
		for _, s := range m.States {
			if r.states[s.Name] == nil {
				size, err := ort.ElemType(s.Type).ByteSize(s.Shape)
				require.NoError(t, err)
				r.states[s.Name], err = l.NewValue(make([]byte, size), ort.ElemType(s.Type), s.Shape)
				require.NoError(t, err)
			}
		}
	}
	return r
}

func emptyGraphRunner(t testing.TB, l *ort.Library, w *workloads.Workload) *graphRunner {
	t.Helper()
	options, err := l.NewRunOptions()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, options.Close()) })
	return &graphRunner{library: l, workload: w, options: options, models: map[int]*onnx.Model{},
		bindings: map[*onnx.Model]*ort.Binding{}, states: map[string]*ort.Value{}}
}

// saveBeside writes a model with its weights in a file beside it.
func saveBeside(t testing.TB, m *onnx.Model) string {
	t.Helper()
	dir, at := t.TempDir(), map[string]int64{}
	file, err := os.Create(filepath.Join(dir, "weights"))
	require.NoError(t, err)
	var end int64
	for _, weight := range m.Weights {
		content := make([]byte, weight.Bytes)
		require.NoError(t, weight.Fill(content))
		_, err := file.WriteAt(content, end)
		require.NoError(t, err, weight.Name)
		at[weight.Name] = end
		const page = 64 << 10
		end += (weight.Bytes + page - 1) / page * page
	}
	require.NoError(t, file.Close())
	path := filepath.Join(dir, "model.onnx")
	require.NoError(t, os.WriteFile(path, m.Beside("weights", at), 0o600))
	return path
}

// open makes the session of a model's file.
func (r *graphRunner) open(t testing.TB, m *onnx.Model, path string, threads int) {
	t.Helper()
	s, err := r.library.NewSessionFromFile(path, ort.Options{Threads: threads})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	r.bindings[m], err = s.NewBinding()
	require.NoError(t, err)
	for _, p := range m.Phases {
		r.models[p] = m
	}
}

// call runs call c for the samples and returns its inputs and outputs.
func (r *graphRunner) call(t testing.TB, c int, samples ...int) (in, out []workloads.Tensor) {
	t.Helper()
	phase, _ := r.workload.Phase(c)
	m := r.models[phase]
	b := r.bindings[m]
	in, out = r.workload.NewInputs(phase), r.workload.NewOutputs(phase)
	r.workload.Fill(c, samples, in)
	for name, v := range r.values(t, m.Inputs, in) {
		require.NoError(t, b.BindInput(name, v))
	}
	for name, v := range r.values(t, m.Outputs, out) {
		require.NoError(t, b.BindOutput(name, v))
	}
	for _, s := range m.States {
		if s.In != "" {
			require.NoError(t, b.BindInput(s.In, r.states[s.Name]))
		}
		if s.Out != "" {
			require.NoError(t, b.BindOutput(s.Out, r.states[s.Name]))
		}
	}
	require.NoError(t, b.Run(r.options))
	return in, out
}

// values wraps tensors for ports whose fixed dimensions they must have, by the ports' names.
func (r *graphRunner) values(t testing.TB, ports []onnx.Port, tensors []workloads.Tensor) map[string]*ort.Value {
	t.Helper()
	require.Len(t, tensors, len(ports))
	out := map[string]*ort.Value{}
	for i, p := range ports {
		var shape []int64
		for axis, d := range tensors[i].Shape {
			require.True(t, p.Shape[axis] == -1 || p.Shape[axis] == int64(d), "port %s: %v for %v", p.Name, p.Shape, tensors[i].Shape)
			shape = append(shape, int64(d))
		}
		elem, data := ort.F32, bytesOf(tensors[i].F32)
		if tensors[i].DType == workloads.I32 {
			elem, data = ort.I32, bytesOf(tensors[i].I32)
		}
		v, err := r.library.NewValue(data, elem, shape)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, v.Close()) })
		require.Equal(t, int32(elem), p.Type)
		out[p.Name] = v
	}
	return out
}

// bytesOf is the memory of numbers.
func bytesOf[T float32 | int32](numbers []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(numbers))), 4*len(numbers))
}

// requireReference runs all calls of the workload on the library and on the reference.
func requireReference(t testing.TB, l *ort.Library, w *workloads.Workload, o onnx.Options, tolerance float64) {
	t.Helper()
	r := newGraphRunner(t, l, w, o, 1)
	var states reference.States
	samples := make([]int, w.Options.Batch)
	for i := range samples {
		samples[i] = i
	}
	for c := range w.Calls() {
		in, out := r.call(t, c, samples...)
		phase, _ := w.Phase(c)
		want, err := reference.Run(context.Background(), w.Phases[phase].Graph, in, &states)
		require.NoError(t, err)
		require.Len(t, out, len(want))
		for i := range want {
			requireNear(t, fmt.Sprintf("call %d, output %d", c, i), want[i], out[i].F32, tolerance)
		}
	}
}

// requireNear bounds each element's error relative to the output's root mean square plus the element.
func requireNear(t testing.TB, what string, want []float64, got []float32, tolerance float64) {
	t.Helper()
	require.Len(t, got, len(want))
	square := 0.0
	for _, v := range want {
		square += v * v
	}
	rms := math.Sqrt(square / float64(len(want)))
	for i, v := range want {
		if diff := math.Abs(v - float64(got[i])); !(diff <= tolerance*(rms+math.Abs(v))) {
			require.Failf(t, "wrong element", "%s, element %d: got %g, want %g (rms %g)", what, i, got[i], v, rms)
		}
	}
}

// forms are the dialects and versions that graphs are written in.
func forms() []onnx.Options {
	out := []onnx.Options{{Opset: onnx.Oldest, Dialect: onnx.Deployed}, {Opset: onnx.Newest, Dialect: onnx.Deployed}}
	for version := onnx.Oldest; version <= onnx.Newest; version++ {
		out = append(out, onnx.Options{Opset: version})
	}
	return out
}

// TestOperations compares each operation, in each layout its input may have, with the reference.
func TestOperations(t *testing.T) {
	l := runtimeLibrary(t)
	for _, tt := range operations() {
		for _, o := range forms() {
			t.Run(fmt.Sprintf("%s/%s%d", tt.name, o.Dialect, o.Opset), func(t *testing.T) {
				requireReference(t, l, tt.workload(workloads.Full), o, 1e-5)
			})
		}
	}
}

// TestSavedModel opens the one file of a model, as other tools take it.
func TestSavedModel(t *testing.T) {
	l := runtimeLibrary(t)
	w := diffusion().workload(workloads.Full)
	models, err := onnx.Write(w, onnx.Options{})
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "model.onnx")
	require.NoError(t, models[0].Save(t.Context(), path))
	r := emptyGraphRunner(t, l, w)
	r.open(t, models[0], path, 1)
	in, out := r.call(t, 0, 0, 1)
	want, err := reference.Run(t.Context(), w.Phases[0].Graph, in, nil)
	require.NoError(t, err)
	requireNear(t, "saved model", want[0], out[0].F32, 1e-5)
}

// TestHalfPrecision runs what the library can compute on a CPU in 16 bits; an error of 2^-11 per rounding adds up to this.
func TestHalfPrecision(t *testing.T) {
	l := runtimeLibrary(t)
	for _, tt := range operations() {
		t.Run(tt.name, func(t *testing.T) {
			requireReference(t, l, tt.workload(workloads.Half), onnx.Options{}, 1e-2)
		})
	}
}

// TestGoldenWorkloads compares whole models with the golden values.
func TestGoldenWorkloads(t *testing.T) {
	if testing.Short() {
		t.Skip("heavy")
	}
	l := runtimeLibrary(t)
	both := []onnx.Options{{Opset: 17}, {Dialect: onnx.Deployed}}
	for _, tt := range []struct {
		name    string
		options workloads.Options
		forms   []onnx.Options
	}{
		{"gemm", workloads.Options{}, both[:1]},
		{"memcopy", workloads.Options{}, both[:1]},
		{"resnet50", workloads.Options{Batch: 2}, both},
		{"bert-base", workloads.Options{SeqLen: 128, Batch: 2}, both},
		{"dlrm-v2-capped", workloads.Options{Batch: 2}, both[:1]},
		{"smollm2-135m", workloads.Options{Batch: 2, ISL: 6, OSL: 3}, both},
		{"whisper-tiny", workloads.Options{Batch: 2, ISL: 4, OSL: 3}, both},
	} {
		for _, o := range tt.forms {
			t.Run(fmt.Sprint(tt.name, o.Dialect), func(t *testing.T) {
				w, err := workloads.Find(tt.name, tt.options)
				require.NoError(t, err)
				golden, known := w.Golden()
				if !known {
					t.Skip("no golden values yet")
				}
				samples := make([]int, w.Options.Batch)
				for i := range samples {
					samples[i] = i
				}
				r := newGraphRunner(t, l, w, o, 2)
				for c := range w.Calls() {
					_, out := r.call(t, c, samples...)
					check, err := golden.Check(w, c, samples, out)
					require.NoError(t, err)
					require.True(t, check.Passed, "call %d: %s", c, check.Reason)
					require.Less(t, check.Error, check.Tolerance/2, "float32 should be well within")
				}
			})
		}
	}
}
