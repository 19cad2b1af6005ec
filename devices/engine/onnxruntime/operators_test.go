package onnxruntime_test

import (
	endian "encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices/engine/onnxruntime/ort"
	"github.com/accelbench/accelbench/internal/half"
	"github.com/accelbench/accelbench/workloads/onnx/onnxfile"
)

// operatorModels are the models of ONNX's own operator tests: kind/test_name/model.onnx with the tensors
// test_data_set_N/input_M.pb and output_M.pb beside it.
func operatorModels(t *testing.T) []string {
	t.Helper()
	for _, dir := range []string{os.Getenv("ONNX_TESTDATA"), "/usr/share/libonnx-testdata/data"} {
		models, err := filepath.Glob(filepath.Join(dir, "*", "*", "model.onnx"))
		require.NoError(t, err)
		if dir != "" && len(models) > 0 {
			return models
		}
	}
	t.Skip("ONNX's test models are absent: install libonnx-testdata, or set ONNX_TESTDATA to its folder data")
	return nil
}

// How a model may end. A match and a difference compare all outputs of all data sets; the others are not run, or refused.
const (
	match       = "match"
	differ      = "differ"
	random      = "draw random numbers"
	notTensors  = "not run: sequences or optionals"
	strs        = "not run: strings"
	misfit      = "not run: data of another rank than the model's"
	training    = "refused: training operators, which inference builds lack"
	oldOpset    = "refused: operator set below 7"
	noKernel    = "refused: no kernel for the operator with this type"
	noBatchwise = "refused: recurrent layers with the batch first"
	refused     = "refused: another reason"
)

// randomModels draw numbers of another generator than that of the test data; a few bits may come out the same by chance.
func randomModels() []string {
	return []string{"test_bernoulli", "test_bernoulli_double", "test_bernoulli_double_expanded", "test_bernoulli_expanded",
		"test_bernoulli_seed", "test_bernoulli_seed_expanded", "test_training_dropout", "test_training_dropout_default",
		"test_training_dropout_default_mask", "test_training_dropout_mask"}
}

// knownDifferences are the other models whose outputs are not those of the test data.
func knownDifferences() []string {
	return []string{
		// The data is cut to 16 bits, the library rounds to nearest.
		"test_cast_FLOAT_to_BFLOAT16",
		// The library's own tests leave these out, as mismatches with the data: where indices count in the inferred shape or in
		// the given one, and whether corners align at the exact size or at the rounded one.
		"test_maxunpool_export_with_output_shape", "test_resize_downsample_scales_cubic_align_corners",
		"test_resize_downsample_scales_linear_align_corners",
	}
}

// TestOperators runs every operator model that there is data for, and holds the outputs against that data: the binding, and
// the library with its optimisations, compute what ONNX says.
func TestOperators(t *testing.T) {
	models := operatorModels(t)
	l := runtimeLibrary(t)
	counts := map[string]int{}
	for _, path := range models {
		name := filepath.Base(filepath.Dir(path))
		outcome, err := runOperator(t, l, path)
		if slices.Contains(randomModels(), name) {
			outcome = random
		}
		counts[outcome]++
		known := slices.Contains(knownDifferences(), name)
		assert.Equal(t, known, outcome == differ, "%s: %s: %v", name, outcome, err)
		assert.NotEqual(t, refused, outcome, "%s: %v", name, err)
	}
	for _, outcome := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%5d %s", counts[outcome], outcome)
	}
	t.Logf("%5d models, ONNX Runtime %s", len(models), l.Version())
	if len(models) >= 1072 { // those of ONNX 1.12; older ones are fewer
		assert.GreaterOrEqual(t, counts[match], 958)
	}
}

// runOperator tells how a model ended; the error says more where it did not match.
func runOperator(t *testing.T, l *ort.Library, path string) (string, error) {
	t.Helper()
	options, err := l.NewRunOptions()
	require.NoError(t, err)
	defer func() { assert.NoError(t, options.Close()) }()
	model, err := onnxfile.ReadModelFile(path)
	require.NoError(t, err)
	for _, v := range slices.Concat(model.Inputs, model.Outputs) {
		switch {
		case !v.Tensor:
			return notTensors, nil
		case v.Type == onnxfile.String:
			return strs, nil
		}
	}
	s, err := l.NewSessionFromFile(path, ort.Options{Threads: 1})
	if err != nil {
		return refusal(t, path, err), err
	}
	defer func() { assert.NoError(t, s.Close()) }()
	sets, err := filepath.Glob(filepath.Join(filepath.Dir(path), "test_data_set_*"))
	require.NoError(t, err)
	require.NotEmpty(t, sets, path)
	for _, set := range sets {
		in, want := operatorTensors(t, set, "input", model.Inputs), operatorTensors(t, set, "output", model.Outputs)
		for i, tensor := range in {
			if model.Inputs[i].HasShape && len(tensor.Shape) != len(model.Inputs[i].Shape) {
				return misfit, nil
			}
		}
		if err := runSet(t, operator{l, s, options, model}, in, want); err != nil {
			return differ, fmt.Errorf("%s: %w", set, err)
		}
	}
	return match, nil
}

// refusal is the reason for which the library does not load a model.
func refusal(t *testing.T, path string, err error) string {
	t.Helper()
	var answer *ort.Error
	if !errors.As(err, &answer) {
		return refused
	}
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	opsets := operatorSets(t, content)
	switch {
	case opsets["ai.onnx.preview.training"] > 0:
		return training
	case opsets[""] < 7 && answer.Code == ort.CodeNotImplemented:
		return oldOpset
	case answer.Code == ort.CodeNotImplemented:
		return noKernel
	case strings.Contains(answer.Message, "Batchwise recurrent operations"):
		return noBatchwise
	}
	return refused
}

// operator is a model that is loaded.
type operator struct {
	library *ort.Library
	session *ort.Session
	options *ort.RunOptions
	model   *onnxfile.Model
}

// runSet runs a model on one data set and compares all outputs. The last inputs of some operators may be left out.
func runSet(t *testing.T, o operator, in, want []*onnxfile.Tensor) error {
	t.Helper()
	var ins, outs []string
	var values []*ort.Value
	for i, tensor := range in {
		// Within the file the bytes are not aligned; a copy is.
		v, err := o.library.NewValue(slices.Clone(tensor.Data), ort.ElemType(tensor.Type), tensor.Shape)
		require.NoError(t, err)
		defer func() { assert.NoError(t, v.Close()) }()
		ins, values = append(ins, o.model.Inputs[i].Name), append(values, v)
	}
	for _, out := range o.model.Outputs {
		outs = append(outs, out.Name)
	}
	require.Len(t, want, len(outs))
	got, err := o.session.Run(o.options, ins, values, outs)
	if err != nil {
		return err
	}
	for i, v := range got {
		b, err := v.Bytes()
		require.NoError(t, err)
		if err := compareTensor(ort.ElemType(want[i].Type), want[i], v, b); err != nil {
			return fmt.Errorf("output %s: %w", outs[i], err)
		}
		require.NoError(t, v.Close())
	}
	return nil
}

// operatorTensors reads the tensors of one kind. Data for bfloat16 comes as uint16, since numpy lacks it.
func operatorTensors(t *testing.T, set, kind string, of []onnxfile.Value) []*onnxfile.Tensor {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(set, kind+"_*.pb"))
	require.NoError(t, err)
	require.LessOrEqual(t, len(files), len(of), set)
	var out []*onnxfile.Tensor
	for i := range files {
		b, err := os.ReadFile(filepath.Join(set, fmt.Sprintf("%s_%d.pb", kind, i)))
		require.NoError(t, err)
		tensor := operatorTensor(t, b)
		if of[i].Type == onnxfile.BF16 && tensor.Type == onnxfile.U16 {
			tensor.Type = onnxfile.BF16
		}
		out = append(out, tensor)
	}
	return out
}

// The tolerances. relative is that of ONNX's own test runner, and one unit of float16; absolute is a few units of float32 of
// the largest element, where a sum has cancelled: a DFT errs by the size of its input and not of each output.
const (
	relative = 1e-3
	absolute = 1e-6
)

// compareTensor compares real numbers within the tolerances, NaN being equal to NaN, and all others bit by bit.
func compareTensor(typ ort.ElemType, want *onnxfile.Tensor, v *ort.Value, got []byte) error {
	if v.Type() != typ || !slices.Equal(v.Shape(), want.Shape) {
		return fmt.Errorf("it is %v%v, want %v%v", v.Type(), v.Shape(), typ, want.Shape)
	}
	a, real := floats(want.Type, got)
	if !real {
		if string(got) != string(want.Data) {
			return fmt.Errorf("% x, want % x", got[:min(len(got), 64)], want.Data[:min(len(got), 64)])
		}
		return nil
	}
	b, _ := floats(want.Type, want.Data)
	largest := 0.0
	for _, x := range b {
		if x = math.Abs(x); x < math.Inf(1) {
			largest = max(largest, x)
		}
	}
	for i := range b {
		if a[i] == b[i] || math.IsNaN(a[i]) && math.IsNaN(b[i]) {
			continue
		}
		if off := math.Abs(a[i] - b[i]); !(off <= relative*math.Abs(b[i])+absolute*largest) {
			return fmt.Errorf("element %d is %g, want %g; the largest is %g", i, a[i], b[i], largest)
		}
	}
	return nil
}

// floats are the elements of a tensor of real numbers, false for others.
func floats(typ onnxfile.TensorType, data []byte) ([]float64, bool) {
	var element func(b []byte) float64
	switch typ {
	case onnxfile.F64:
		element = func(b []byte) float64 { return math.Float64frombits(endian.LittleEndian.Uint64(b)) }
	case onnxfile.F32:
		element = func(b []byte) float64 { return float64(math.Float32frombits(endian.LittleEndian.Uint32(b))) }
	case onnxfile.F16:
		element = func(b []byte) float64 { return float64(half.FromFloat16(endian.LittleEndian.Uint16(b))) }
	default: // bfloat16 too: its one unit is more than the tolerance, so that bits say the same
		return nil, false
	}
	var out []float64
	for b := range slices.Chunk(data, typ.Bytes()) {
		out = append(out, element(b))
	}
	return out, true
}
