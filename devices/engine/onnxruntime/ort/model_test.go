//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"testing"

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

func session(t testing.TB, l *Library, model []byte, o Options) *Session {
	t.Helper()
	s, err := l.NewSession(model, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func tensor[T Number](t testing.TB, l *Library, data []T, shape ...int64) *Value {
	t.Helper()
	v, err := NewTensor(l, data, shape)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, v.Close()) })
	return v
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

// external is an initializer whose content is not in the model.
func external(name string, dims ...int64) []byte {
	parts := [][]byte{num(2, int64(F32)), str(8, name), msg(13, str(1, "location"), str(2, "*mem*")), num(14, 1)}
	for _, d := range dims {
		parts = append(parts, num(1, d))
	}
	return msg(5, parts...)
}

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

// weightModel is z[4] = x[4] + w[4], w from outside.
func weightModel() []byte {
	v := tensorType(F32, 4)
	return model(node("Add", []string{"x", "w"}, []string{"z"}), external("w", 4), in("x", v), out("z", v))
}
