package onnxfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// isOurs tells whether the error is one of the two that mean exit code 2.
func isOurs(err error) bool { return errors.Is(err, ErrFormat) || errors.Is(err, ErrInput) }

func floats(values ...float32) (b []byte) {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// npy is a file of numpy's version 1.0 with that header.
func npy(header string, data []byte) []byte {
	b := []byte("\x93NUMPY\x01\x00")
	b = binary.LittleEndian.AppendUint16(b, uint16(len(header)))
	return append(append(b, header...), data...)
}

// npyDict is a header as numpy writes it, with the padding to 64 bytes.
func npyDict(descr, order, shape string) string {
	dict := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }", descr, order, shape)
	return dict + strings.Repeat(" ", 64-(10+len(dict)+1)%64) + "\n"
}

func TestReadNPY(t *testing.T) {
	for descr, typ := range map[string]TensorType{"<f2": F16, "<f4": F32, "<f8": F64, "|b1": Bool, "|i1": I8, "|u1": U8,
		"<i2": I16, "<i4": I32, "<i8": I64, "<u2": U16, "<u4": U32, "<u8": U64} {
		data := bytes.Repeat([]byte{1, 0}, 3*typ.Bytes())
		got, err := ReadNPY(bytes.NewReader(npy(npyDict(descr, "False", "(2, 3)"), data)), int64(len(data)))
		require.NoError(t, err, descr)
		assert.Equal(t, &Tensor{Type: typ, Shape: []int64{2, 3}, Data: data}, got)
	}
	version2 := append([]byte("\x93NUMPY\x02\x00\x00\x01\x00\x00"), fmt.Sprintf("%-256s", npyDict("<f4", "False", "()"))...)
	version3 := bytes.Replace(version2, []byte("\x02\x00"), []byte("\x03\x00"), 1)
	for name, c := range map[string]struct {
		file  []byte
		shape []int64
	}{
		"scalar":                   {npy(npyDict("<f4", "False", "()"), floats(1)), []int64{}},
		"one":                      {npy(npyDict("<f4", "False", "(1,)"), floats(1)), []int64{1}},
		"comma at the end":         {npy(npyDict("<f4", "False", "(1, 1,)"), floats(1)), []int64{1, 1}},
		"none":                     {npy(npyDict("<f4", "False", "(0, 5)"), nil), []int64{0, 5}},
		"order of a vector":        {npy(npyDict("<f4", "True", "(1,)"), floats(1)), []int64{1}},
		"other order of keys":      {npy("{'shape':(1,),'fortran_order':False,'descr':'<f4'}", floats(1)), []int64{1}},
		"double quotes, no spaces": {npy(`{"descr":"<f4","fortran_order":False,"shape":(1,)}`, floats(1)), []int64{1}},
		"version 2":                {append(version2, floats(1)...), []int64{}},
		"version 3":                {append(version3, floats(1)...), []int64{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ReadNPY(iotest.OneByteReader(bytes.NewReader(c.file)), 1<<20)
			require.NoError(t, err)
			assert.Equal(t, F32, got.Type)
			assert.Equal(t, c.shape, got.Shape)
			for n := range c.file {
				_, err := ReadNPY(bytes.NewReader(c.file[:n]), 1<<20)
				require.ErrorIs(t, err, ErrFormat)
				require.ErrorContains(t, err, "the file ends too early")
			}
			_, err = ReadNPY(bytes.NewReader(append(bytes.Clone(c.file), 0)), 1<<20)
			require.ErrorIs(t, err, ErrFormat)
			require.ErrorContains(t, err, "more bytes than shape")
		})
	}
}

func TestReadNPYErrors(t *testing.T) {
	file := func(header string) []byte { return npy(header, floats(1)) }
	for name, c := range map[string]struct {
		file []byte
		kind error
		want string
	}{
		"other file":      {[]byte("PK\x03\x04 a zip of arrays"), ErrFormat, "it does not start as a .npy file"},
		"version 4":       {[]byte("\x93NUMPY\x04\x00\x00\x00"), ErrFormat, "of version 1.0 to 3.0"},
		"version 1.1":     {[]byte("\x93NUMPY\x01\x01\x00\x00"), ErrFormat, "of version 1.0 to 3.0"},
		"header of 4 GiB": {[]byte("\x93NUMPY\x02\x00\xff\xff\xff\xff"), ErrFormat, "a header of 4294967295 bytes, at most 65536 are read"},
		"no dict":         {file("hello"), ErrFormat, `not understood at "hello"`},
		"key missing":     {file("{'descr': '<f4', 'shape': (1,)}"), ErrFormat, "not understood"},
		"key twice":       {file("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}"), ErrFormat, "not understood"},
		"other key":       {file("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}"), ErrFormat, "not understood"},
		"more after":      {file("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} or x"), ErrFormat, `not understood at "or x"`},
		"no commas":       {file("{'descr': '<f4' 'fortran_order': False 'shape': (1,)}"), ErrFormat, "not understood"},
		"number as shape": {file(npyDict("<f4", "False", "(1)")), ErrFormat, "not understood"},
		"list as shape":   {file(npyDict("<f4", "False", "[1]")), ErrFormat, "not understood"},
		"negative":        {file(npyDict("<f4", "False", "(-1,)")), ErrFormat, "not understood"},
		"2^70":            {file(npyDict("<f4", "False", "(1180591620717411303424,)")), ErrFormat, "not understood"},
		"rank":            {file(npyDict("<f4", "False", "("+strings.Repeat("1,", 65)+")")), ErrFormat, "not understood"},
		"open string":     {file("{'descr"), ErrFormat, "not understood"},
		"escape":          {file(npyDict(`\\x3cf4`, "False", "(1,)")), ErrFormat, "not understood"},
		"order 1":         {file(npyDict("<f4", "1", "(1,)")), ErrFormat, "not understood"},
		"not a bool":      {npy(npyDict("|b1", "False", "(2,)"), []byte{1, 7}), ErrFormat, "element 1 is a bool of value 7"},
		"product":         {file(npyDict("<f4", "False", "(4294967296, 4294967296)")), ErrInput, "more than the 1000 bytes allowed"},
		"over the limit":  {file(npyDict("<f4", "False", "(251,)")), ErrInput, "shape [251] of f32 is more than the 1000 bytes allowed"},
		"fortran":         {file(npyDict("<f4", "True", "(1, 1)")), ErrInput, "np.ascontiguousarray(x)"},
		"big-endian":      {file(npyDict(">f4", "False", "(1,)")), ErrInput, "it is big-endian (>f4): save it with x.astype('<f4')"},
		"complex":         {file(npyDict("<c8", "False", "(1,)")), ErrInput, `its type "<c8" is not a plain number`},
		"text":            {file(npyDict("<U5", "False", "(1,)")), ErrInput, `its type "<U5" is not a plain number`},
		"objects":         {file(npyDict("|O", "False", "(1,)")), ErrInput, `its type "|O" is not a plain number`},
		"record":          {file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"), ErrInput, "is not a plain number"},
		"open record":     {file("{'descr': [('a', '<f4')"), ErrFormat, "not understood"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadNPY(bytes.NewReader(c.file), 1000)
			require.ErrorIs(t, err, c.kind)
			require.ErrorContains(t, err, c.want)
		})
	}
	_, err := ReadNPY(iotest.ErrReader(errDisk), 1000)
	require.ErrorIs(t, err, errDisk)
	require.False(t, isOurs(err))
	whole := npy(npyDict("<f4", "False", "(1,)"), floats(1))
	_, err = ReadNPY(io.MultiReader(bytes.NewReader(whole), iotest.ErrReader(errDisk)), 1000)
	require.ErrorIs(t, err, errDisk)
}

func TestNPYClaimTakesNoMemory(t *testing.T) {
	file := npy(npyDict("<f4", "False", "(1099511627776,)"), floats(1, 2, 3))
	requireMemory(t, 64<<10, func() {
		_, err := ReadNPY(bytes.NewReader(file), 1<<62)
		require.ErrorIs(t, err, ErrFormat)
	})
}

func FuzzReadNPY(f *testing.F) {
	f.Add(npy(npyDict("<f4", "False", "(2,)"), floats(1, 2)))
	f.Add(npy(npyDict(">i8", "True", "(2, 3, 4)"), nil))
	f.Add(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}", nil))
	f.Add([]byte("\x93NUMPY\x02\x00\xff\xff\x00\x00{"))
	f.Fuzz(func(t *testing.T, b []byte) {
		const limit = 1 << 16
		got, err := ReadNPY(bytes.NewReader(b), limit)
		if err != nil {
			require.True(t, isOurs(err), err)
			return
		}
		n, ok := elements(got.Shape)
		require.True(t, ok)
		require.Len(t, got.Data, int(n)*got.Type.Bytes())
		require.LessOrEqual(t, len(got.Data), limit)
	})
}
