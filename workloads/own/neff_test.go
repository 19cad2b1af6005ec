package own_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/neff"
	"github.com/accelbench/accelbench/workloads/neff/nefftest"
	"github.com/accelbench/accelbench/workloads/own"
)

func neffOf(in, out []neff.Tensor) []byte {
	return nefftest.File{Members: []nefftest.Member{nefftest.Graph(neff.Signature{Inputs: in, Outputs: out})}}.Bytes()
}

func TestLoadNEFF(t *testing.T) {
	content := neffOf([]neff.Tensor{{Name: "x", Type: "float32", Shape: []int64{2, 3}}, {Name: "ids", Type: "int32", Shape: []int64{4}},
		{Name: "half", Type: "bfloat16", Shape: []int64{}}}, []neff.Tensor{{Name: "y", Type: "float32", Shape: []int64{2, 3}}})
	path := write(t, "net.NEFF", content)
	w, err := own.Load(own.File{Path: path, Inputs: []string{"ids:0..9"}, Unit: "image", Units: 2})
	require.NoError(t, err)
	require.Equal(t, "net", w.Name)
	require.Equal(t, "model file net.NEFF", w.Title)
	require.Equal(t, workloads.NEFF, w.File.Format)
	require.Equal(t, int64(len(content)), w.File.Bytes)
	require.Equal(t, "inputs: x f32 [2 3] uniform in [-1, 1); ids i32 [4] uniform in [0, 9]; half bf16 [] uniform in [-1, 1)", w.Data)
	in := inputs(t, w)
	require.Len(t, in, 3)
	require.Equal(t, workloads.BF16, in[2].DType)
	require.Equal(t, "y", w.Phases[0].Graph.Outputs[0].Name)
	w.Fill(0, []int{0}, w.NewInputs(0))
}

func TestLoadNEFFErrors(t *testing.T) {
	one := []neff.Tensor{{Name: "y", Type: "float32", Shape: []int64{1}}}
	good := write(t, "m.neff", neffOf(one, one))
	for name, test := range map[string]struct {
		file own.File
		is   error
		text string
	}{
		"absent":        {own.File{Path: good + ".neff"}, fs.ErrNotExist, "m.neff.neff"},
		"no NEFF":       {own.File{Path: write(t, "m.neff", model(nil))}, own.ErrFormat, "reading NEFF m.neff"},
		"without graph": {own.File{Path: write(t, "m.neff", nefftest.File{}.Bytes())}, own.ErrFormat, "m.neff does not tell its inputs and outputs in the known form: the archive has no neff.json"},
		"folder":        {own.File{Path: mkdir(t, "d.neff")}, own.ErrFormat, "not a regular file"},
		"odd type": {own.File{Path: write(t, "m.neff", neffOf([]neff.Tensor{{Name: "x", Type: "float8e4", Shape: []int64{1}}}, one))},
			own.ErrInput, `NEFF m.neff: unusable input: x has elements of type "float8e4"`},
		"other shape":   {own.File{Path: good, Inputs: []string{"y:3"}}, own.ErrInput, "input y"},
		"unknown input": {own.File{Path: good, Inputs: []string{"z:3"}}, own.ErrInput, "no input is named z: the model has y"},
		"changed":       {own.File{Path: good, SHA256: "other"}, own.ErrInput, "was changed since"},
	} {
		w, err := own.Load(test.file)
		require.Nil(t, w, name)
		require.ErrorIs(t, err, test.is, name)
		require.ErrorContains(t, err, test.text, name)
	}
}

func TestNEFFNames(t *testing.T) {
	for path, want := range map[string]string{"/a/b/file.neff": "b", "/a/b/model.neff": "b", "/a/b/decode.neff": "decode"} {
		require.Equal(t, want, own.Name(path))
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "x.neff"), nil, 0o600))
	files, err := own.Files(dir)
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(dir, "x.neff")}, files)
}
