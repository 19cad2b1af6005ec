//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"os"
	"path/filepath"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	lookup "github.com/accelbench/accelbench/devices/engine/onnxruntime/library"
)

// library opens the library of this machine.
func library(t testing.TB) *Library {
	t.Helper()
	found, err := lookup.Find(lookup.Here(""))
	if err != nil {
		t.Skip(err)
	}
	l, err := Open(found.Path)
	require.NoError(t, err)
	return l
}

// loadModel loads a model from a file of its own.
func loadModel(t testing.TB, l *Library, model []byte, o Options) (*Session, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.onnx")
	require.NoError(t, os.WriteFile(path, model, 0o600))
	return l.NewSessionFromFile(path, o)
}

func session(t testing.TB, l *Library, model []byte, o Options) *Session {
	t.Helper()
	s, err := loadModel(t, l, model, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func runOptions(t testing.TB, l *Library) *RunOptions {
	t.Helper()
	o, err := l.NewRunOptions()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, o.Close()) })
	return o
}

// newTensor is a value over a slice of numbers.
func newTensor[T float32 | int64](l *Library, data []T, shape []int64) (*Value, error) {
	elem := F32
	if _, is := any(data).([]int64); is {
		elem = I64
	}
	size := len(data) * int(unsafe.Sizeof(*new(T)))
	return l.NewValue(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(data))), size), elem, shape)
}

func tensor[T float32 | int64](t testing.TB, l *Library, data []T, shape ...int64) *Value {
	t.Helper()
	v, err := newTensor(l, data, shape)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, v.Close()) })
	return v
}

// numbers are the elements of a value.
func numbers[T float32 | int64](t testing.TB, v *Value) []T {
	t.Helper()
	raw, err := v.Bytes()
	require.NoError(t, err)
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(raw))), len(raw)/int(unsafe.Sizeof(*new(T))))
}

// The rest writes ONNX: a message is its fields one after the other.

func num(field protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, field, protowire.VarintType), uint64(v))
}

func msg(field protowire.Number, parts ...[]byte) []byte {
	var body []byte
	for _, p := range parts {
		body = append(body, p...)
	}
	return protowire.AppendBytes(protowire.AppendTag(nil, field, protowire.BytesType), body)
}

func str(field protowire.Number, s string) []byte { return msg(field, []byte(s)) }

func node(op string, ins, outs []string, attributes ...[]byte) []byte {
	var parts [][]byte
	for _, in := range ins {
		parts = append(parts, str(1, in))
	}
	for _, out := range outs {
		parts = append(parts, str(2, out))
	}
	parts = append(parts, str(3, op+"_"+outs[0]), str(4, op))
	return msg(1, append(parts, attributes...)...)
}

// tensorType is a TypeProto; a dimension is an int with its size or a string with its name, "" for one without.
func tensorType(elem ElemType, dims ...any) []byte {
	var shape [][]byte
	for _, d := range dims {
		switch d := d.(type) {
		case int:
			shape = append(shape, msg(1, num(1, int64(d))))
		case string:
			shape = append(shape, msg(1, str(2, d)))
		}
	}
	return msg(1, num(1, int64(elem)), msg(2, shape...))
}

func in(name string, kind []byte) []byte  { return msg(11, str(1, name), msg(2, kind)) }
func out(name string, kind []byte) []byte { return msg(12, str(1, name), msg(2, kind)) }

func graph(parts ...[]byte) []byte { return msg(7, append(parts, str(2, "g"))...) }

func model(parts ...[]byte) []byte {
	m := append(num(1, 10), msg(8, str(1, ""), num(2, 21))...)
	return append(m, graph(parts...)...)
}

// addModel is z[4] = x[4] + y[4].
func addModel() []byte {
	v := tensorType(F32, 4)
	return model(node("Add", []string{"x", "y"}, []string{"z"}), in("x", v), in("y", v), out("z", v))
}
