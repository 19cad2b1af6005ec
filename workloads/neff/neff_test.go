package neff_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads/neff"
	"github.com/accelbench/accelbench/workloads/neff/nefftest"
)

func signature() neff.Signature {
	return neff.Signature{
		Inputs:  []neff.Tensor{{Name: "input0", Type: "float32", Shape: []int64{2, 3}}, {Name: "ids", Type: "int32", Shape: []int64{}}},
		Outputs: []neff.Tensor{{Name: "output0", Type: "bfloat16", Shape: []int64{2, 5}}, {Name: "output1", Type: "uint8", Shape: []int64{1}}},
	}
}

func header() neff.Header {
	h := neff.Header{PackageVersion: 2, Major: 2, Minor: 7, BuildVersion: "2.24.5133.0+58f8de22", Cores: 3, UUID: [16]byte{0: 0xde, 15: 0x01},
		Name: "file.neff", RequestedCores: 2, FeatureBits: 1<<40 + 5, LogicalCoreSize: 2}
	h.CoresPerNode[0], h.CoresPerNode[63] = 2, 9
	return h
}

func read(t *testing.T, b []byte) *neff.File {
	t.Helper()
	f, err := neff.Read(bytes.NewReader(b), int64(len(b)))
	require.NoError(t, err)
	return f
}

func TestRead(t *testing.T) {
	for _, version := range []uint64{1, 2} {
		h := header()
		h.PackageVersion = version
		in := nefftest.File{Header: h, Members: []nefftest.Member{nefftest.Of("./sg00/def.json", []byte("{}")), nefftest.Graph(signature()), nefftest.Of("sg00/PE.bin", make([]byte, 3000))}}
		f := read(t, in.Bytes())
		h.DataSize, h.Hash = f.DataSize, f.Hash
		require.Equal(t, h, f.Header, "every field")
		require.Equal(t, version == 2, f.Gzipped)
		require.True(t, f.HashMatches)
		require.Equal(t, []string{"sg00/def.json", "neff.json", "sg00/PE.bin"}, []string{f.Members[0].Name, f.Members[1].Name, f.Members[2].Name})
		require.Equal(t, int64(3000), f.Members[2].Size)
		require.Equal(t, "de000000-0000-0000-0000-000000000001", f.UUIDText())
		require.Equal(t, &neff.Signature{
			Inputs:  []neff.Tensor{{"input0", "f32", []int64{2, 3}}, {"ids", "i32", []int64{}}},
			Outputs: []neff.Tensor{{"output0", "bf16", []int64{2, 5}}, {"output1", "u8", []int64{1}}},
		}, f.Signature)
		require.Empty(t, f.Unknown)

		spoilt := in.Bytes()
		spoilt[172] ^= 1
		require.False(t, read(t, spoilt).HashMatches)
	}
}

// TestHeaderLayout holds the offsets against a header written byte by byte.
func TestHeaderLayout(t *testing.T) {
	b := make([]byte, neff.HeaderSize)
	for at, v := range map[int]byte{0: 2, 9: 4, 16: 100, 24: 2, 32: 1, 40: 'b', 168: 8, 172: 0xaa, 203: 0xbb, 204: 0xcc, 219: 0xdd,
		220: 'n', 476: 4, 480: 1, 543: 7, 544: 3, 552: 2} {
		b[at] = v
	}
	h, err := neff.ParseHeader(b, 2000)
	require.NoError(t, err)
	want := neff.Header{PackageVersion: 2, DataSize: 100, Major: 2, Minor: 1, BuildVersion: "b", Cores: 8, Name: "n", RequestedCores: 4,
		FeatureBits: 3, LogicalCoreSize: 2}
	want.Hash[0], want.Hash[31], want.UUID[0], want.UUID[15] = 0xaa, 0xbb, 0xcc, 0xdd
	want.CoresPerNode[0], want.CoresPerNode[63] = 1, 7
	require.Equal(t, want, h)
}

func TestTextOfTheHeader(t *testing.T) {
	b := nefftest.File{Header: neff.Header{PackageVersion: 2, BuildVersion: strings.Repeat("v", 300), Name: "a\x1b[31m\xffb\u202e"}}.Bytes()
	f := read(t, b)
	require.Equal(t, strings.Repeat("v", 127), f.BuildVersion)
	require.Equal(t, "a?[31m?b?", f.Name, "what cannot be printed does not reach a terminal")
}

func TestReadErrors(t *testing.T) {
	good := nefftest.File{Header: header(), Members: []nefftest.Member{nefftest.Graph(signature())}}.Bytes()
	changed := func(at int, v byte) []byte {
		b := bytes.Clone(good)
		b[at] = v
		return b
	}
	for name, test := range map[string]struct {
		content []byte
		text    string
	}{
		"empty":           {nil, "it has 0 bytes, the header alone has 1024"},
		"short":           {good[:1023], "it has 1023 bytes"},
		"header only":     {good[:1024], "it was cut off"},
		"cut":             {good[:len(good)-1], "it was cut off"},
		"header size":     {changed(8, 1), "its header has 1025 bytes, not 1024"},
		"packaging":       {changed(0, 9), "version 9 of the packaging"},
		"no archive":      {append(bytes.Clone(good[:16]), append(make([]byte, 8), good[24:]...)...), "its archive is empty"},
		"huge archive":    {changed(23, 0x80), "it was cut off"},
		"no gzip":         {changed(1024+2, 9), "its archive"},
		"damaged archive": {changed(1024+60, good[1024+60]^0xff), "its archive"},
		"text":            {[]byte("# not a model" + strings.Repeat(" ", 2000)), "its header has"},
	} {
		f, err := neff.Read(bytes.NewReader(test.content), int64(len(test.content)))
		require.Nil(t, f, name)
		require.ErrorIs(t, err, neff.ErrFormat, name)
		require.ErrorContains(t, err, test.text, name)
	}

	_, err := neff.ReadFile(filepath.Join(t.TempDir(), "absent.neff"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = neff.ReadFile(t.TempDir())
	require.ErrorIs(t, err, neff.ErrFormat)
	path := filepath.Join(t.TempDir(), "x.neff")
	require.NoError(t, os.WriteFile(path, good, 0o600))
	f, err := neff.ReadFile(path)
	require.NoError(t, err)
	require.Len(t, f.Members, 1)
}

// TestSignature says that what is not understood is told and never guessed.
func TestSignature(t *testing.T) {
	const attrs = `"attrs":{"dltype":["list_str",["float32","float16"]],"shape":["list_shape",[[2],[3]]]}`
	const nodes = `"nodes":[{"name":"x"},{"name":"k","attrs":{"func_name":"__kelf","output_names":["y"]}}],"arg_nodes":[0],"node_row_ptr":[0,1,2]`
	whole := `{` + nodes + `,"heads":[[1,0,0]],` + attrs + `}`
	want := &neff.Signature{Inputs: []neff.Tensor{{"x", "f32", []int64{2}}}, Outputs: []neff.Tensor{{"y", "f16", []int64{3}}}}
	for name, test := range map[string]struct{ json, unknown string }{
		"names in attrs":      {whole, ""},
		"wrapped":             {`{"version":"0.5","graphs":[{"definition":` + whole + `}]}`, ""},
		"no file":             {"", "the archive has no neff.json"},
		"no JSON":             {"{", "unexpected end"},
		"a map of graphs":     {`{"graphs":{"main":{}}}`, "no list of types"},
		"no types":            {`{` + nodes + `,"heads":[[1,0,0]]}`, "no list of types"},
		"node out of range":   {`{` + strings.Replace(nodes, `"arg_nodes":[0]`, `"arg_nodes":[7]`, 1) + `,"heads":[[1,0,0]],` + attrs + `}`, "no node 7"},
		"row out of range":    {`{` + strings.Replace(nodes, `[0,1,2]`, `[9,1]`, 1) + `,"heads":[[1,0,0]],` + attrs + `}`, `no type and shape for "x"`},
		"output out of range": {`{` + nodes + `,"heads":[[1,5,0]],` + attrs + `}`, `no type and shape for "k"`},
		"output of no node":   {`{` + nodes + `,"heads":[[-1,0]],` + attrs + `}`, "output of no node"},
		"no outputs":          {`{` + nodes + `,"heads":[],` + attrs + `}`, "no outputs"},
		"one name twice":      {`{` + strings.Replace(nodes, `"arg_nodes":[0]`, `"arg_nodes":[0,0]`, 1) + `,"heads":[[1,0,0]],` + attrs + `}`, `"x" twice`},
		"no name":             {strings.Replace(whole, `"x"`, `""`, 1), "no usable name"},
		"negative":            {strings.Replace(whole, `[[2]`, `[[-2]`, 1), "no memory holds"},
		"huge":                {strings.Replace(whole, `[[2]`, `[[4294967296,4294967296]`, 1), "no memory holds"},
	} {
		in := nefftest.File{Members: []nefftest.Member{nefftest.Of("neff.json", []byte(test.json))}}
		if test.json == "" {
			in.Members = nil
		}
		f := read(t, in.Bytes())
		if test.unknown == "" {
			require.Equal(t, want, f.Signature, name)
			continue
		}
		require.Nil(t, f.Signature, name)
		require.Contains(t, f.Unknown, test.unknown, name)
	}
}

func FuzzRead(f *testing.F) {
	good := nefftest.File{Header: header(), Members: []nefftest.Member{nefftest.Of("a", []byte("b")), nefftest.Graph(signature())}}
	f.Add(good.Bytes())
	good.PackageVersion = 1
	f.Add(good.Bytes())
	f.Add(good.Bytes()[:1100])
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := neff.Read(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			require.True(t, errors.Is(err, neff.ErrFormat), "%v", err)
			return
		}
		require.LessOrEqual(t, file.DataSize, uint64(len(b)-neff.HeaderSize))
		require.NotEqual(t, file.Signature == nil, file.Unknown == "")
	})
}

// FuzzGraph reaches the JSON, which no fuzzer finds through gzip and digests.
func FuzzGraph(f *testing.F) {
	f.Add(nefftest.Graph(signature()).Data)
	f.Add([]byte(`{"graphs":[{"definition":{}}],"heads":[[1]]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := nefftest.File{Header: neff.Header{PackageVersion: 1}, Members: []nefftest.Member{nefftest.Of("neff.json", b)}}.Bytes()
		file, err := neff.Read(bytes.NewReader(in), int64(len(in)))
		require.NoError(t, err)
		require.NotEqual(t, file.Signature == nil, file.Unknown == "")
	})
}
