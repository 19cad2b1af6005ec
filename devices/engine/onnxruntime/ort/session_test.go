//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/internal/clib"
)

func TestLibraryDescribesItself(t *testing.T) {
	l := library(t)
	assert.Regexp(t, `^1\.\d+\.\d+`, l.Version())
	providers, err := l.Providers()
	require.NoError(t, err)
	assert.Contains(t, providers, "CPUExecutionProvider")
}

func TestCheckProvider(t *testing.T) {
	l := library(t)
	assert.ErrorContains(t, l.CheckProvider(Provider{Name: "Nonsense"}), "execution provider Nonsense: it is not one of this package's")
	var e *Error
	require.ErrorAs(t, l.CheckProvider(Provider{Name: "CUDA", Options: map[string]string{"no_such_option": "1"}}), &e,
		"neither a library without CUDA nor one with it takes this")
	_, err := loadModel(t, l, addModel(), Options{Providers: []Provider{{Name: "Nonsense"}}})
	assert.ErrorContains(t, err, "Nonsense")
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
		{"empty", nil, CodeFail, "does not have a graph"},
		{"garbage", []byte("not a model at all"), CodeInvalidProtobuf, "Protobuf"},
		{"cut short", addModel()[:40], CodeInvalidProtobuf, "Protobuf"},
		{"unknown operation", model(node("Nonsense", []string{"x"}, []string{"z"}), in("x", v), out("z", v)), CodeInvalidGraph, "Nonsense"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := loadModel(t, l, c.model, Options{})
			var e *Error
			require.ErrorAs(t, err, &e)
			assert.Contains(t, e.Message, c.text)
			assert.Equal(t, c.code.String(), e.Code.String())
		})
	}
	_, err := l.NewSessionFromFile("a\x00b", Options{})
	assert.Error(t, err, "no path has a zero byte")
	_, err = l.NewSessionFromFile(filepath.Join(t.TempDir(), "none.onnx"), Options{})
	var e *Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, CodeNoSuchFile, e.Code)
	assert.ErrorContains(t, err, "NO_SUCHFILE: ")
	_, err = loadModel(t, l, addModel(), Options{Config: map[string]string{"session.no_such_key": "1"}})
	assert.ErrorContains(t, err, "session.no_such_key", "the options are checked")
}

func TestOutputs(t *testing.T) {
	l := library(t)
	sequence := msg(4, msg(1, tensorType(F32, 2)))
	s := session(t, l, model(
		node("Identity", []string{"x"}, []string{"y"}), node("Identity", []string{"n"}, []string{"m"}),
		node("SequenceConstruct", []string{"a"}, []string{"s"}),
		in("x", tensorType(F32, "batch", 3, "")), in("n", tensorType(I64)), in("a", tensorType(F32, 2)),
		out("y", tensorType(F32, "batch", 3, "")), out("m", tensorType(I64)), out("s", sequence)), Options{})
	outs, err := s.Outputs()
	require.NoError(t, err)
	assert.Equal(t, []Output{{"y", true, F32}, {"m", true, I64}, {Name: "s"}}, outs)

	got, err := s.Run(runOptions(t, l), []string{"a", "n", "x"}, []*Value{tensor(t, l, []float32{1, 2}, 2),
		tensor(t, l, []int64{7}), tensor(t, l, []float32{1, 2, 3}, 1, 3, 1)}, []string{"m", "s"})
	require.ErrorContains(t, err, `output "s": it is not a tensor`)
	assert.Nil(t, got, "no half of the outputs")
	assert.Empty(t, s.values)
}

func TestRun(t *testing.T) {
	l := library(t)
	v := func(dims ...any) []byte { return tensorType(F32, dims...) }
	for _, o := range []Options{{}, {Threads: 2, Spinning: SpinOff},
		{Threads: 2, Spinning: SpinOn, Config: map[string]string{"session.intra_op.spin_duration_us": "50"}}} {
		s := session(t, l, model(node("MatMul", []string{"x", "w"}, []string{"z"}),
			in("x", v("n", 2)), in("w", v(2, 3)), out("z", v("n", 3))), o)
		x, w := tensor(t, l, []float32{1, 2, 3, 4}, 2, 2), tensor(t, l, []float32{1, 0, -1, 0, 1, 10}, 2, 3)
		outs, err := s.Run(runOptions(t, l), []string{"w", "x"}, []*Value{w, x}, []string{"z"})
		require.NoError(t, err)
		assert.Equal(t, []int64{2, 3}, outs[0].Shape())
		assert.Equal(t, F32, outs[0].Type())
		assert.Equal(t, []float32{1, 2, 19, 3, 4, 37}, numbers[float32](t, outs[0]))
		require.NoError(t, outs[0].Close())
		require.NoError(t, outs[0].Close())
		_, err = outs[0].Bytes()
		assert.ErrorIs(t, err, ErrClosed)
	}
}

// TestOptionsReachTheLibrary asks the library what it was told.
func TestOptionsReachTheLibrary(t *testing.T) {
	const slotGetSessionConfigEntry slot = 238
	l := library(t)
	c, err := l.newSettings()
	require.NoError(t, err)
	defer c.close()
	const duration = "session.intra_op.spin_duration_us"
	require.NoError(t, c.apply(Options{Spinning: SpinOn, Config: map[string]string{duration: "50"}}))
	for key, want := range map[string]string{keySpinning: "1", duration: "50"} {
		name, err := clib.String(key)
		require.NoError(t, err)
		var value [8]byte
		size := uintptr(len(value))
		require.NoError(t, l.status(slotGetSessionConfigEntry, c.handle, uintptr(unsafe.Pointer(name)),
			uintptr(unsafe.Pointer(&value[0])), uintptr(unsafe.Pointer(&size))))
		assert.Equal(t, want+"\x00", string(value[:size]), key)
	}
}

// TestThreadsReachTheLibrary counts the process's threads: those of an operation are as many as asked for, with the caller.
func TestThreadsReachTheLibrary(t *testing.T) {
	count := func() int {
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			t.Skip("this system does not list threads: ", err)
		}
		return len(threads)
	}
	l := library(t)
	before := count()
	session(t, l, addModel(), Options{Threads: 40})
	assert.GreaterOrEqual(t, count(), before+39)
}

func TestRunRefuses(t *testing.T) {
	l := library(t)
	s, o := session(t, l, addModel(), Options{}), runOptions(t, l)
	x, closed := tensor(t, l, make([]float32, 4), 4), tensor(t, l, make([]float32, 4), 4)
	require.NoError(t, closed.Close())
	z := []string{"z"}
	for _, c := range []struct {
		name     string
		ins      []string
		values   []*Value
		outs     []string
		expected string
	}{
		{"names without values", []string{"x", "y"}, []*Value{x}, z, "2 input names for 1 values"},
		{"nil input", []string{"x", "y"}, []*Value{x, nil}, z, `input "y" has no value`},
		{"closed input", []string{"x", "y"}, []*Value{x, closed}, z, `input "y": value: already closed`},
		{"zero in a name", []string{"x", "y\x00"}, []*Value{x, x}, z, "zero byte"},
		{"unknown input", []string{"x", "q"}, []*Value{x, x}, z, "INVALID_ARGUMENT: "},
		{"unknown output", []string{"x", "y"}, []*Value{x, x}, []string{"q"}, "INVALID_ARGUMENT: "},
		{"missing input", []string{"x"}, []*Value{x}, z, "Missing Input: y"},
		{"wrong shape", []string{"x", "y"}, []*Value{x, tensor(t, l, make([]float32, 3), 3)}, z, "Got: 3 Expected: 4"},
		{"nothing asked", nil, nil, nil, "INVALID_ARGUMENT: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.Run(o, c.ins, c.values, c.outs)
			assert.ErrorContains(t, err, "running the session: ")
			assert.ErrorContains(t, err, c.expected)
		})
	}
}

func TestScalarsAndEmptyTensors(t *testing.T) {
	l := library(t)
	s := session(t, l, model(node("Identity", []string{"x"}, []string{"y"}), node("Identity", []string{"n"}, []string{"m"}),
		in("x", tensorType(F32, "k")), in("n", tensorType(I64)), out("y", tensorType(F32, "k")), out("m", tensorType(I64))), Options{})
	outs, err := s.Run(runOptions(t, l), []string{"x", "n"},
		[]*Value{tensor(t, l, []float32(nil), 0), tensor(t, l, []int64{-5})}, []string{"y", "m"})
	require.NoError(t, err)
	assert.Empty(t, numbers[float32](t, outs[0]))
	assert.Equal(t, []int64{0}, outs[0].Shape())
	assert.Equal(t, []int64{-5}, numbers[int64](t, outs[1]))
	assert.Empty(t, outs[1].Shape())
}

func TestProfile(t *testing.T) {
	l := library(t)
	prefix := filepath.Join(t.TempDir(), "profile")
	s := session(t, l, addModel(), Options{ProfilePrefix: prefix})
	x := tensor(t, l, make([]float32, 4), 4)
	require.NoError(t, second(s.Run(runOptions(t, l), []string{"x", "y"}, []*Value{x, x}, []string{"z"})))
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
	outs, err := s.Run(runOptions(t, l), []string{"x"}, []*Value{tensor(t, l, []float32{10, 20, 30, 40}, 4)}, []string{"z"})
	require.NoError(t, err)
	assert.Equal(t, []float32{11, 22, 30, 40}, numbers[float32](t, outs[0]))
}

func TestOneSessionInTwoGoroutines(t *testing.T) {
	l := library(t)
	s := session(t, l, addModel(), Options{Threads: 1})
	var group sync.WaitGroup
	for g := range 2 {
		group.Go(func() {
			x := make([]float32, 4)
			v, o := tensor(t, l, x, 4), runOptions(t, l)
			for i := range 200 {
				x[i%4] = float32(i + g*1000)
				outs, err := s.Run(o, []string{"x", "y"}, []*Value{v, v}, []string{"z"})
				if !assert.NoError(t, err) {
					return
				}
				assert.Equal(t, 2*x[i%4], numbers[float32](t, outs[0])[i%4])
				assert.NoError(t, outs[0].Close())
			}
		})
	}
	group.Wait()
}
