package ort

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestElemTypes(t *testing.T) {
	for _, c := range []struct {
		elem ElemType
		name string
		size int
	}{
		{F32, "float32", 4}, {U8, "uint8", 1}, {I8, "int8", 1}, {U16, "uint16", 2}, {I16, "int16", 2}, {I32, "int32", 4},
		{I64, "int64", 8}, {String, "string", 0}, {Bool, "bool", 1}, {F16, "float16", 2}, {F64, "float64", 8}, {U32, "uint32", 4},
		{U64, "uint64", 8}, {BF16, "bfloat16", 2}, {F8E4M3, "float8e4m3fn", 1}, {F8E4FZ, "float8e4m3fnuz", 1},
		{F8E5M2, "float8e5m2", 1}, {F8E5FZ, "float8e5m2fnuz", 1}, {U4, "uint4", 0}, {I4, "int4", 0},
		{0, "element type 0", 0}, {14, "element type 14", 0}, {99, "element type 99", 0}, {-1, "element type -1", 0},
	} {
		assert.Equal(t, c.name, c.elem.String())
		assert.Equal(t, c.size, c.elem.Size(), c.name)
	}
}

func TestTypeOf(t *testing.T) {
	assert.Equal(t, []ElemType{F32, F64, I8, I16, I32, I64, U8, U16, U32, U64}, []ElemType{TypeOf[float32](), TypeOf[float64](),
		TypeOf[int8](), TypeOf[int16](), TypeOf[int32](), TypeOf[int64](), TypeOf[uint8](), TypeOf[uint16](), TypeOf[uint32](),
		TypeOf[uint64]()})
}

func TestByteSize(t *testing.T) {
	for _, c := range []struct {
		elem     ElemType
		shape    []int64
		size     int
		expected string
	}{
		{F32, nil, 4, ""},
		{F32, []int64{2, 3}, 24, ""},
		{F64, []int64{math.MaxInt64, 0, math.MaxInt64}, 0, ""},
		{I4, []int64{3}, 2, ""},
		{U4, []int64{4}, 2, ""},
		{U8, []int64{-1}, 0, "negative"},
		{U8, []int64{0, -1}, 0, "negative"},
		{F32, []int64{math.MaxInt64}, 0, "too large"},
		{U8, []int64{1 << 32, 1 << 32}, 0, "too large"},
		{String, []int64{1}, 0, "string"},
		{99, []int64{1}, 0, "element type 99"},
	} {
		size, err := c.elem.ByteSize(c.shape)
		if c.expected != "" {
			assert.ErrorContains(t, err, c.expected, "%v%v", c.elem, c.shape)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, c.size, size, "%v%v", c.elem, c.shape)
	}
}

func TestByteSizeIsElementsTimesSize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		elem := rapid.SampledFrom([]ElemType{F32, U8, F16, F64, I64, BF16}).Draw(t, "type")
		shape := rapid.SliceOfN(rapid.Int64Range(0, 1000), 0, 5).Draw(t, "shape")
		want := elem.Size()
		for _, d := range shape {
			want *= int(d)
		}
		got, err := elem.ByteSize(shape)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func TestErrorNamesItsCode(t *testing.T) {
	assert.EqualValues(t, 15, CodeDeviceReset)
	for code, name := range map[Code]string{CodeFail: "FAIL", CodeNoSuchFile: "NO_SUCHFILE", CodeInvalidProtobuf: "INVALID_PROTOBUF",
		CodeInvalidGraph: "INVALID_GRAPH", CodeDeviceReset: "DEVICE_RESET", 16: "code 16", -1: "code -1"} {
		assert.Equal(t, name+": why", (&Error{Code: code, Message: "why"}).Error())
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, c := range []struct {
		name     string
		options  Options
		expected string
	}{
		{"threads", Options{Threads: -1}, "threads are -1"},
		{"key", Options{Config: map[string]string{"session.disable_prepackin": "1"}}, `"session.disable_prepackin" is not known`},
		{"level", Options{Optimization: 9}, "optimization level 9"},
		{"negative level", Options{Optimization: -1}, "optimization level -1"},
		{"spinning", Options{Spinning: 7}, "spinning 7"},
		{"spinning twice", Options{Spinning: SpinOn, Config: map[string]string{keySpinning: "0"}}, "set twice"},
		{"initializer", Options{Initializers: []Initializer{{Name: "w"}}}, `"w" has no value`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.options.check()
			assert.ErrorContains(t, err, c.expected)
		})
	}
}

func TestOptionsBecomeEntries(t *testing.T) {
	given := map[string]string{"session.disable_prepacking": "1"}
	entries, err := Options{Spinning: SpinOff, Config: given}.check()
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"session.disable_prepacking": "1", keySpinning: "0"}, entries)
	assert.Len(t, given, 1, "the caller's map stays as it is")
	entries, err = Options{Spinning: SpinOn}.check()
	require.NoError(t, err)
	assert.Equal(t, map[string]string{keySpinning: "1"}, entries)
	for level, want := range map[Optimization]int32{OptimizeAll: 99, OptimizeNone: 0, OptimizeBasic: 1, OptimizeExtended: 2, OptimizeLayout: 3} {
		got, err := level.level()
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}
