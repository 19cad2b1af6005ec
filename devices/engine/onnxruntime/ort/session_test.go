//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLibraryDescribesItself(t *testing.T) {
	l := library(t)
	assert.Regexp(t, `^1\.\d+\.\d+`, l.Version())
	assert.Contains(t, l.BuildInfo(), "ORT Build Info")
	providers, err := l.Providers()
	require.NoError(t, err)
	assert.Contains(t, providers, "CPUExecutionProvider")
}

func TestCheckProvider(t *testing.T) {
	l := library(t)
	assert.NoError(t, l.CheckProvider(Provider{Name: "CPU"}))
	assert.ErrorContains(t, l.CheckProvider(Provider{Name: "CPU", Options: map[string]string{"a": "b"}}), "no options")
	var e *Error
	require.ErrorAs(t, l.CheckProvider(Provider{Name: "Nonsense", Options: map[string]string{"a": "b"}}), &e)
	assert.Equal(t, CodeInvalidArgument, e.Code)
	assert.Contains(t, e.Message, "Nonsense")
	assert.ErrorContains(t, l.CheckProvider(Provider{Name: "a\x00b"}), "zero byte")
	require.ErrorAs(t, l.CheckProvider(Provider{Name: "CUDA", Options: map[string]string{"no_such_option": "1"}}), &e,
		"neither a library without CUDA nor one with it takes this")
}

func TestModelsThatDoNotLoad(t *testing.T) {
	l := library(t)
	v := tensorType(F32, 4)
	for _, c := range []struct {
		name  string
		model []byte
		code  Code
		text  string
	}{
		{"garbage", []byte("not a model at all"), CodeInvalidProtobuf, "protobuf"},
		{"cut short", addModel()[:40], CodeInvalidProtobuf, "protobuf"},
		{"unknown operation", model(node("Nonsense", []string{"x"}, []string{"z"}), in("x", v), out("z", v)), CodeInvalidGraph, "Nonsense"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := l.NewSession(c.model, Options{})
			var e *Error
			require.ErrorAs(t, err, &e)
			assert.Contains(t, e.Message, c.text)
			assert.Equal(t, c.code.String(), e.Code.String())
		})
	}
	_, err := l.NewSession(nil, Options{})
	assert.ErrorContains(t, err, "empty")
	_, err = l.NewSessionFromFile(filepath.Join(t.TempDir(), "none.onnx"), Options{})
	var e *Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, CodeNoSuchFile, e.Code)
	assert.ErrorContains(t, err, "NO_SUCHFILE: ")
	_, err = l.NewSession(addModel(), Options{Config: map[string]string{"session.no_such_key": "1"}})
	assert.ErrorContains(t, err, "session.no_such_key", "the options are checked")
}

func TestDescribeInputsAndOutputs(t *testing.T) {
	l := library(t)
	sequence := msg(4, msg(1, tensorType(F32, 2)))
	s := session(t, l, model(
		node("Identity", []string{"x"}, []string{"y"}), node("Identity", []string{"n"}, []string{"m"}),
		node("SequenceConstruct", []string{"a"}, []string{"s"}),
		in("x", tensorType(F32, "batch", 3, "")), in("n", tensorType(I64)), in("a", tensorType(F32, 2)),
		out("y", tensorType(F32, "batch", 3, "")), out("m", tensorType(I64)), out("s", sequence)), Options{})
	ins, err := s.Inputs()
	require.NoError(t, err)
	x := IO{Name: "x", IsTensor: true, Type: F32, Shape: []int64{-1, 3, -1}, Symbols: []string{"batch", "", ""}}
	scalar := IO{Name: "n", IsTensor: true, Type: I64, Shape: []int64{}, Symbols: []string{}}
	assert.Equal(t, []IO{x, scalar, {Name: "a", IsTensor: true, Type: F32, Shape: []int64{2}, Symbols: []string{""}}}, ins)
	outs, err := s.Outputs()
	require.NoError(t, err)
	x.Name, scalar.Name = "y", "m"
	assert.Equal(t, []IO{x, scalar, {Name: "s"}}, outs)

	got := make([]*Value, 2)
	err = s.Run(context.Background(), []string{"a", "n", "x"}, []*Value{tensor(t, l, []float32{1, 2}, 2),
		tensor(t, l, []int64{7}), tensor(t, l, []float32{1, 2, 3}, 1, 3, 1)}, []string{"m", "s"}, got)
	require.ErrorContains(t, err, `output "s": it is not a tensor`)
	assert.Equal(t, make([]*Value, 2), got, "no half of the outputs")
}

func TestRun(t *testing.T) {
	l := library(t)
	v := func(dims ...any) []byte { return tensorType(F32, dims...) }
	for _, o := range []Options{{}, {Threads: 2, Spinning: SpinOff, Optimization: OptimizeNone,
		Config: map[string]string{"session.disable_prepacking": "1"}, Providers: []Provider{{Name: "CPU"}}}} {
		s := session(t, l, model(node("MatMul", []string{"x", "w"}, []string{"z"}),
			in("x", v("n", 2)), in("w", v(2, 3)), out("z", v("n", 3))), o)
		x, w := tensor(t, l, []float32{1, 2, 3, 4}, 2, 2), tensor(t, l, []float32{1, 0, -1, 0, 1, 10}, 2, 3)
		want := []float32{1, 2, 19, 3, 4, 37}

		given := make([]float32, 6)
		require.NoError(t, s.Run(context.Background(), []string{"w", "x"}, []*Value{w, x}, []string{"z"},
			[]*Value{tensor(t, l, given, 2, 3)}))
		assert.Equal(t, want, given)

		outs := make([]*Value, 1)
		require.NoError(t, s.Run(t.Context(), []string{"x", "w"}, []*Value{x, w}, []string{"z"}, outs))
		assert.Equal(t, []int64{2, 3}, outs[0].Shape())
		assert.Equal(t, F32, outs[0].Type())
		got, err := Data[float32](outs[0])
		require.NoError(t, err)
		assert.Equal(t, want, got)
		require.NoError(t, outs[0].Close())
		require.NoError(t, outs[0].Close())
		_, err = outs[0].Bytes()
		assert.ErrorIs(t, err, ErrClosed)
	}
}

func TestRunRefuses(t *testing.T) {
	l := library(t)
	s := session(t, l, addModel(), Options{})
	x, z := tensor(t, l, make([]float32, 4), 4), tensor(t, l, make([]float32, 4), 4)
	closed := tensor(t, l, make([]float32, 4), 4)
	require.NoError(t, closed.Close())
	for _, c := range []struct {
		name     string
		ins      []string
		inV      []*Value
		outs     []string
		outV     []*Value
		expected string
	}{
		{"names without values", []string{"x", "y"}, []*Value{x}, []string{"z"}, []*Value{z}, "2 input names for 1 values"},
		{"outputs without places", []string{"x", "y"}, []*Value{x, x}, []string{"z"}, nil, "1 output names for 0 values"},
		{"nil input", []string{"x", "y"}, []*Value{x, nil}, []string{"z"}, []*Value{z}, `input "y" has no value`},
		{"closed input", []string{"x", "y"}, []*Value{x, closed}, []string{"z"}, []*Value{z}, "value 1: already closed"},
		{"closed output", []string{"x", "y"}, []*Value{x, x}, []string{"z"}, []*Value{closed}, "value 0: already closed"},
		{"zero in a name", []string{"x", "y\x00"}, []*Value{x, x}, []string{"z"}, []*Value{z}, "zero byte"},
		{"unknown input", []string{"x", "q"}, []*Value{x, x}, []string{"z"}, []*Value{z}, "INVALID_ARGUMENT: "},
		{"unknown output", []string{"x", "y"}, []*Value{x, x}, []string{"q"}, []*Value{nil}, "INVALID_ARGUMENT: "},
		{"missing input", []string{"x"}, []*Value{x}, []string{"z"}, []*Value{z}, "Missing Input: y"},
		{"wrong shape", []string{"x", "y"}, []*Value{x, tensor(t, l, make([]float32, 3), 3)}, []string{"z"}, []*Value{z}, "Got: 3 Expected: 4"},
		{"nothing asked", nil, nil, nil, nil, "INVALID_ARGUMENT: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.ErrorContains(t, s.Run(context.Background(), c.ins, c.inV, c.outs, c.outV), c.expected)
		})
	}
}

func TestScalarsAndEmptyTensors(t *testing.T) {
	l := library(t)
	s := session(t, l, model(node("Identity", []string{"x"}, []string{"y"}), node("Identity", []string{"n"}, []string{"m"}),
		in("x", tensorType(F32, "k")), in("n", tensorType(I64)), out("y", tensorType(F32, "k")), out("m", tensorType(I64))), Options{})
	outs := make([]*Value, 2)
	require.NoError(t, s.Run(context.Background(), []string{"x", "n"},
		[]*Value{tensor(t, l, []float32(nil), 0), tensor(t, l, []int64{-5})}, []string{"y", "m"}, outs))
	empty, err := Data[float32](outs[0])
	require.NoError(t, err)
	assert.Empty(t, empty)
	assert.Equal(t, []int64{0}, outs[0].Shape())
	scalar, err := Data[int64](outs[1])
	require.NoError(t, err)
	assert.Equal(t, []int64{-5}, scalar)
	assert.Empty(t, outs[1].Shape())
}

func TestProfile(t *testing.T) {
	l := library(t)
	prefix := filepath.Join(t.TempDir(), "profile")
	s := session(t, l, addModel(), Options{ProfilePrefix: prefix})
	x := tensor(t, l, make([]float32, 4), 4)
	require.NoError(t, s.Run(context.Background(), []string{"x", "y"}, []*Value{x, x}, []string{"z"}, make([]*Value, 1)))
	file, err := s.EndProfiling()
	require.NoError(t, err)
	assert.Contains(t, file, prefix)
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(content), "CPUExecutionProvider")
	_, err = s.EndProfiling()
	assert.ErrorContains(t, err, "ProfilePrefix", "a profile ends once")
	_, err = session(t, l, addModel(), Options{}).EndProfiling()
	assert.ErrorContains(t, err, "ProfilePrefix")
}

func TestSessionFromFileFindsDataBesideIt(t *testing.T) {
	l := library(t)
	dir := t.TempDir()
	v := tensorType(F32, 4)
	weights := msg(5, num(2, int64(F32)), str(8, "w"), num(1, 4), msg(13, str(1, "location"), str(2, "w.bin")), num(14, 1))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "m.onnx"),
		model(node("Add", []string{"x", "w"}, []string{"z"}), weights, in("x", v), out("z", v)), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "w.bin"), []byte{0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0}, 0o600))
	s, err := l.NewSessionFromFile(filepath.Join(dir, "m.onnx"), Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	z := make([]float32, 4)
	require.NoError(t, s.Run(context.Background(), []string{"x"}, []*Value{tensor(t, l, []float32{10, 20, 30, 40}, 4)}, []string{"z"},
		[]*Value{tensor(t, l, z, 4)}))
	assert.Equal(t, []float32{11, 22, 30, 40}, z)
}

func TestOneSessionInTwoGoroutines(t *testing.T) {
	l := library(t)
	s := session(t, l, addModel(), Options{Threads: 1})
	var group sync.WaitGroup
	for g := range 2 {
		group.Go(func() {
			x, z := make([]float32, 4), make([]float32, 4)
			xV, zV := tensor(t, l, x, 4), tensor(t, l, z, 4)
			for i := range 200 {
				x[i%4] = float32(i + g*1000)
				if !assert.NoError(t, s.Run(context.Background(), []string{"x", "y"}, []*Value{xV, xV}, []string{"z"}, []*Value{zV})) {
					return
				}
				assert.Equal(t, 2*x[i%4], z[i%4])
			}
		})
	}
	group.Wait()
}
