package onnx

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/onnx/onnxfile"
)

// TestBeside reads where a model says that its weights are.
func TestBeside(t *testing.T) {
	w, err := workloads.Find("gemm", workloads.Options{})
	require.NoError(t, err)
	models, err := Write(w, Options{})
	require.NoError(t, err)
	at := map[string]int64{models[0].Weights[0].Name: 1 << 20}
	path := filepath.Join(t.TempDir(), "gemm.onnx")
	proto := models[0].Beside("the.weights", at)
	require.NoError(t, os.WriteFile(path, proto, 0o600))
	read, err := onnxfile.ReadModelFile(path)
	require.NoError(t, err)
	require.Equal(t, []string{"the.weights"}, read.External)
	require.Contains(t, string(proto), "1048576", "the offset")
}
