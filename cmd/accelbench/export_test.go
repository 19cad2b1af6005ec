package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestProgramsAreWrittenWhole: where a file cannot be written nothing is left of it, and nothing lost that was there.
func TestProgramsAreWrittenWhole(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "gemm.mlir")
	require.NoError(t, writeWhole(file, []byte("module")))
	require.NoError(t, writeWhole(file, []byte("module @gemm")))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "module @gemm", string(text))

	blocked := filepath.Join(dir, "blocked")
	require.NoError(t, os.MkdirAll(filepath.Join(blocked, "full"), 0o700))
	require.Error(t, writeWhole(blocked, []byte("module")))
	require.Error(t, writeWhole(filepath.Join(dir, "missing", "gemm.mlir"), []byte("module")))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 2, "%v", left)
}
