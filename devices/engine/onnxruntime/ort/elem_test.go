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
		{"key", Options{Config: map[string]string{"session.intra_op.spin_duration": "1"}}, `"session.intra_op.spin_duration" is not known`},
		{"spinning", Options{Spinning: 7}, "spinning 7"},
		{"spinning as a key", Options{Config: map[string]string{keySpinning: "0"}}, "is not known"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.options.check()
			assert.ErrorContains(t, err, c.expected)
		})
	}
}

func TestOptionsBecomeEntries(t *testing.T) {
	given := map[string]string{"session.intra_op.spin_duration_us": "50"}
	for spinning, want := range map[Spinning]map[string]string{
		SpinDefault: {"session.intra_op.spin_duration_us": "50"},
		SpinOn:      {"session.intra_op.spin_duration_us": "50", keySpinning: "1"},
		SpinOff:     {"session.intra_op.spin_duration_us": "50", keySpinning: "0"},
	} {
		entries, err := Options{Spinning: spinning, Config: given}.check()
		require.NoError(t, err)
		assert.Equal(t, want, entries)
		assert.Len(t, given, 1, "the caller's map stays as it is")
	}
}
