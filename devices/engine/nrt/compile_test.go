package nrt

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads/neff/nefftest"
)

// script makes a compiler of a shell script.
func script(t *testing.T, body string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the compiler is for Linux; here it is played by a shell script")
	}
	path := filepath.Join(t.TempDir(), "venv", compilerName)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+body), 0o755))
	return path
}

func TestAskTheCompiler(t *testing.T) {
	for body, want := range map[string]string{
		"echo NeuronX Compiler version 2.24.5133.0+58f8de22; echo Python version 3.10.1": "2.24.5133.0+58f8de22",
		"echo 2.25 >&2": "2.25",
	} {
		c, err := ask(t.Context(), script(t, body))
		require.NoError(t, err)
		require.Equal(t, want, c.version)
	}
	path := script(t, "echo hello")
	_, err := ask(t.Context(), path)
	require.ErrorContains(t, err, `no version in what it answers: "hello"`)
	_, err = ask(t.Context(), script(t, "echo Traceback; echo "+filepath.Dir(path)+"/x.py: ImportError >&2; exit 3"))
	require.ErrorContains(t, err, "exit status 3: x.py: ImportError")
	_, err = ask(t.Context(), filepath.Join(t.TempDir(), "absent"))
	require.ErrorContains(t, err, "it does not start: no such file")
	require.NotContains(t, err.Error(), os.TempDir())
}

func TestCompile(t *testing.T) {
	target := target{family: "trn2", coreSize: 2, model: "generic"}
	t.Setenv("TMPDIR", t.TempDir())
	c := compiler{script(t, `test "$1" = compile && cat $2 > model.neff; echo "$PATH" | cut -d: -f1 >> model.neff; echo "$@" >> model.neff`), "2.0"}
	neff, err := c.compile(t.Context(), target, []byte("a module\n"))
	require.NoError(t, err)
	require.Equal(t, "a module\n"+filepath.Dir(c.path)+"\ncompile model.hlo --framework XLA --target trn2 --model-type generic --auto-cast none "+
		"--logical-nc-config 2 --enable-fast-loading-neuron-binaries --output model.neff\n", string(neff))

	c.path = script(t, `echo "loading"; echo "2026-01-01T00:00:00Z ERROR 12 [/home/me/venv/lib/x.py]: NCC_EVRF035 dot of integers"; echo done; exit 70`)
	_, err = c.compile(t.Context(), target, nil)
	require.EqualError(t, err, "compiling with neuronx-cc 2.0 for trn2: exit status 70: 2026-01-01T00:00:00Z ERROR 12 [x.py]: NCC_EVRF035 dot of integers")
	c.path = script(t, "exit 1")
	_, err = c.compile(t.Context(), target, nil)
	require.ErrorContains(t, err, "it says nothing")
	c.path = script(t, "true")
	_, err = c.compile(t.Context(), target, nil)
	require.ErrorContains(t, err, "it ended well and wrote no NEFF")
	c.path = script(t, "kill -9 $$")
	_, err = c.compile(t.Context(), target, nil)
	require.ErrorContains(t, err, "signal: killed")

	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	c.path = script(t, "exec sleep 60")
	_, err = c.compile(ctx, target, nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	entries, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	require.Empty(t, entries, "no folder is left")
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "absent"))
	_, err = c.compile(t.Context(), target, nil)
	require.ErrorContains(t, err, "making a folder for the compiler: no such file")
}

func TestCache(t *testing.T) {
	kept := cache(filepath.Join(t.TempDir(), "a", "b"))
	program := nefftest.File{}.Bytes()
	require.Nil(t, kept.get("k"))
	require.NoError(t, kept.put("k", program))
	require.Equal(t, program, kept.get("k"))
	entries, err := os.ReadDir(string(kept))
	require.NoError(t, err)
	require.Len(t, entries, 1)

	damaged := append([]byte{}, program...)
	damaged[len(damaged)-1] ^= 1
	require.NoError(t, kept.put("k", damaged))
	require.Nil(t, kept.get("k"), "what was damaged is compiled again")
	require.NoError(t, kept.put("k", program[:100]))
	require.Nil(t, kept.get("k"))
	require.NoError(t, kept.put("k", program))
	require.NotNil(t, kept.get("k"))

	require.NoError(t, cache("").put("k", program))
	require.Nil(t, cache("").get("k"))
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.Error(t, cache(filepath.Join(file, "x")).put("k", program))
}

func TestKey(t *testing.T) {
	c, two := compiler{"neuronx-cc", "2.0"}, target{"trn2", 2, "generic"}
	seen := map[string]bool{key([]byte("m"), c, two): true}
	for _, other := range []string{
		key([]byte("n"), c, two), key([]byte("m"), compiler{"neuronx-cc", "2.1"}, two), key([]byte("m"), c, target{"trn3", 2, "generic"}),
		key([]byte("m"), c, target{"trn2", 1, "generic"}), key([]byte("m"), c, target{"trn2", 2, "transformer"}),
	} {
		require.False(t, seen[other])
		seen[other] = true
	}
	require.Equal(t, key([]byte("m"), c, two), key([]byte("m"), compiler{"/elsewhere/neuronx-cc", "2.0"}, two), "where it lies is no matter")
}
