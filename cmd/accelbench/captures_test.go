package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// pack makes the archive that --capture would have made of the machine; in the repository it is a text that can be read,
// and whose names a Go module may not have.
func pack(t *testing.T, machine *txtar.Archive) string {
	t.Helper()
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	w := tar.NewWriter(zip)
	for _, f := range machine.Files {
		require.NoError(t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: f.Name, Mode: 0o644, Size: int64(len(f.Data))}))
		_, err := w.Write(f.Data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, zip.Close())
	path := filepath.Join(t.TempDir(), "machine.tar.gz")
	require.NoError(t, os.WriteFile(path, out.Bytes(), 0o600))
	return path
}

// TestCaptures shows what devices says of machines that nobody here has. To add one that was sent in, unpack its archive
// into a text of this form and run with -update.
func TestCaptures(t *testing.T) {
	texts, err := filepath.Glob("testdata/captures/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, texts)
	here, err := os.Getwd()
	require.NoError(t, err)
	for _, text := range texts {
		t.Run(filepath.Base(text), func(t *testing.T) {
			machine, err := txtar.ParseFile(text)
			require.NoError(t, err)
			code, stdout, stderr := invoke(t, "", "devices", "--format", "markdown", "--root", pack(t, machine))
			require.Equal(t, exitOK, code, stderr)
			golden := filepath.Join(here, strings.TrimSuffix(text, ".txtar")+".md")
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(stdout), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), stdout)
		})
	}
}

// TestCaptureOfThisMachine goes once around: what devices says here, it says of the capture.
func TestCaptureOfThisMachine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "here.tar.gz")
	code, live, stderr := invoke(t, "", "devices", "--format", "csv", "--capture", file)
	require.Equal(t, exitOK, code, stderr)
	require.Contains(t, stderr, "look into it before you send it")
	code, again, stderr := invoke(t, "", "devices", "--format", "csv", "--root", file)
	require.Equal(t, exitOK, code, stderr)
	require.Equal(t, withoutText(live), withoutText(again), "engines are not asked of a capture")
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	name, err := os.Hostname()
	require.NoError(t, err)
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	zip, err := gzip.NewReader(bytes.NewReader(data))
	require.NoError(t, err)
	var plain bytes.Buffer
	_, err = plain.ReadFrom(zip)
	require.NoError(t, err)
	if len(name) > 8 { // a short one may be a word of a file
		require.NotContains(t, plain.String(), name)
	}
}

// withoutText drops the last column, which tells of engines.
func withoutText(csv string) []string {
	var out []string
	for line := range strings.Lines(csv) {
		if at := strings.LastIndex(line, ","); at >= 0 && strings.Contains(line, ",found,") {
			line = line[:at]
		}
		out = append(out, line)
	}
	return out
}
