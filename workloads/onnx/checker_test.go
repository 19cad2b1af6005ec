package onnx

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

// checkScript checks the files it is given with ONNX's own checker and its strict shape inference.
const checkScript = `
import sys, onnx
for path in sys.argv[1:]:
    try:
        onnx.checker.check_model(path)
        m = onnx.load(path, load_external_data=False)
        inferred = onnx.shape_inference.infer_shapes(m, check_type=True, strict_mode=True, data_prop=True)
        known = {v.name for v in inferred.graph.value_info} | {v.name for v in inferred.graph.output}
        missing = [o for n in m.graph.node for o in n.output if o and o not in known]
        if missing:
            raise Exception("no shape inferred for " + ", ".join(missing[:5]))
    except Exception as e:
        sys.exit(path + ": " + str(e))
`

// python is an interpreter that has ONNX's checker.
func python(t *testing.T) string {
	t.Helper()
	for _, path := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(path, "-c", "import onnx.checker, onnx.shape_inference").Run() == nil {
			return path
		}
	}
	t.Skip("no python3 that imports onnx: install python3-onnx")
	return ""
}

// saveHollow writes the model beside a data file of holes: a checker looks at names, types and shapes only.
func saveHollow(t *testing.T, m *Model, path string) {
	t.Helper()
	var at int64
	data := filepath.Base(path) + ".data"
	proto := m.parts.encode(func(w Weight) []byte {
		offset := aligned(at)
		at = offset + w.Bytes
		return externalTensor(w.Name, w.Type, w.Shape, place{data, fmt.Sprint(offset), fmt.Sprint(w.Bytes)})
	}, m.Weights)
	require.NoError(t, replace(path, func(out *bufio.Writer) error {
		_, err := out.Write(proto)
		return err
	}))
	f, err := os.Create(filepath.Join(filepath.Dir(path), data))
	require.NoError(t, err)
	require.NoError(t, f.Truncate(at))
	require.NoError(t, f.Close())
}

// TestChecker holds the portable form of version 17 to the checker of ONNX.
func TestChecker(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Python")
	}
	interpreter := python(t)
	for _, tt := range []struct {
		name    string
		options workloads.Options
	}{
		{"memcopy", workloads.Options{}},
		{"gemm", workloads.Options{}},
		{"resnet50", workloads.Options{}},
		{"resnet50", workloads.Options{Precision: workloads.Half, Batch: 3}},
		{"bert-base", workloads.Options{}},
		{"dlrm-v2-capped", workloads.Options{Batch: 5}},
		{"whisper-tiny", workloads.Options{}},
		{"sdxl-unet", workloads.Options{}},
		{"sdxl-unet", workloads.Options{Precision: workloads.Half}},
		{"smollm2-135m", workloads.Options{Batch: 2}},
	} {
		t.Run(fmt.Sprint(tt.name, tt.options.Precision), func(t *testing.T) {
			t.Parallel()
			if !slices.Contains(workloads.Names(), tt.name) {
				t.Skip("not in the catalogue")
			}
			models, err := Write(find(t, tt.name, tt.options), Options{Opset: 17})
			require.NoError(t, err)
			args := []string{"-c", checkScript}
			for i, m := range models {
				path := filepath.Join(t.TempDir(), fmt.Sprintf("%d.onnx", i))
				saveHollow(t, m, path)
				args = append(args, path)
			}
			out, err := exec.Command(interpreter, args...).CombinedOutput()
			require.NoError(t, err, string(out))
		})
	}
}
