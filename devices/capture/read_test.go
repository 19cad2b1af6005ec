package capture_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/capture"
	"github.com/accelbench/accelbench/devices/nvml"
)

type part struct{ name, data string }

func partsOf(t *testing.T, archive []byte) []part {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(archive))
	require.NoError(t, err)
	var out []part
	for r := tar.NewReader(zip); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err)
		data, err := io.ReadAll(r)
		require.NoError(t, err)
		out = append(out, part{h.Name, string(data)})
	}
}

// packed makes an archive of headers; a header without a type is a regular file with the data of its PAX record.
func packed(t require.TestingT, headers ...tar.Header) []byte {
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	w := tar.NewWriter(zip)
	for _, h := range headers {
		data := h.Uname // carried here so that a case is one line
		h.Uname, h.Mode = "", 0o644
		if h.Typeflag == 0 {
			h.Typeflag, h.Size = tar.TypeReg, int64(len(data))
		}
		require.NoError(t, w.WriteHeader(&h))
		_, err := io.WriteString(w, data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, zip.Close())
	return out.Bytes()
}

const emptyManifest = `{"schema":"accelbench.capture/v1"}`

func TestRefused(t *testing.T) {
	ok := tar.Header{Name: "capture.json", Uname: emptyManifest}
	big := strings.Repeat("x", 4<<20)
	var many []tar.Header
	for i := range 17 {
		many = append(many, tar.Header{Name: "root/" + string(rune('a'+i)), Uname: big})
	}
	for name, c := range map[string]struct {
		archive []byte
		why     string
	}{
		"not gzip":           {[]byte("shopping list"), "no gzip file"},
		"not tar":            {gzipped("shopping list, which is longer than nothing"), "no tar archive"},
		"empty":              {packed(t), "there is no capture.json"},
		"cut off":            {packed(t, ok, tar.Header{Name: "root/a", Uname: big})[:600], ""},
		"another schema":     {packed(t, tar.Header{Name: "capture.json", Uname: `{"schema":"accelbench.capture/v9"}`}), `schema "accelbench.capture/v9"`},
		"no JSON":            {packed(t, tar.Header{Name: "capture.json", Uname: "{"}), "capture.json"},
		"out of the folder":  {packed(t, ok, tar.Header{Name: "root/../../etc/passwd", Uname: "x"}), "no path inside"},
		"absolute":           {packed(t, ok, tar.Header{Name: "/etc/passwd", Uname: "x"}), "no path inside"},
		"symbolic link":      {packed(t, ok, tar.Header{Name: "root/a", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}), "a link or a special file"},
		"hard link":          {packed(t, ok, tar.Header{Name: "root/a", Typeflag: tar.TypeLink, Linkname: "capture.json"}), "a link or a special file"},
		"device node":        {packed(t, ok, tar.Header{Name: "root/a", Typeflag: tar.TypeChar}), "a link or a special file"},
		"twice":              {packed(t, ok, ok), "twice"},
		"a file too large":   {packed(t, ok, tar.Header{Name: "root/a", Uname: big + "x"}), "beyond the bounds"},
		"too much in all":    {packed(t, append(many, ok)...), "beyond the bounds"},
		"a listed path out":  {packed(t, tar.Header{Name: "capture.json", Uname: `{"schema":"accelbench.capture/v1","seen":["../x"]}`}), "no path inside"},
		"an output is gone":  {packed(t, tar.Header{Name: "capture.json", Uname: `{"schema":"accelbench.capture/v1","commands":[{"name":"x","stdout":"commands/0.stdout"}]}`}), "is missing"},
		"a tape is gone":     {packed(t, tar.Header{Name: "capture.json", Uname: `{"schema":"accelbench.capture/v1","tapes":{"nvml":"nvml.json"}}`}), "missing or no JSON"},
		"a tape is no JSON":  {packed(t, tar.Header{Name: "nvml.json", Uname: "{"}, tar.Header{Name: "capture.json", Uname: `{"schema":"accelbench.capture/v1","tapes":{"nvml":"nvml.json"}}`}), "missing or no JSON"},
		"a folder in a file": {packed(t, ok, tar.Header{Name: "root/a", Uname: "1"}, tar.Header{Name: "root/a/b", Uname: "2"}), "-"},
	} {
		t.Run(name, func(t *testing.T) {
			captured, err := capture.Read(bytes.NewReader(c.archive))
			if c.why == "-" {
				require.NoError(t, err)
				require.NoError(t, fs.WalkDir(captured.Machine.FS, ".", func(string, fs.DirEntry, error) error { return nil }))
				return
			}
			require.ErrorIs(t, err, capture.ErrFormat)
			require.ErrorContains(t, err, c.why)
		})
	}
}

func gzipped(text string) []byte {
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	_, _ = io.WriteString(zip, text)
	_ = zip.Close()
	return out.Bytes()
}

func TestOpen(t *testing.T) {
	want, archive := captured(t, trn1(), &nvml.Tape{Failed: 12})
	folder := t.TempDir()
	path := filepath.Join(folder, "machine.tar.gz")
	require.NoError(t, os.WriteFile(path, archive, 0o600))
	tree := filepath.Join(folder, "unpacked")
	for _, p := range partsOf(t, archive) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(tree, p.name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(tree, p.name), []byte(p.data), 0o600))
	}
	for _, p := range []string{path, tree} {
		c, err := capture.Open(p)
		require.NoError(t, err)
		require.Equal(t, want, report(t, c.Machine, &nvml.Tape{Failed: 12}))
		require.Contains(t, c.Tapes, "nvml")
	}
	_, err := capture.Open(filepath.Join(folder, "absent"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NoError(t, os.WriteFile(path, []byte("x"), 0o600))
	_, err = capture.Open(path)
	require.ErrorIs(t, err, capture.ErrFormat)
	require.ErrorContains(t, err, "machine.tar.gz")
}

func TestTree(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(outside, []byte("secret"), 0o600))
	tree := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(tree, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(tree, name), []byte(text), 0o600))
	}
	write("sys/bus/pci/devices/0000:00:04.0/vendor", "0x1ae0\n")
	write("sys/bus/pci/devices/0000:00:04.0/device", "0x0063\n")
	write("dev/accel0", "")
	write("proc/big", strings.Repeat("x", 4<<20+1))
	require.NoError(t, os.Symlink("accel0", filepath.Join(tree, "dev/inside")))
	require.NoError(t, os.Symlink(outside, filepath.Join(tree, "dev/absolute")))
	require.NoError(t, os.Symlink("../../secret", filepath.Join(tree, "dev/up")))
	c, err := capture.Open(tree)
	require.NoError(t, err)
	require.Contains(t, report(t, c.Machine, nil), `"TPU v5e"`)
	_, err = fs.ReadFile(c.Machine.FS, "dev/inside")
	require.NoError(t, err)
	for _, name := range []string{"dev/absolute", "dev/up", "../secret", "proc/big", "dev"} {
		_, err := fs.ReadFile(c.Machine.FS, name)
		require.Error(t, err, name)
	}
	_, _, err = c.Machine.Run(t.Context(), "sh", "-c", "true")
	require.ErrorIs(t, err, exec.ErrNotFound, "no command of this machine runs")
	require.Nil(t, c.Machine.HTTP)
	_, set := c.Machine.Lookup("PATH")
	require.False(t, set, "no variable of this machine is read")
}

func TestPipesAreNotRead(t *testing.T) {
	tree := t.TempDir()
	if err := exec.Command("mkfifo", filepath.Join(tree, "pipe")).Run(); err != nil {
		t.Skip("no mkfifo: ", err)
	}
	_, err := capture.Open(filepath.Join(tree, "pipe"))
	require.ErrorIs(t, err, capture.ErrFormat)
	require.ErrorContains(t, err, "not a regular file")
	_, err = capture.Open(tree)
	require.ErrorContains(t, err, "neither capture.json nor any of sys, proc, dev, etc is in it")
	require.NoError(t, os.Mkdir(filepath.Join(tree, "etc"), 0o700))
	c, err := capture.Open(tree)
	require.NoError(t, err)
	_, err = fs.ReadFile(c.Machine.FS, "pipe")
	require.ErrorContains(t, err, "not a regular file")
}

func TestAnswersComeInTheirOrder(t *testing.T) {
	manifest := `{"schema":"accelbench.capture/v1","commands":[
		{"name":"neuron-ls","args":["-j"],"stdout":"commands/0","error":"exit status 1"},{"name":"neuron-ls","args":["-j"],"stdout":"commands/1"}]}`
	c, err := capture.Read(bytes.NewReader(packed(t, tar.Header{Name: "capture.json", Uname: manifest}, tar.Header{Name: "commands/0", Uname: "busy"}, tar.Header{Name: "commands/1", Uname: "[]"})))
	require.NoError(t, err)
	var got []string
	for range 3 {
		out, _, err := c.Machine.Run(t.Context(), "neuron-ls", "-j")
		got = append(got, string(out))
		require.Equal(t, string(out) == "busy", err != nil)
	}
	require.Equal(t, []string{"busy", "[]", "[]"}, got)
	_, _, err = c.Machine.Run(t.Context(), "neuron-ls", "-a")
	require.ErrorIs(t, err, exec.ErrNotFound)
}

func FuzzRead(f *testing.F) {
	f.Add(packed(f, tar.Header{Name: "capture.json", Uname: emptyManifest}, tar.Header{Name: "root/sys/module/neuron/version", Uname: "1\n"}))
	f.Add(packed(f, tar.Header{Name: "capture.json", Uname: `{"schema":"accelbench.capture/v1","directories":["a/b"],"seen":["a"],"devices":{"a":"1:2"},"env":{"X":""}}`}))
	f.Fuzz(func(t *testing.T, archive []byte) {
		c, err := capture.Read(bytes.NewReader(archive))
		if err != nil {
			require.ErrorIs(t, err, capture.ErrFormat)
			return
		}
		exercise(c.Machine)
	})
}

// FuzzManifest comes further than FuzzRead, which mostly breaks the compression.
func FuzzManifest(f *testing.F) {
	f.Add(emptyManifest, "root/a", "x")
	f.Add(`{"schema":"accelbench.capture/v1","denied":["a"],"directories":["."],"commands":[{"name":"x","args":null,"stdout":"root/a"}]}`, "root/a", "")
	f.Fuzz(func(t *testing.T, manifest, name, data string) {
		var out bytes.Buffer
		zip := gzip.NewWriter(&out)
		w := tar.NewWriter(zip)
		for _, p := range []part{{"capture.json", manifest}, {name, data}} {
			if w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: p.name, Size: int64(len(p.data))}) != nil {
				return
			}
			_, _ = io.WriteString(w, p.data)
		}
		_, _ = w.Close(), zip.Close()
		if c, err := capture.Read(&out); err == nil {
			exercise(c.Machine)
		}
	})
}

func exercise(m devices.Machine) {
	_ = fs.WalkDir(m.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			_, _ = fs.ReadFile(m.FS, name)
			_, _ = fs.Stat(m.FS, name)
		}
		return nil
	})
}
