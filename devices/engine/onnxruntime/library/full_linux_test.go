package library_test

import (
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices/engine/onnxruntime/library"
)

// TestADiskThatIsFull runs in a process of its own, in which no file may grow: the test program writes files as well.
func TestADiskThatIsFull(t *testing.T) {
	if os.Getenv("LIBRARY_TEST_FULL") == "" {
		child := exec.Command(os.Args[0], "-test.run=^TestADiskThatIsFull$")
		child.Env = append(os.Environ(), "LIBRARY_TEST_FULL=1")
		out, err := child.CombinedOutput()
		require.NoError(t, err, string(out))
		return
	}
	w := newWorld(t)
	source := put(t, t.TempDir(), "x.tgz", npmArchive(t, theLibrary()))
	w.serve(t, whole(released(t)))
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 200, Max: 200}))

	_, err := library.InstallFrom(t.Context(), w.options(), source)
	require.ErrorIs(t, err, syscall.EFBIG)
	require.ErrorContains(t, err, "unpacking libonnxruntime.so.1: write "+w.cache)
	require.Equal(t, []string{"accelbench", root}, tree(t, w.cache))

	_, err = library.Install(t.Context(), w.options())
	require.ErrorIs(t, err, syscall.EFBIG)
	require.ErrorContains(t, err, "after 200 bytes: write "+w.cache)
	require.Equal(t, []string{"accelbench", root, partFile}, tree(t, w.cache))
}
