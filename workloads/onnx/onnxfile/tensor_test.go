package onnxfile

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

// tensorOf is a TensorProto without values.
func tensorOf(typ TensorType, dims ...int64) msg {
	m := msg{}.text(8, "t")
	for _, d := range dims {
		m = m.varint(1, d)
	}
	return m.varint(2, int64(typ))
}

func floats(values ...float32) (b []byte) {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

func doubles(values ...float64) (b []byte) {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

func (m msg) fixed32(num protowire.Number, v uint32) msg {
	return protowire.AppendFixed32(protowire.AppendTag(m, num, protowire.Fixed32Type), v)
}

func (m msg) fixed64(num protowire.Number, v uint64) msg {
	return protowire.AppendFixed64(protowire.AppendTag(m, num, protowire.Fixed64Type), v)
}

func TestReadTensor(t *testing.T) {
	for name, c := range map[string]struct {
		file  msg
		typ   TensorType
		shape []int64
		data  []byte
	}{
		"raw":               {tensorOf(F32, 2, 1).bytes(9, floats(1, -2)), F32, []int64{2, 1}, floats(1, -2)},
		"type after values": {msg{}.bytes(9, floats(7)).varint(2, int64(F32)).text(8, "t"), F32, nil, floats(7)},
		"floats":            {tensorOf(F32, 2).bytes(4, floats(1, -2)), F32, []int64{2}, floats(1, -2)},
		"floats one by one": {tensorOf(F32, 2).fixed32(4, math.Float32bits(3)).fixed32(4, math.Float32bits(4)), F32, []int64{2}, floats(3, 4)},
		"floats in runs":    {tensorOf(F32, 3).bytes(4, floats(1)).bytes(4, floats(2, 3)), F32, []int64{3}, floats(1, 2, 3)},
		"complex":           {tensorOf(C64, 1).bytes(4, floats(1, -2)), C64, []int64{1}, floats(1, -2)},
		"doubles":           {tensorOf(F64, 2).bytes(10, doubles(1, -2)), F64, []int64{2}, doubles(1, -2)},
		"doubles singly":    {tensorOf(F64, 1).fixed64(10, math.Float64bits(0.1)), F64, []int64{1}, doubles(0.1)},
		"complex doubles":   {tensorOf(C128).bytes(10, doubles(1, -2)), C128, nil, doubles(1, -2)},
		"i32":               {tensorOf(I32, 3).bytes(5, packed(1, -1, math.MinInt32)), I32, []int64{3}, []byte{1, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 128}},
		"i32 one by one":    {tensorOf(I32, 1).varint(5, -2), I32, []int64{1}, []byte{254, 255, 255, 255}},
		"i16":               {tensorOf(I16, 2).bytes(5, packed(-32768, 32767)), I16, []int64{2}, []byte{0, 128, 255, 127}},
		"u16":               {tensorOf(U16, 1).bytes(5, packed(65535)), U16, []int64{1}, []byte{255, 255}},
		"i8":                {tensorOf(I8, 2).bytes(5, packed(-128, 127)), I8, []int64{2}, []byte{128, 127}},
		"u8":                {tensorOf(U8, 2).bytes(5, packed(0, 255)), U8, []int64{2}, []byte{0, 255}},
		"bool":              {tensorOf(Bool, 2).bytes(5, packed(0, 1)), Bool, []int64{2}, []byte{0, 1}},
		"f16":               {tensorOf(F16, 1).bytes(5, packed(0xbc00)), F16, []int64{1}, []byte{0x00, 0xbc}},
		"bf16":              {tensorOf(BF16, 1).bytes(5, packed(0xbf80)), BF16, []int64{1}, []byte{0x80, 0xbf}},
		"f8":                {tensorOf(F8E5M2, 1).bytes(5, packed(0xbc)), F8E5M2, []int64{1}, []byte{0xbc}},
		"i64":               {tensorOf(I64, 1).bytes(7, packed(-2)), I64, []int64{1}, []byte{254, 255, 255, 255, 255, 255, 255, 255}},
		"u64":               {tensorOf(U64, 1).bytes(11, packed(-1)), U64, []int64{1}, []byte{255, 255, 255, 255, 255, 255, 255, 255}},
		"u32":               {tensorOf(U32, 1).bytes(11, packed(1<<32-1)), U32, []int64{1}, []byte{255, 255, 255, 255}},
		"nothing":           {tensorOf(F32, 0, 3), F32, []int64{0, 3}, nil},
		"empty of others":   {tensorOf(F32, 1).bytes(5, nil).bytes(4, floats(5)).bytes(9, nil), F32, []int64{1}, floats(5)},
		"unknown fields":    {tensorOf(F32).text(12, "doc").varint(99, 1).bytes(9, floats(5)), F32, nil, floats(5)},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ReadTensor(c.file)
			require.NoError(t, err)
			assert.Equal(t, &Tensor{Name: "t", Type: c.typ, Shape: c.shape, Data: c.data}, got)
			for n := range c.file {
				if got, err := ReadTensor(c.file[:n]); err == nil {
					require.NoError(t, got.check(product(got.Shape)))
				}
			}
		})
	}
}

func product(shape []int64) int64 {
	n := int64(1)
	for _, d := range shape {
		n *= d
	}
	return n
}

func TestReadTensorOfStrings(t *testing.T) {
	got, err := ReadTensor(tensorOf(String, 3).text(6, "a").text(6, "").text(6, "ccc"))
	require.NoError(t, err)
	assert.Equal(t, &Tensor{Name: "t", Type: String, Shape: []int64{3}, Strings: [][]byte{[]byte("a"), {}, []byte("ccc")}}, got)
}

func TestReadTensorErrors(t *testing.T) {
	for name, c := range map[string]struct {
		file msg
		kind error
		want string
	}{
		"empty":            {nil, ErrFormat, "has no known element type (undefined)"},
		"type 99":          {tensorOf(99, 1), ErrFormat, "has no known element type (number 99)"},
		"too few":          {tensorOf(F32, 3).bytes(9, floats(1, 2)), ErrFormat, "tensor t of shape [3] and type f32 has 2 elements and 0 bytes"},
		"too many":         {tensorOf(F32, 1).bytes(9, floats(1, 2)), ErrFormat, "has 2 elements"},
		"half an element":  {tensorOf(F32, 1).bytes(9, floats(1, 2)[:6]), ErrFormat, "has 1 elements and 2 bytes"},
		"half a float":     {tensorOf(F32, 1).bytes(4, floats(1)[:3]), ErrFormat, "3 bytes of values of 4 bytes"},
		"half a varint":    {tensorOf(I32, 1).bytes(5, []byte{0x80}), ErrFormat, "it ends within a number"},
		"no values":        {tensorOf(F32, 1), ErrFormat, "has 0 elements"},
		"negative":         {tensorOf(F32, -1), ErrFormat, "impossible shape [-1]"},
		"huge":             {tensorOf(F32, 1<<32, 1<<31), ErrFormat, "impossible shape"},
		"claims 2^62":      {tensorOf(F32, 1<<62), ErrFormat, "has 0 elements"},
		"raw of 2^62":      {tensorOf(F32, 1).claim(9, 1<<62), ErrFormat, "claims 4611686018427387904 bytes"},
		"rank":             {msg{}.bytes(1, make([]byte, 65)).varint(2, 1), ErrFormat, "more than 64 dimensions"},
		"300 as u8":        {tensorOf(U8, 1).bytes(5, packed(300)), ErrFormat, "300 is no u8"},
		"-1 as u8":         {tensorOf(U8, 1).varint(5, -1), ErrFormat, "-1 is no u8"},
		"128 as i8":        {tensorOf(I8, 1).bytes(5, packed(128)), ErrFormat, "128 is no i8"},
		"2^31 as i32":      {tensorOf(I32, 1).bytes(5, packed(1<<31)), ErrFormat, "2147483648 is no i32"},
		"2^32 as u32":      {tensorOf(U32, 1).bytes(11, packed(1<<32)), ErrFormat, "4294967296 is no u32"},
		"2 as bool":        {tensorOf(Bool, 2).bytes(5, packed(0, 2)), ErrFormat, "element 1 is a bool of value 2"},
		"raw 2 as bool":    {tensorOf(Bool, 1).bytes(9, []byte{2}), ErrFormat, "element 0 is a bool of value 2"},
		"wrong field":      {tensorOf(F32, 1).bytes(7, packed(1)), ErrFormat, "values of type f32 in field 7"},
		"two fields":       {tensorOf(F32, 1).bytes(4, floats(1)).bytes(9, floats(1)), ErrFormat, "values of type f32 in field 9, after field 4"},
		"raw strings":      {tensorOf(String, 1).bytes(9, []byte("a")), ErrFormat, "values of type string in field 9"},
		"raw as a number":  {tensorOf(F32, 1).varint(9, 1), ErrFormat, "field 9 has wire type 0, not 2"},
		"float as varint":  {tensorOf(F32, 1).varint(4, 1), ErrFormat, "field 4 has wire type 0, not 5"},
		"double as varint": {tensorOf(F64, 1).varint(10, 1), ErrFormat, "field 10 has wire type 0, not 1"},
		"int as fixed":     {tensorOf(I32, 1).fixed32(5, 1), ErrFormat, "field 5 has wire type 5, not 0"},
		"string as number": {tensorOf(String, 1).varint(6, 1), ErrFormat, "field 6 has wire type 0, not 2"},
		"segment":          {tensorOf(F32, 1).bytes(3, nil), ErrFormat, "is a segment of one, or this is a sequence or an optional"},
		"external":         {externalTensor("w", "w.bin"), ErrInput, `tensor w lies in another file ("w.bin")`},
		"4 bit":            {tensorOf(I4, 2).bytes(9, []byte{1}), ErrInput, "type i4, which is not read: convert it to u8 or i8"},
	} {
		t.Run(name, func(t *testing.T) {
			requireMemory(t, 64<<10, func() {
				_, err := ReadTensor(c.file)
				require.ErrorIs(t, err, c.kind)
				require.ErrorContains(t, err, c.want)
			})
		})
	}
}

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

func FuzzReadTensor(f *testing.F) {
	f.Add([]byte(tensorOf(F32, 2).bytes(9, floats(1, 2))))
	f.Add([]byte(tensorOf(U8, 2).bytes(5, packed(1, 2))))
	f.Add([]byte(tensorOf(I64, 2).varint(7, 1).varint(7, -1)))
	f.Add([]byte(tensorOf(F64, 1).fixed64(10, 1)))
	f.Add([]byte(tensorOf(String, 2).text(6, "a").text(6, "b")))
	f.Add([]byte(externalTensor("w", "w.bin")))
	f.Fuzz(func(t *testing.T, b []byte) {
		before := slices.Clone(b)
		got, err := ReadTensor(b)
		require.Equal(t, before, b)
		if err != nil {
			require.True(t, isOurs(err), err)
			return
		}
		n, ok := elements(got.Shape)
		require.True(t, ok)
		if got.Type == String {
			require.Len(t, got.Strings, int(n))
			return
		}
		require.Len(t, got.Data, int(n)*got.Type.Bytes())
		// The same as raw data is the same tensor.
		again, err := ReadTensor(rawTensor(got.Name, got.Type, got.Shape, got.Data))
		require.NoError(t, err)
		require.True(t, slices.Equal(got.Data, again.Data))
	})
}
