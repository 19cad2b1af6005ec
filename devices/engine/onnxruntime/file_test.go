package onnxruntime

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/onnxruntime/ort"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/own"
)

// The next functions write ONNX: a message is its fields one after the other.

func number(field protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, field, protowire.VarintType), uint64(v))
}

func message(field protowire.Number, parts ...[]byte) []byte {
	var body []byte
	for _, p := range parts {
		body = append(body, p...)
	}
	return protowire.AppendBytes(protowire.AppendTag(nil, field, protowire.BytesType), body)
}

func text(field protowire.Number, s string) []byte { return message(field, []byte(s)) }

func operator(op string, ins, outs []string, attributes ...[]byte) []byte {
	var parts [][]byte
	for _, in := range ins {
		parts = append(parts, text(1, in))
	}
	for _, out := range outs {
		parts = append(parts, text(2, out))
	}
	return message(1, append(append(parts, text(3, op+" of "+outs[0]), text(4, op)), attributes...)...)
}

// tensorOf is a TypeProto of a tensor; negative dimensions are free.
func tensorOf(elem ort.ElemType, dims ...int64) []byte {
	var shape [][]byte
	for _, d := range dims {
		dim := number(1, d)
		if d < 0 {
			dim = text(2, "n")
		}
		shape = append(shape, message(1, dim))
	}
	return message(1, number(1, int64(elem)), message(2, shape...))
}

func input(name string, kind []byte) []byte  { return message(11, text(1, name), message(2, kind)) }
func output(name string, kind []byte) []byte { return message(12, text(1, name), message(2, kind)) }

func modelOf(parts ...[]byte) []byte {
	m := append(number(1, 10), message(8, text(1, ""), number(2, 21))...)
	return append(m, message(7, append(parts, text(2, "g"))...)...)
}

// addModel is sum[2] = a[2] + b[2].
func addModel(a, b string) []byte {
	pair := tensorOf(ort.F32, 2)
	return modelOf(operator("Add", []string{a, b}, []string{"sum"}), input(a, pair), input(b, pair), output("sum", pair))
}

// ofFile is the workload of a model file.
func ofFile(t *testing.T, model []byte, inputs ...string) *workloads.Workload {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mine.onnx")
	require.NoError(t, os.WriteFile(path, model, 0o600))
	w, err := own.Load(own.File{Path: path, Inputs: inputs})
	require.NoError(t, err)
	return w
}

func TestModelFile(t *testing.T) {
	w := ofFile(t, addModel("a", "b"))
	s := load(t, 1, w)
	in, out := call(t, s, w, 0, 3)
	require.Equal(t, []int{2}, out[0].Shape)
	require.Equal(t, []float32{in[0].F32[0] + in[1].F32[0], in[0].F32[1] + in[1].F32[1]}, out[0].F32)
	require.Equal(t, []int{0}, w.Phases[0].Graph.Outputs[0].Shape, "the workload stays as it is")
	memory := &out[0].F32[0]
	in[0].F32[0] = 40
	in[1].F32 = []float32{2, 0}
	require.NoError(t, s.Run(t.Context(), 0, in, out))
	require.Equal(t, float32(42), out[0].F32[0])
	require.Same(t, memory, &out[0].F32[0], "the outputs of a run take the place of the earlier ones")
	require.ErrorContains(t, s.Run(t.Context(), 0, in, nil), "outputs")
	require.ErrorContains(t, s.Run(t.Context(), 0, in, out), "outputs", "an error ends the session's use")
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.Run(t.Context(), 0, in, out), errClosed)
}

// TestShapesThatOnlyTheRunKnows has an output whose length depends on the data, and types of every width.
func TestShapesThatOnlyTheRunKnows(t *testing.T) {
	w := ofFile(t, modelOf(
		operator("NonZero", []string{"x"}, []string{"at"}),
		operator("Cast", []string{"x"}, []string{"half"}, message(5, text(1, "to"), number(3, int64(ort.F16)), number(20, 2))),
		operator("Cast", []string{"x"}, []string{"int"}, message(5, text(1, "to"), number(3, int64(ort.I32)), number(20, 2))),
		operator("Cast", []string{"x"}, []string{"bool"}, message(5, text(1, "to"), number(3, int64(ort.Bool)), number(20, 2))),
		input("x", tensorOf(ort.F32, 4)), output("at", tensorOf(ort.I64, 1, -1)), output("half", tensorOf(ort.F16, 4)),
		output("int", tensorOf(ort.I32, 4)), output("bool", tensorOf(ort.Bool, 4))))
	s := load(t, 1, w)
	out := w.NewOutputs(0)
	for _, tt := range []struct {
		x    []float32
		at   []byte
		bool []byte
	}{
		{x: []float32{0, 5, 0, 7}, at: []byte{1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0}, bool: []byte{0, 1, 0, 1}},
		{x: []float32{0, 0, 0, 0}, bool: []byte{0, 0, 0, 0}},
		{x: []float32{9, 0, 0, 0}, at: make([]byte, 8), bool: []byte{1, 0, 0, 0}},
	} {
		require.NoError(t, s.Run(t.Context(), 0, []workloads.Tensor{{DType: workloads.F32, Shape: []int{4}, F32: tt.x}}, out))
		require.Equal(t, workloads.I64, out[0].DType)
		require.Equal(t, []int{1, len(tt.at) / 8}, out[0].Shape)
		require.Equal(t, len(tt.at), len(out[0].Raw))
		require.Equal(t, string(tt.at), string(out[0].Raw))
		require.Equal(t, workloads.F16, out[1].DType)
		require.Len(t, out[1].Raw, 8)
		require.Equal(t, int32(tt.x[3]), out[2].I32[3])
		require.Equal(t, tt.bool, out[3].Raw)
	}
}

func TestInputsOfOtherTypes(t *testing.T) {
	kind := tensorOf(ort.I64, 3)
	w := ofFile(t, modelOf(operator("Neg", []string{"x"}, []string{"y"}), input("x", kind), output("y", kind)))
	s := load(t, 1, w)
	out := w.NewOutputs(0)
	in := []workloads.Tensor{workloads.NewTensor(workloads.I64, []int{3})}
	in[0].Raw[8] = 1
	require.NoError(t, s.Run(t.Context(), 0, in, out))
	require.Equal(t, make([]byte, 8), out[0].Raw[:8])
	require.Equal(t, []byte{255, 255, 255, 255, 255, 255, 255, 255}, out[0].Raw[8:16])
	in[0].Raw = in[0].Raw[:8]
	require.ErrorContains(t, s.Run(t.Context(), 0, in, out), "wants")
}

func TestModelFilesThatCannotRun(t *testing.T) {
	pair := tensorOf(ort.F32, 2)
	strings := modelOf(operator("Cast", []string{"x"}, []string{"y"}, message(5, text(1, "to"), number(3, int64(ort.String)), number(20, 2))),
		input("x", pair), output("y", tensorOf(ort.String, 2)))
	sequence := modelOf(operator("SequenceConstruct", []string{"x"}, []string{"y"}), input("x", pair), output("y", message(4, message(1, pair))))
	for _, tt := range []struct {
		name        string
		model       []byte
		want        string
		unsupported bool
	}{
		{name: "strings", model: strings, want: "output y: tensors of string", unsupported: true},
		{name: "a sequence", model: sequence, want: "output y is a sequence", unsupported: true},
		{name: "an unknown operator", model: modelOf(operator("Frobnicate", []string{"x"}, []string{"y"}), input("x", pair), output("y", pair)),
			want: "Frobnicate"},
		{name: "a damaged file", model: []byte("\xff\xff\xff\xff\xff nonsense"), want: "rotobuf parsing failed"},
		{name: "an absent file", want: "exist"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			path := filepath.Join(t.TempDir(), "mine.onnx")
			if tt.model != nil {
				require.NoError(t, os.WriteFile(path, tt.model, 0o600))
			}
			x := &workloads.Value{Name: "x", Kind: workloads.Input, DType: workloads.F32, Shape: []int{2}, Fill: &workloads.InputSpec{Kind: workloads.FillUniform}}
			y := &workloads.Value{ID: 1, Name: "y", Kind: workloads.Computed, DType: workloads.F32, Shape: []int{0}}
			w := &workloads.Workload{Name: "mine", File: &workloads.ModelFile{Path: path}, Phases: []workloads.Phase{{
				Graph: &workloads.Graph{Values: []*workloads.Value{x, y}, Outputs: []*workloads.Value{y}}}}}
			_, err := New(Options{Find: realLibrary(t)}).Load(t.Context(), cpuDevice(), w)
			require.ErrorContains(t, err, tt.want)
			if tt.unsupported {
				require.ErrorIs(t, err, devices.ErrUnsupported)
			}
			requireEmpty(t, os.TempDir())
		})
	}
}

func TestCancelOfAModelFile(t *testing.T) {
	w := ofFile(t, addModel("a", "b"))
	s := load(t, 1, w)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.Run(ctx, 0, w.NewInputs(0), w.NewOutputs(0)), context.Canceled)
}

// TestModelFileOnTheWrongProvider: a model file that ran on the CPU is no figure of a GPU.
func TestModelFileOnTheWrongProvider(t *testing.T) {
	w := ofFile(t, addModel("x", "y"))
	s, ok := load(t, 1, w).(*fileSession)
	require.True(t, ok)
	s.target.asked = []string{cudaProvider}
	require.ErrorIs(t, s.Run(t.Context(), 0, w.NewInputs(0), w.NewOutputs(0)), errProvider)
}

// TestOldLibrariesDoNotSpin: they ignore for how long they are told to.
func TestOldLibrariesDoNotSpin(t *testing.T) {
	for version, want := range map[string]int{"1.30.0": spin, "1.31.2": spin, "1.29.1": 0, "1.23.2": 0, "2": 0, "": 0} {
		require.Equal(t, want, spinning(version), version)
	}
}
