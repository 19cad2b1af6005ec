package hf_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads/hf"
	"github.com/accelbench/accelbench/workloads/hf/hftest"
)

// openFile opens a folder of 1 layer whose tensor file has the given bytes.
func openFile(t *testing.T, file []byte) (*hf.Folder, error) {
	t.Helper()
	config, _ := hftest.Llama(t, "F32")
	config["num_hidden_layers"] = 1
	dir := write(t, config, nil, 1)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "model.safetensors"), file, 0o644))
	f, err := hf.Open(dir)
	if err == nil {
		t.Cleanup(func() { require.NoError(t, f.Close()) })
	}
	return f, err
}

// headed is a file of a header and n bytes of data.
func headed(header string, n int) []byte {
	return append(hftest.Prefixed(header), make([]byte, n)...)
}

func TestHeaderKnowsEveryType(t *testing.T) {
	bits := map[string]int{"F64": 64, "I64": 64, "U64": 64, "C64": 64, "F32": 32, "I32": 32, "U32": 32, "F16": 16, "BF16": 16,
		"I16": 16, "U16": 16, "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8,
		"F8_E5M2FNUZ": 8, "F6_E2M3": 6, "F6_E3M2": 6, "F4": 4}
	tensors := map[string]hftest.Tensor{}
	for dtype, b := range bits {
		tensors[dtype] = hftest.Tensor{DType: dtype, Shape: []int{2, 4}, Data: make([]byte, b)}
	}
	f, err := openFile(t, hftest.File(t, tensors))
	require.NoError(t, err)
	require.Len(t, f.Names(), len(bits))
	for dtype := range bits {
		x, ok := f.Tensor(dtype)
		require.True(t, ok)
		require.Equal(t, dtype, x.DType)
		require.Equal(t, 8, x.Elements())
	}
}

func TestHeaderAllows(t *testing.T) {
	for name, file := range map[string][]byte{
		"white space behind": headed(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`+"   \n", 8),
		"any order":          headed(`{"b":{"data_offsets":[4,8],"shape":[],"dtype":"F32"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 8),
		"empty tensors":      headed(`{"b":{"dtype":"F32","shape":[0],"data_offsets":[4,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4),
		"null metadata":      headed(`{"__metadata__":null,"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4),
		"more keys":          headed(`{"a":{"dtype":"F32","DTYPE":"I8","shape":[1],"data_offsets":[0,4],"x":[{}]}}`, 4),
	} {
		f, err := openFile(t, file)
		require.NoError(t, err, name)
		a, ok := f.Tensor("a")
		require.True(t, ok)
		require.Equal(t, "F32", a.DType)
	}
}

func TestHeaderRefuses(t *testing.T) {
	length := func(n uint64, rest string) []byte { return append(binary.LittleEndian.AppendUint64(nil, n), rest...) }
	one := func(tensor string, n int) []byte { return headed(`{"a":`+tensor+`}`, n) }
	with := func(shape string, n int) []byte {
		return one(fmt.Sprintf(`{"dtype":"F32","shape":%s,"data_offsets":[0,%d]}`, shape, n), n)
	}
	two := func(a, b, n int) []byte {
		return headed(fmt.Sprintf(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[%d],"data_offsets":[%d,%d]}}`,
			b-a, a, b), n)
	}
	for _, test := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "no room for the header length"},
		{"seven bytes", make([]byte, 7), "no room for the header length"},
		{"length of 2^63", length(1<<63, "{}"), "header length 9223372036854775808"},
		{"length of 2^64-1", length(1<<64-1, "{}"), "header length 18446744073709551615"},
		{"length beyond the file", length(3, "{}"), "header length 3, in a file of 10 bytes"},
		{"length over the limit", length(100_000_001, "{}"), "header length 100000001"},
		{"no header", length(0, ""), "does not begin with {"},
		{"white space first", headed(" {}", 0), "does not begin with {"},
		{"array", headed("[]", 0), "does not begin with {"},
		{"cut", headed(`{"a":`, 0), "EOF"},
		{"cut in a key", headed(`{"a`, 0), "EOF"},
		{"no comma", headed(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]} "b":{}}`, 0), "invalid character"},
		{"text behind", headed(`{}{}`, 0), "text after the object"},
		{"twice", headed(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, 0),
			`key "a" comes twice`},
		{"not UTF-8", headed("{\"\xff\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0), "is not UTF-8"},
		{"lone surrogate", headed(`{"\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, 0), "is not UTF-8"},
		{"metadata not strings", headed(`{"__metadata__":{"a":1}}`, 0), "__metadata__: "},
		{"tensor is null", one("null", 0), "a: <nil> where an object belongs"},
		{"tensor is a number", one("1", 0), "where an object belongs"},
		{"no dtype", one(`{"shape":[0],"data_offsets":[0,0]}`, 0), `unknown dtype ""`},
		{"dtype unknown", one(`{"dtype":"F128","shape":[0],"data_offsets":[0,0]}`, 0), `unknown dtype "F128"`},
		{"dtype in lower case", one(`{"dtype":"f32","shape":[0],"data_offsets":[0,0]}`, 0), `unknown dtype "f32"`},
		{"dtype twice", one(`{"dtype":"F32","dtype":"I32","shape":[0],"data_offsets":[0,0]}`, 0), `key "dtype" comes twice`},
		{"dtype long", one(`{"dtype":"`+strings.Repeat("F", 9999)+`","shape":[0],"data_offsets":[0,0]}`, 0), `FFF..."`},
		{"no shape", one(`{"dtype":"F32","data_offsets":[0,0]}`, 0), "no shape"},
		{"shape null", with("null", 4), "no shape"},
		{"dimension null", with("[null]", 0), "null or negative"},
		{"dimension negative", with("[-1]", 0), "null or negative"},
		{"dimensions negative", with("[-1,-1]", 4), "null or negative"},
		{"dimension NaN", with("[NaN]", 4), "invalid character"},
		{"dimension broken", with("[1.5]", 4), "cannot unmarshal"},
		{"dimension a float", with("[1e0]", 4), "cannot unmarshal"},
		{"dimension a text", with(`["1"]`, 4), "cannot unmarshal"},
		{"dimension beyond int64", with("[18446744073709551617]", 4), "cannot unmarshal"},
		{"product overflows", with("[4294967296,4294967296]", 0), "too large"},
		{"bits overflow", with("[1152921504606846976]", 0), "too large"},
		{"half a byte", one(`{"dtype":"F4","shape":[3],"data_offsets":[0,1]}`, 1), "does not end at a byte"},
		{"no offsets", one(`{"dtype":"F32","shape":[0]}`, 0), "data_offsets is not [begin, end]"},
		{"three offsets", one(`{"dtype":"F32","shape":[0],"data_offsets":[0,0,0]}`, 0), "data_offsets is not [begin, end]"},
		{"offset null", one(`{"dtype":"F32","shape":[0],"data_offsets":[0,null]}`, 0), "data_offsets is not [begin, end]"},
		{"offset negative", one(`{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}`, 4), "data_offsets [-4, 0]"},
		{"offsets backwards", one(`{"dtype":"F32","shape":[0],"data_offsets":[4,0]}`, 4), "data_offsets [4, 0]"},
		{"offsets far apart", one(`{"dtype":"F32","shape":[1],"data_offsets":[-9223372036854775808,9223372036854775807]}`, 4), "data_offsets [-9"},
		{"size is not shape", one(`{"dtype":"F32","shape":[2],"data_offsets":[0,4]}`, 4), "data_offsets [0, 4] for 8 bytes of F32 [2]"},
		{"beyond the file", one(`{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`, 7), "ends at 8 of 7 bytes"},
		{"overlap", two(3, 7, 7), `tensor "b" begins at 3, inside the one that ends at 4`},
		{"same bytes", two(0, 4, 4), `tensor "b" begins at 0, inside`},
		{"gap", two(5, 8, 8), `tensor "b" begins at 5: no tensor owns the bytes from 4`},
		{"more data", two(4, 8, 9), "9 bytes of data, of which no tensor owns those from 8"},
		{"deep", headed(strings.Repeat(`{"a":`, 20000), 0), "header: "},
		{"deep where ignored", one(`{"x":`+strings.Repeat(`[`, 20000), 0), "max depth"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := openFile(t, test.file)
			require.ErrorIs(t, err, hf.ErrFormat)
			require.ErrorContains(t, err, "model.safetensors: ")
			require.ErrorContains(t, err, test.want)
			require.Less(t, len(err.Error()), 1000)
		})
	}
}
