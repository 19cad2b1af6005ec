package kernel_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAssemblyIsGenerated runs the generator, which is a module of its own, and compares what it writes with what is committed.
func TestAssemblyIsGenerated(t *testing.T) {
	if testing.Short() {
		t.Skip("builds another module")
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skipf("no go command: %v", err)
	}
	program := filepath.Join(t.TempDir(), "gen")
	build := exec.Command(tool, "build", "-o", program, ".")
	build.Dir = "gen"
	build.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off", "GOOS=", "GOARCH=")
	if text, err := build.CombinedOutput(); err != nil {
		t.Skipf("the generator cannot be built without its modules: %v: %s", err, text)
	}
	out := t.TempDir()
	text, err := exec.Command(program, "-out", out).CombinedOutput()
	require.NoError(t, err, string(text))
	written, err := filepath.Glob(filepath.Join(out, "*"))
	require.NoError(t, err)
	require.Len(t, written, 8)
	for _, path := range written {
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		have, err := os.ReadFile(filepath.Base(path))
		require.NoError(t, err)
		require.True(t, string(want) == string(have), "%s differs from what the generator writes: run go generate", filepath.Base(path))
	}
	committed, err := filepath.Glob("*_amd64.s")
	require.NoError(t, err)
	for _, path := range committed {
		head, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(head), "// Code generated"), "%s is not generated", path)
	}
}
