package onnxruntime_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices/engine/onnxruntime/ort"
)

// damagedVariable makes the test the process that loads damaged models: its value is a file with their paths.
const damagedVariable = "ACCELBENCH_TEST_DAMAGED"

// TestDamagedModels says what the library makes of damaged files: an error or a model, and never the end of the process. A
// crash of the library is one of the process, so another process loads them, and a new one goes on behind a crash.
func TestDamagedModels(t *testing.T) {
	if list := os.Getenv(damagedVariable); list != "" {
		loadDamaged(t, list)
		return
	}
	models := operatorModels(t)
	_ = runtimeLibrary(t) // or skip
	paths := damagedModels(t, models)
	ends := map[string]int{}
	for left := paths; len(left) > 0; {
		lines := loadElsewhere(t, left)
		for _, line := range lines {
			kind, end, _ := strings.Cut(line, " ")
			ends[kind+" "+end]++
		}
		left = left[len(lines):]
		if len(left) > 0 {
			t.Errorf("the library crashed on %s", filepath.Base(left[0]))
			left = left[1:]
		}
	}
	t.Logf("%d files: %v", len(paths), ends)
	require.Greater(t, ends["cut error"], 9*(ends["cut error"]+ends["cut loaded"])/10, "a cut may fall between two parts of a file")
	require.Positive(t, ends["flipped error"])
	require.Positive(t, ends["flipped loaded"], "a flip may fall into a name or a number")
	require.Equal(t, 30, ends["whole loaded"])
}

// damagedModels writes 30 of the models, whole, cut and with bits flipped.
func damagedModels(t *testing.T, models []string) []string {
	t.Helper()
	dir, r := t.TempDir(), rand.New(rand.NewPCG(1, 2))
	var paths []string
	write := func(kind string, content []byte) {
		path := filepath.Join(dir, fmt.Sprintf("%s.%d.onnx", kind, len(paths)))
		require.NoError(t, os.WriteFile(path, content, 0o644))
		paths = append(paths, path)
	}
	l, taken := runtimeLibrary(t), 0
	for i := 0; i < len(models) && taken < 30; i += len(models) / 40 {
		if outcome, _ := runOperator(t, l, models[i]); outcome != match {
			continue // it might not even load whole
		}
		taken++
		whole, err := os.ReadFile(models[i])
		require.NoError(t, err)
		write("whole", whole)
		for range 8 {
			write("cut", whole[:1+r.IntN(len(whole)-1)])
		}
		for range 20 {
			flipped := bytes.Clone(whole)
			for range 1 + r.IntN(3) {
				flipped[r.IntN(len(flipped))] ^= 1 << r.IntN(8)
			}
			write("flipped", flipped)
		}
	}
	require.Equal(t, 30, taken)
	return paths
}

// loadElsewhere has the models loaded by another process, and gives its words on those that it came to the end of.
func loadElsewhere(t *testing.T, paths []string) []string {
	t.Helper()
	list := filepath.Join(t.TempDir(), "paths")
	require.NoError(t, os.WriteFile(list, []byte(strings.Join(paths, "\n")), 0o644))
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^"+t.Name()+"$", "-test.count=1")
	cmd.Env = append(os.Environ(), damagedVariable+"="+list)
	cmd.WaitDelay = 10 * time.Second
	said, err := cmd.CombinedOutput()
	out, readErr := os.ReadFile(list + ".out")
	require.NoError(t, readErr, "%s", said)
	lines := strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
	if len(lines) == len(paths) {
		require.NoError(t, err, "%s", said)
		return lines
	}
	t.Logf("%v: %s", err, said[max(0, len(said)-2000):])
	return lines
}

// loadDamaged loads the models one by one and writes a line about each.
func loadDamaged(t *testing.T, list string) {
	t.Helper()
	text, err := os.ReadFile(list)
	require.NoError(t, err)
	out, err := os.Create(list + ".out")
	require.NoError(t, err)
	l := runtimeLibrary(t)
	for path := range strings.SplitSeq(string(text), "\n") {
		end := "loaded"
		s, err := l.NewSessionFromFile(path, ort.Options{Threads: 1})
		if err != nil {
			require.ErrorAs(t, err, new(*ort.Error))
			require.NotEmpty(t, err.Error())
			end = "error"
		} else {
			require.NoError(t, s.Close())
		}
		kind, _, _ := strings.Cut(filepath.Base(path), ".")
		_, err = fmt.Fprintln(out, kind, end)
		require.NoError(t, err)
	}
	require.NoError(t, out.Close())
}
