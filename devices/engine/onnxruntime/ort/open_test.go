//go:build !noort && ((linux && !android) || (darwin && !ios)) && (amd64 || arm64)

package ort

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/ebitengine/purego"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/internal/clib"
)

// fakeSource is a library with a version, an API or none, and functions that succeed or fail. Its statuses poison their text when
// released and count it, and it ends the process when it is asked for an API that its version is known not to have.
const fakeSource = `
#include <stdlib.h>
#include <string.h>
struct status { int code; char text[32]; };
static void *table[300];
int released, lists;
static void *fail(void) {
	struct status *s = malloc(sizeof *s);
	s->code = 11;
	strcpy(s->text, "the fake is tired\n");
	return s;
}
static int code(struct status *s) { return s->code; }
static char *message(struct status *s) { return s->text; }
static void release(struct status *s) { released++; memset(s->text, 'x', 31); }
static void *providers(char ***out, int *n) {
	static char *list[] = {PROVIDERS};
	*out = list, *n = sizeof list / sizeof *list, lists++;
	return NULL;
}
static void *freeProviders(char **list, int n) { lists--; return NULL; }
static const void *getAPI(unsigned version) {
	if (version != 23 || ASKED_IS_FATAL) abort();
	for (int i = 0; i < 300; i++) table[i] = fail;
	table[1] = code, table[2] = message, table[93] = release, table[125] = providers, table[126] = freeProviders;
	table[130] = NULL;
	return API;
}
static const char *getVersion(void) { return VERSION; }
static const struct { const void *(*get)(unsigned); const char *(*version)(void); } base = {getAPI, getVersion};
const void *OrtGetApiBase(void) { return BASE; }
`

// fake builds the fake library.
func fake(t *testing.T, defines map[string]string) string {
	t.Helper()
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("there is no gcc to build the fake library with")
	}
	dir := t.TempDir()
	source, library := filepath.Join(dir, "fake.c"), filepath.Join(dir, "libfake.so")
	require.NoError(t, os.WriteFile(source, []byte(fakeSource), 0o600))
	args := []string{"-shared", "-fPIC", "-o", library}
	all := map[string]string{"VERSION": `"1.30.0"`, "API": "table", "BASE": "&base", "ASKED_IS_FATAL": "0",
		"PROVIDERS": `"CPUExecutionProvider"`}
	for name, value := range defines {
		all[name] = value
	}
	for name, value := range all {
		args = append(args, "-D"+name+"="+value)
	}
	output, err := exec.Command(gcc, append(args, source)...).CombinedOutput()
	require.NoError(t, err, "%s", output)
	return library
}

func TestOpenRefusesOtherLibraries(t *testing.T) {
	for _, c := range []struct {
		name     string
		defines  map[string]string
		expected []string
	}{
		{"too old, and would complain", map[string]string{"VERSION": `"1.20.0"`, "API": "NULL", "ASKED_IS_FATAL": "1"},
			[]string{"version 1.20.0", "1.23 or a later one is needed"}},
		{"new in name alone", map[string]string{"VERSION": `"1.24.1"`, "API": "NULL"}, []string{"version 1.24.1", "1.23 or a later"}},
		{"no version", map[string]string{"VERSION": "NULL"}, []string{"not an ONNX Runtime library", `""`}},
		{"strange version", map[string]string{"VERSION": `"banana"`}, []string{"not an ONNX Runtime library", "banana"}},
		{"no base", map[string]string{"BASE": "NULL"}, []string{"not an ONNX Runtime library"}},
		{"empty base", map[string]string{"BASE": "(void *[2]){0}"}, []string{"not an ONNX Runtime library"}},
		{"no CPU", map[string]string{"PROVIDERS": `"MoonExecutionProvider"`}, []string{"MoonExecutionProvider", "without the CPU's"}},
		{"no environment", nil, []string{"making the environment: EP_FAIL: the fake is tired"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := fake(t, c.defines)
			_, err := Open(path)
			for _, text := range append(c.expected, path) {
				assert.ErrorContains(t, err, text)
			}
		})
	}
}

// TestStatusIsReadThenReleased counts in the library: what it allocates is given back, once.
func TestStatusIsReadThenReleased(t *testing.T) {
	path := fake(t, nil)
	_, err := Open(path)
	var e *Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, Error{Code: CodeEPFail, Message: "the fake is tired"}, *e, "copied before it was released")
	handle, err := load(path)
	require.NoError(t, err)
	for name, want := range map[string]int32{"released": 1, "lists": 0} {
		address, err := purego.Dlsym(handle, name)
		require.NoError(t, err)
		assert.Equal(t, want, *(*int32)(clib.Pointer(address)), name)
	}
}

func TestFunctionThatIsNotThere(t *testing.T) {
	handle, err := load(fake(t, nil))
	require.NoError(t, err)
	base, err := symbol(handle, "OrtGetApiBase")
	require.NoError(t, err)
	l, err := newLibrary(base)
	require.NoError(t, err)
	var e *Error
	require.ErrorAs(t, l.status(slotAddSessionConfigEntry), &e)
	assert.Equal(t, CodeNotImplemented, e.Code)
	assert.Contains(t, e.Message, "130")
}

func TestOpenRefusesFiles(t *testing.T) {
	garbage := filepath.Join(t.TempDir(), "libgarbage.so")
	require.NoError(t, os.WriteFile(garbage, []byte(strings.Repeat("garbage ", 1000)), 0o600))
	for path, expected := range map[string]string{
		"":                                  "absolute path or a bare file name",
		"some/libonnxruntime.so":            "absolute path or a bare file name",
		"/nonexistent/libonnxruntime.so.1":  "/nonexistent/libonnxruntime.so.1",
		"libonnxruntime-that-is-not.so.999": "libonnxruntime-that-is-not.so.999",
		garbage:                             garbage,
		t.TempDir():                         "opening ONNX Runtime",
		garbage + "\x00":                    "zero byte",
	} {
		_, err := Open(path)
		assert.ErrorContains(t, err, expected)
	}
	if runtime.GOOS != "linux" {
		return
	}
	_, err := Open("libm.so.6")
	require.ErrorContains(t, err, "opening ONNX Runtime libm.so.6: not an ONNX Runtime library")
	assert.ErrorContains(t, err, "OrtGetApiBase", "the loader's words")
}

func TestOpenTwice(t *testing.T) {
	first := library(t)
	again := library(t)
	x := tensor(t, first, []float32{1, 2, 3, 4}, 4)
	session(t, again, addModel(), Options{})
	assert.Equal(t, first.Version(), again.Version())
	assert.Equal(t, F32, x.Type())
}

func TestTooOld(t *testing.T) {
	for version, old := range map[string]bool{"1.22.9": true, "1.23.0": false, "1.30.0-dev+5": false, "0.99": true, "2.0.0": false} {
		got, err := tooOld(version)
		require.NoError(t, err)
		assert.Equal(t, old, got, version)
	}
}

func FuzzTooOld(f *testing.F) {
	for _, version := range []string{"1.30.0", "1.20", "", "1", "1.x.0", "1..2", "999999999999999999999.1", "-1.5"} {
		f.Add(version)
	}
	f.Fuzz(func(t *testing.T, version string) {
		old, err := tooOld(version)
		var major, minor int
		if n, _ := fmt.Sscanf(version, "%d.%d", &major, &minor); err == nil && n == 2 {
			assert.Equal(t, major < 1 || major == 1 && minor < 23, old)
		}
	})
}
