package main

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// build makes the program as the Makefile does, with the given environment, and returns its path.
func build(t *testing.T, env ...string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the whole program")
	}
	binary := filepath.Join(t.TempDir(), "accelbench")
	cmd := exec.Command("go", "build", "-ldflags", "-extldflags=-Wl,-z,lazy", "-o", binary, ".")
	cmd.Env = append(os.Environ(), env...)
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", output)
	return binary
}

// starts proves that the binary runs on this machine: with its libraries, and up to the answers of every backend.
func starts(t *testing.T, binary string) string {
	t.Helper()
	output, err := exec.Command(binary, "--version").CombinedOutput()
	require.NoError(t, err, "%s", output)
	output, err = exec.Command(binary, "devices").CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.Contains(t, string(output), "cpu")
	return string(output)
}

// TestStartsWithoutTheDriver proves that NVML's functions are bound when they are first called: bound at the start, the
// program would die on every machine without NVIDIA's driver.
func TestStartsWithoutTheDriver(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("NVML is used on Linux only")
	}
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("no gcc, so no cgo: ", err)
	}
	binary := build(t, "CGO_ENABLED=1")
	file, err := elf.Open(binary)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, file.Close()) })
	flags, err := file.DynValue(elf.DT_FLAGS)
	require.NoError(t, err)
	for _, f := range flags {
		require.Zero(t, elf.DynFlag(f)&elf.DF_BIND_NOW, "linked with -z now")
	}
	now, err := file.DynValue(elf.DT_BIND_NOW)
	require.NoError(t, err)
	require.Empty(t, now)
	require.Contains(t, starts(t, binary), "nvml")
}

func TestBuildsAndRunsWithoutCgo(t *testing.T) {
	output := starts(t, build(t, "CGO_ENABLED=0"))
	if runtime.GOOS == "linux" {
		require.Contains(t, output, "built without cgo")
	}
}
