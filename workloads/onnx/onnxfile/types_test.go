package onnxfile

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTensorTypes(t *testing.T) {
	// Numbers, names and sizes as in onnx.proto.
	sizes := map[string]int{"f32": 4, "u8": 1, "i8": 1, "u16": 2, "i16": 2, "i32": 4, "i64": 8, "string": 0, "bool": 1, "f16": 2,
		"f64": 8, "u32": 4, "u64": 8, "c64": 8, "c128": 16, "bf16": 2, "u4": 0, "i4": 0}
	for number, name := range map[TensorType]string{1: "f32", 2: "u8", 3: "i8", 4: "u16", 5: "i16", 6: "i32", 7: "i64",
		8: "string", 9: "bool", 10: "f16", 11: "f64", 12: "u32", 13: "u64", 14: "c64", 15: "c128", 16: "bf16", 21: "u4", 22: "i4"} {
		assert.Equal(t, name, number.String())
		assert.Equal(t, sizes[name], number.Bytes(), name)
	}
	for _, unknown := range []TensorType{-1, 27, math.MaxInt32} {
		assert.Zero(t, unknown.Bytes())
		assert.Contains(t, unknown.String(), "number ")
	}
	var names []string
	for typ := Undefined; typ <= lastType; typ++ {
		require.NotContains(t, names, typ.String())
		names = append(names, typ.String())
	}
	for _, name := range fillable() {
		typ, ok := parseType(name)
		require.True(t, ok)
		require.Equal(t, name, typ.String())
		require.Positive(t, typ.Bytes())
	}
}
