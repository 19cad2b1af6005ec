package library

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The readers of foreign bytes are not exported; hence the inside view.

func FuzzArchives(f *testing.F) {
	var tgz, wheel bytes.Buffer
	zipped := gzip.NewWriter(&tgz)
	t, z := tar.NewWriter(zipped), zip.NewWriter(&wheel)
	for _, name := range []string{"a/lib/libonnxruntime.so.1", "../../../libonnxruntime_providers_cuda.so", "/etc/passwd"} {
		require.NoError(f, t.WriteHeader(&tar.Header{Name: name, Size: 5, Typeflag: tar.TypeReg}))
		_, err := t.Write([]byte("bytes"))
		require.NoError(f, err)
		w, err := z.Create(name)
		require.NoError(f, err)
		_, err = w.Write([]byte("bytes"))
		require.NoError(f, err)
	}
	require.NoError(f, errors.Join(t.Close(), zipped.Close(), z.Close()))
	f.Add(tgz.Bytes())
	f.Add(tgz.Bytes()[:60])
	f.Add(wheel.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		visit := func(_ string, size int64, content io.Reader) error {
			require.GreaterOrEqual(t, size, int64(0))
			_, err := io.Copy(io.Discard, io.LimitReader(content, size+1))
			return err
		}
		_ = walkTar(bytes.NewReader(data), visit) // an error or not, but no panic
		_ = walkZip(bytes.NewReader(data), int64(len(data)), visit)
		if walkTar(bytes.NewReader(data), func(string, int64, io.Reader) error { return fs.SkipAll }) == nil {
			require.NoError(t, walkTar(bytes.NewReader(data), visit), "an archive without a file is read to its end without trouble")
		}
	})
}

// FuzzNames: no name of a file in an archive leads out of the folder into which it would be written.
func FuzzNames(f *testing.F) {
	f.Add("../../libonnxruntime_providers_cuda.so")
	f.Add(`..\..\libonnxruntime_providers_cuda.so`)
	f.Add("libonnxruntime_providers_a/../../b.so")
	f.Add("libonnxruntime.so.1.30.0")
	f.Fuzz(func(t *testing.T, name string) {
		for _, goos := range []string{"linux", "darwin", "windows"} {
			n := namesOf(goos)
			base := baseName(name)
			if n.isProvider(base) {
				require.NotContains(t, base, "..")
				require.True(t, filepath.IsLocal(base) && !strings.ContainsAny(base, `/\:`), base)
				require.False(t, n.isLibrary(base))
			}
			if version, ok := n.version(base); ok {
				require.True(t, strings.HasPrefix(base, n.stem))
				require.LessOrEqual(t, len(version), len(base))
			}
		}
	})
}
