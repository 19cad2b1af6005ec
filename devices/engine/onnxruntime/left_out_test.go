//go:build noort

package onnxruntime

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/onnxruntime/library"
	"github.com/accelbench/accelbench/devices/engine/onnxruntime/ort"
)

// TestLeftOutSendsForNoLibrary: to a build without the binding no library is of use.
func TestLeftOutSendsForNoLibrary(t *testing.T) {
	file := filepath.Join(t.TempDir(), "libonnxruntime.so")
	build := exec.Command("gcc", "-shared", "-fPIC", "-x", "c", "-", "-o", file)
	build.Stdin = strings.NewReader("void *OrtGetApiBase(void) { return 0; }")
	if out, err := build.CombinedOutput(); err != nil {
		t.Skipf("no shared library to look at: %v: %s", err, out)
	}
	find := func() (library.Found, error) { return library.Found{Path: file}, nil }
	_, err := New(Options{Name: Name, Find: find}).Probe(devices.Info{Backend: "cpu", ID: "cpu"})
	require.ErrorIs(t, err, ort.ErrLeftOut)
	require.NotContains(t, err.Error(), "setup")
}
