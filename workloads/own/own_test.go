package own_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/onnx/onnxfile"
	"github.com/accelbench/accelbench/workloads/own"
)

// inputs are those of the workload's only graph.
func inputs(t *testing.T, w *workloads.Workload) []*workloads.Value {
	t.Helper()
	require.Len(t, w.Phases, 1)
	require.Empty(t, w.Phases[0].Graph.Nodes)
	for i, v := range w.Phases[0].Graph.Values {
		require.Equal(t, i, v.ID)
	}
	return w.Phases[0].Graph.Inputs()
}

func TestLoad(t *testing.T) {
	content := model([]msg{value("x", onnxfile.F32, "batch", 3, 8), value("w", onnxfile.F32, 50), value("ids", onnxfile.I64, "batch", "length")},
		external("w", "w.bin"), external("v", "../v.bin"), external("u", "absent.bin"))
	path := write(t, "My Model.v2.onnx", content)
	for _, name := range []string{"w.bin", "../v.bin"} {
		require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), name), make([]byte, 200), 0o644))
	}
	w, err := own.Load(own.File{Path: path, Dims: []string{"batch=2"}, Inputs: []string{"ids:2x7:0..30521"}})
	require.NoError(t, err)

	require.Equal(t, "My Model.v2", w.Name)
	require.Equal(t, "model file My Model.v2.onnx", w.Title)
	require.Equal(t, "inference", w.Unit)
	require.Equal(t, 1, w.UnitsPerSample)
	require.Equal(t, int64(150), w.Parameters)
	require.Equal(t, 4, w.Pool)
	require.Equal(t, 1, w.Calls())
	require.Equal(t, workloads.Options{Batch: 1}, w.Options)
	require.Equal(t, "inputs: x f32 [2 3 8] uniform in [-1, 1); ids i64 [2 7] uniform in [0, 30521]", w.Data)

	sum := sha256.Sum256(append(slices.Clone(content), make([]byte, 200)...))
	require.Equal(t, &workloads.ModelFile{Format: workloads.ONNX, Path: path, SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(content) + 200)}, w.File,
		"data beside the file counts; what lies elsewhere or is missing does not")

	in := inputs(t, w)
	require.Len(t, in, 2, "an input with an initializer is none")
	require.Equal(t, []int{2, 3, 8}, in[0].Shape)
	require.Equal(t, workloads.I64, in[1].DType)
	out := w.NewOutputs(0)
	require.Len(t, out, 1)
	require.Empty(t, out[0].F32, "the engine makes outputs of the shape that they turn out to have")
	require.Equal(t, "y", w.Phases[0].Graph.Outputs[0].Name)
}

func TestLoadKeepsWhatItIsTold(t *testing.T) {
	path := write(t, "m.onnx", model([]msg{value("x", onnxfile.F32, 2)}))
	w, err := own.Load(own.File{Path: path, Name: "detector", Unit: "image", Units: 8})
	require.NoError(t, err)
	require.Equal(t, "detector", w.Name)
	require.Equal(t, "image", w.Unit)
	_, err = own.Load(own.File{Path: path, SHA256: w.File.SHA256})
	require.NoError(t, err)
	_, err = own.Load(own.File{Path: path, SHA256: "of another file"})
	require.ErrorIs(t, err, own.ErrInput)
	require.ErrorContains(t, err, "model file m.onnx was changed since this measurement was planned")
	require.Equal(t, 8, w.UnitsPerSample)
}

func TestLoadWithoutInputs(t *testing.T) {
	w, err := own.Load(own.File{Path: write(t, "m.onnx", model(nil))})
	require.NoError(t, err)
	require.Empty(t, inputs(t, w))
	require.Equal(t, 1, w.Pool)
	require.Equal(t, "inputs: none", w.Data)
	w.Fill(0, []int{3}, w.NewInputs(0))
}

func TestLoadArrays(t *testing.T) {
	file := func(name, descr, shape, data string) string { return write(t, name, npy(descr, shape, []byte(data))) }
	for name, test := range map[string]struct {
		typ         onnxfile.TensorType
		descr, data string
		want        []float64
	}{
		"f32":  {onnxfile.F32, "<f4", "\x00\x00\x80\x3f\x00\x00\x00\xc0", []float64{1, -2}},
		"f64":  {onnxfile.F64, "<f8", "\x00\x00\x00\x00\x00\x00\xf0\x3f\x00\x00\x00\x00\x00\x00\x00\xc0", []float64{1, -2}},
		"f16":  {onnxfile.F16, "<f2", "\x00\x3c\x00\xc0", []float64{1, -2}},
		"i64":  {onnxfile.I64, "<i8", "\x01\x02\x00\x00\x00\x00\x00\x00\xfe\xff\xff\xff\xff\xff\xff\xff", []float64{513, -2}},
		"i32":  {onnxfile.I32, "<i4", "\x01\x02\x00\x00\xfe\xff\xff\xff", []float64{513, -2}},
		"i16":  {onnxfile.I16, "<i2", "\x01\x02\xfe\xff", []float64{513, -2}},
		"i8":   {onnxfile.I8, "|i1", "\x01\xfe", []float64{1, -2}},
		"u64":  {onnxfile.U64, "<u8", "\x01\x02\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00", []float64{513, 3}},
		"u32":  {onnxfile.U32, "<u4", "\x01\x02\x00\x00\xfe\xff\xff\xff", []float64{513, 4294967294}},
		"u16":  {onnxfile.U16, "<u2", "\x01\x02\xfe\xff", []float64{513, 65534}},
		"u8":   {onnxfile.U8, "|u1", "\x01\xfe", []float64{1, 254}},
		"bool": {onnxfile.Bool, "|b1", "\x01\x00", []float64{1, 0}},
	} {
		path := write(t, "m.onnx", model([]msg{value("a", test.typ, "n")}))
		w, err := own.Load(own.File{Path: path, Inputs: []string{"a=" + file("in.npy", test.descr, "(2,)", test.data)}})
		require.NoError(t, err, name)
		require.Equal(t, 1, w.Pool, "all samples are the same")
		sum := sha256.Sum256([]byte(test.data))
		require.Equal(t, "inputs: a "+name+" [2] given (sha256 "+hex.EncodeToString(sum[:6])+"...)", w.Data)
		in := w.NewInputs(0)
		w.Fill(0, []int{5}, in)
		require.Equal(t, test.want, numbers(t, in[0]), name)
	}

	two := write(t, "m.onnx", model([]msg{value("a", onnxfile.F32), value("b", onnxfile.F32, 2)}))
	scalar := file("in.npy", "<f4", "()", "\x00\x00\x80\x3f")
	w, err := own.Load(own.File{Path: two, Inputs: []string{"a=" + scalar}})
	require.NoError(t, err)
	require.Equal(t, 4, w.Pool, "the other input differs between samples")
	require.Empty(t, inputs(t, w)[0].Shape)
}

func TestLoadErrors(t *testing.T) {
	model := model([]msg{value("x", onnxfile.F32, "batch", 3), value("s", onnxfile.I32)})
	good := write(t, "m.onnx", model)
	array := write(t, "x.npy", npy("<f4", "(2, 3)", make([]byte, 24)))
	for name, test := range map[string]struct {
		file own.File
		is   error
		text string
	}{
		"free dimension":   {own.File{Path: good}, own.ErrInput, "model file m.onnx: input x has a free dimension 0 (batch): add --input x:1x3:f32 or --dim batch=1"},
		"dim without =":    {own.File{Path: good, Dims: []string{"batch"}}, own.ErrInput, `dimension "batch": write name=value, such as batch=1`},
		"dim of a word":    {own.File{Path: good, Dims: []string{"batch=two"}}, own.ErrInput, `dimension "batch=two"`},
		"dim without name": {own.File{Path: good, Dims: []string{"=1"}}, own.ErrInput, `dimension "=1"`},
		"dim twice":        {own.File{Path: good, Dims: []string{"batch=1", "batch=2"}}, own.ErrInput, "dimension batch is given twice, as 1 and 2"},
		"negative dim":     {own.File{Path: good, Dims: []string{"batch=-1"}}, own.ErrInput, "give 0 or more"},
		"unknown dim":      {own.File{Path: good, Dims: []string{"bath=1"}}, own.ErrInput, "batch"},
		"unknown input":    {own.File{Path: good, Inputs: []string{"y:3"}}, own.ErrInput, "no input is named y: the model has x, s"},
		"bad input":        {own.File{Path: good, Inputs: []string{"x"}}, own.ErrInput, "says nothing"},
		"other type":       {own.File{Path: good, Inputs: []string{"x:1x3:f64"}}, own.ErrInput, "input x is f32 in the model, not f64"},
		"range of type":    {own.File{Path: good, Dims: []string{"batch=1"}, Inputs: []string{"s:0..3e9"}}, own.ErrInput, "is not within"},
		"negative units":   {own.File{Path: good, Dims: []string{"batch=1"}, Units: -1}, own.ErrInput, "completes -1 of a unit"},
		"huge":             {own.File{Path: good, Dims: []string{"batch=1000000000000"}}, own.ErrInput, "the inputs, up to x of shape [1000000000000 3], take more than 8 GiB"},
		"larger than huge": {own.File{Path: good, Dims: []string{"batch=9000000000000000000"}}, own.ErrInput, "larger than any memory"},
		"above the bound":  {own.File{Path: good, Dims: []string{"batch=715827883"}}, own.ErrInput, "take more than 8 GiB"},
		"missing array":    {own.File{Path: good, Inputs: []string{"x=" + array + ".npy"}}, fs.ErrNotExist, "x.npy.npy"},
		"other array":      {own.File{Path: good, Inputs: []string{"s=" + array}}, own.ErrInput, "input s is i32 in the model, not f32"},
		"damaged array":    {own.File{Path: good, Inputs: []string{"x=" + write(t, "cut.npy", npy("<f4", "(2, 3)", make([]byte, 23)))}}, own.ErrFormat, "reading array cut.npy"},
		"big-endian array": {own.File{Path: good, Inputs: []string{"x=" + write(t, "be.npy", npy(">f4", "(2, 3)", make([]byte, 24)))}}, own.ErrInput, "big-endian"},
		"huge array":       {own.File{Path: good, Inputs: []string{"x=" + write(t, "h.npy", npy("<f4", "(2000000000, 3)", nil))}}, own.ErrInput, "allowed"},
		"array of folder":  {own.File{Path: good, Inputs: []string{"x=" + mkdir(t, "d.npy")}}, nil, "reading array d.npy"},
		"no file":          {own.File{Path: good + "x"}, fs.ErrNotExist, "m.onnxx"},
		"folder":           {own.File{Path: filepath.Dir(good)}, own.ErrInput, "not a regular file"},
		"damaged file":     {own.File{Path: write(t, "cut.onnx", model[:len(model)-9])}, own.ErrFormat, "cut.onnx"},
		"text":             {own.File{Path: write(t, "readme.onnx", []byte("# not a model"))}, own.ErrFormat, "readme.onnx"},
		"empty file":       {own.File{Path: write(t, "empty.onnx", nil)}, own.ErrFormat, "no graph"},
	} {
		t.Run(name, func(t *testing.T) {
			w, err := own.Load(test.file)
			require.Nil(t, w)
			require.ErrorContains(t, err, test.text)
			if test.is != nil {
				require.ErrorIs(t, err, test.is)
			}
			for _, other := range []error{own.ErrInput, own.ErrFormat} {
				require.Equal(t, errors.Is(test.is, other), errors.Is(err, other), "%v", err)
			}
		})
	}
}

func mkdir(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.Mkdir(dir, 0o755))
	return dir
}

func TestName(t *testing.T) {
	for path, want := range map[string]string{
		"/a/b/model.onnx": "b", "/model.onnx": "model", "/a/b/model.int8.onnx": "model.int8", "model": "model", ".onnx": ".onnx", "a.b/c": "c",
	} {
		require.Equal(t, want, own.Name(path))
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.onnx", "a/c.ONNX", "a/c.onnx.data", "readme.md", "a/b/d.onnx"} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o644))
	}
	want := []string{filepath.Join(dir, "a/b/d.onnx"), filepath.Join(dir, "a/c.ONNX"), filepath.Join(dir, "b.onnx")}
	got, err := own.Files(dir)
	require.NoError(t, err)
	require.Equal(t, want, got)
	got, err = own.Files(dir + "/")
	require.NoError(t, err)
	require.Equal(t, want, got)

	link := filepath.Join(t.TempDir(), "link")
	if os.Symlink(dir, link) == nil {
		got, err = own.Files(link)
		require.NoError(t, err)
		require.Equal(t, []string{filepath.Join(link, "a/b/d.onnx"), filepath.Join(link, "a/c.ONNX"), filepath.Join(link, "b.onnx")}, got)
	}

	got, err = own.Files(filepath.Join(dir, "readme.md"))
	require.NoError(t, err, "reading it says what it is")
	require.Equal(t, []string{filepath.Join(dir, "readme.md")}, got)

	_, err = own.Files(filepath.Join(dir, "nonesuch"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = own.Files(mkdir(t, "empty"))
	require.ErrorIs(t, err, own.ErrInput)
	require.ErrorContains(t, err, "no .onnx or .neff file in folder")
}
