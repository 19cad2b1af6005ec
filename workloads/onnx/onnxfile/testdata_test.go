package onnxfile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// onnxTestdata is the folder data of ONNX's backend tests: kind/test_name/model.onnx with the tensors
// test_data_set_N/input_M.pb and output_M.pb beside it.
func onnxTestdata(t *testing.T) string {
	t.Helper()
	for _, dir := range []string{os.Getenv("ONNX_TESTDATA"), "/usr/share/libonnx-testdata/data"} {
		if info, err := os.Stat(filepath.Join(dir, "node")); dir != "" && err == nil && info.IsDir() {
			return dir
		}
	}
	t.Skip("ONNX's test models are absent: install libonnx-testdata, or set ONNX_TESTDATA to its folder data")
	return ""
}

// TestONNXTestdata reads all models of ONNX's own tests, and holds their inputs and outputs against the tensors that
// come with them.
func TestONNXTestdata(t *testing.T) {
	models, err := filepath.Glob(filepath.Join(onnxTestdata(t), "*", "*", "model.onnx"))
	require.NoError(t, err)
	require.NotEmpty(t, models)
	tensors, others := 0, 0
	for _, path := range models {
		m, err := ReadModelFile(path)
		if !assert.NoError(t, err) {
			continue
		}
		assert.NotEmpty(t, m.Outputs, path)
		for kind, values := range map[string][]Value{"input": m.Inputs, "output": m.Outputs} {
			for i, v := range values {
				files, err := filepath.Glob(filepath.Join(filepath.Dir(path), "test_data_set_*", fmt.Sprintf("%s_%d.pb", kind, i)))
				require.NoError(t, err)
				for _, file := range files {
					b, err := os.ReadFile(file)
					require.NoError(t, err)
					if !v.Tensor {
						others++
						continue
					}
					typ, shape, err := headOf(b)
					tensors++
					// numpy has no bfloat16, so the tests hold those values as u16, some of another shape.
					if assert.NoError(t, err, file) && !strings.Contains(path, "BFLOAT16") {
						assertFits(t, v, typ, shape, file)
					}
				}
			}
		}
	}
	all, err := filepath.Glob(filepath.Join(onnxTestdata(t), "*", "*", "test_data_set_*", "*.pb"))
	require.NoError(t, err)
	assert.Equal(t, len(all), tensors+others, "every tensor belongs to an input or output")
	t.Logf("%d models, %d tensors, %d sequences and optionals", len(models), tensors, others)
}

// headOf is what a TensorProto says about its values.
func headOf(b []byte) (typ TensorType, shape []int64, err error) {
	s := newScan(bytes.NewReader(b), int64(len(b)), limits{records: 100})
	err = s.each("tensor", s.size, func(f record) (err error) {
		switch f.num {
		case 1:
			shape, err = s.numbers(f, shape, maxRank)
		case 2:
			typ, err = s.tensorType(f)
		}
		return err
	})
	return typ, shape, err
}

// assertFits asserts that the tensor could be fed to the input, or come from the output, that v describes.
func assertFits(t *testing.T, v Value, typ TensorType, shape []int64, file string) {
	t.Helper()
	assert.Equal(t, v.Type, typ, file)
	if !v.HasShape || !assert.Len(t, shape, len(v.Shape), file) {
		return
	}
	for i, d := range v.Shape {
		if d.Value >= 0 {
			assert.Equal(t, d.Value, shape[i], "%s: dimension %d", file, i)
		}
	}
}
