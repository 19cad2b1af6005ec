// Package release_test makes the archives of a release for real, by `make release`, and runs what is in them.
package release_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// floor is the version of glibc that docs/ci.md promises to be enough for the archives with cgo.
const floor = "2.34"

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../..")
	require.NoError(t, err)
	return dir
}

// needs skips the test where a tool is absent.
func needs(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s here: %v", tool, err)
		}
	}
}

// checkout is a git checkout, in a folder of its own, of the files as they are now, with the same commit every time.
func checkout(t *testing.T) string {
	t.Helper()
	needs(t, "git", "make", "readelf", "sha256sum")
	if out, err := exec.Command("git", "-C", root(t), "rev-parse").CombinedOutput(); err != nil {
		t.Skipf("not in a git checkout: %s", out)
	}
	dir := filepath.Join(t.TempDir(), strconv.FormatInt(time.Now().UnixNano(), 36))
	git := func(where string, args ...string) string {
		cmd := exec.Command("git", append([]string{"-C", where, "-c", "user.name=test", "-c", "user.email=test@example.com"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_AUTHOR_DATE=2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z")
		out, err := cmd.Output()
		require.NoError(t, err, "git %v", args)
		return string(out)
	}
	require.NoError(t, os.MkdirAll(dir, 0o755))
	git(dir, "init", "-q", "-b", "main")
	for name := range strings.SplitSeq(strings.TrimSuffix(git(root(t), "ls-files", "-z", "--cached", "--others", "--exclude-standard"), "\x00"), "\x00") {
		from := filepath.Join(root(t), name)
		info, err := os.Stat(from)
		if errors.Is(err, fs.ErrNotExist) { // removed, and not yet committed
			continue
		}
		require.NoError(t, err)
		data, err := os.ReadFile(from)
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, info.Mode().Perm()))
	}
	git(dir, "add", "-A")
	git(dir, "commit", "-q", "-m", "as it is now")
	git(dir, "tag", "v1.2.3")
	return dir
}

// release runs make release in a checkout and returns the folder of the archives and what was printed.
func release(t *testing.T, dir string, env ...string) (string, string, error) {
	t.Helper()
	cmd := exec.Command("make", "-s", "-C", dir, "release")
	// The caller is a make itself, perhaps, and its variables are not meant for this one.
	cmd.Env = append(os.Environ(), "MAKEFLAGS=", "MAKELEVEL=", "GOPROXY=off")
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	return filepath.Join(dir, "bin", "release"), string(out), err
}

// unpack returns the files of an archive, and their modes, by name.
func unpack(t *testing.T, path string) (map[string][]byte, map[string]fs.FileMode) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	zipped, err := gzip.NewReader(bytes.NewReader(data))
	require.NoError(t, err)
	require.True(t, zipped.ModTime.IsZero(), "the archive tells when it was packed")
	files, modes := map[string][]byte{}, map[string]fs.FileMode{}
	archive := tar.NewReader(zipped)
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files, modes
		}
		require.NoError(t, err)
		require.Equal(t, "2026-01-02T03:04:05Z", h.ModTime.UTC().Format(time.RFC3339), h.Name)
		require.Zero(t, h.Uid+h.Gid)
		require.Empty(t, h.Uname+h.Gname)
		modes[h.Name] = h.FileInfo().Mode()
		if h.Typeflag == tar.TypeReg {
			files[h.Name], err = io.ReadAll(archive)
			require.NoError(t, err)
		}
	}
}

// glibc is the newest version of it that the symbols of a program ask for, as two numbers.
func glibc(t *testing.T, program []byte) [2]int {
	t.Helper()
	file, err := elf.NewFile(bytes.NewReader(program))
	require.NoError(t, err)
	symbols, err := file.ImportedSymbols()
	if errors.Is(err, elf.ErrNoSymbols) {
		return [2]int{}
	}
	require.NoError(t, err)
	var newest [2]int
	for _, s := range symbols {
		if text, ok := strings.CutPrefix(s.Version, "GLIBC_"); ok {
			newest = max2(newest, version(t, text))
		}
	}
	return newest
}

func version(t *testing.T, text string) [2]int {
	t.Helper()
	parts := strings.Split(text, ".")
	require.GreaterOrEqual(t, len(parts), 2, text)
	major, err := strconv.Atoi(parts[0])
	require.NoError(t, err)
	minor, err := strconv.Atoi(parts[1])
	require.NoError(t, err)
	return [2]int{major, minor}
}

func max2(a, b [2]int) [2]int {
	if b[0] > a[0] || b[0] == a[0] && b[1] > a[1] {
		return b
	}
	return a
}

// TestReleaseIsReproducible makes the archives in two folders: all bytes are the same, the archives hold what they should,
// and the programs in them run, and ask for no newer C library than is stated.
func TestReleaseIsReproducible(t *testing.T) {
	if testing.Short() {
		t.Skip("links the program six times")
	}
	needs(t, "gcc")
	if runtime.GOOS != "linux" {
		t.Skip("made on Linux only")
	}
	arch := runtime.GOARCH
	first, out, err := release(t, checkout(t), "RELEASE_ARCHES="+arch)
	require.NoError(t, err, out)
	second, out, err := release(t, checkout(t), "RELEASE_ARCHES="+arch, "TZ=Asia/Tokyo", "SOURCE_DATE_EPOCH=1", "CGO_LDFLAGS=-Wl,--hash-style=sysv")
	require.NoError(t, err, out)
	sums, err := os.ReadFile(filepath.Join(first, "SHA256SUMS"))
	require.NoError(t, err)
	again, err := os.ReadFile(filepath.Join(second, "SHA256SUMS"))
	require.NoError(t, err)
	require.Equal(t, string(sums), string(again))
	require.Len(t, strings.Split(strings.TrimSpace(string(sums)), "\n"), 3)
	for line := range strings.Lines(string(sums)) {
		want, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		data, err := os.ReadFile(filepath.Join(first, name))
		require.NoError(t, err)
		digest := sha256.Sum256(data)
		require.Equal(t, want, hex.EncodeToString(digest[:]), name)
	}
	check := exec.Command("sha256sum", "--check", "--strict", "SHA256SUMS")
	check.Dir = first
	checked, err := check.CombinedOutput()
	require.NoError(t, err, "%s", checked)

	for _, variant := range []struct{ suffix, needs, lacks, devices string }{
		{"", "glibc " + floor + " or later", "nothing", "nvml"},
		{"-nocgo", "glibc of any version", "NVML", "built without cgo"},
		{"-static", "no C library", "ONNX Runtime", "built without cgo"},
	} {
		name := "accelbench-v1.2.3-linux-" + arch + variant.suffix
		t.Run(name, func(t *testing.T) {
			files, modes := unpack(t, filepath.Join(first, name+".tar.gz"))
			var names []string
			for file := range files {
				inside, ok := strings.CutPrefix(file, name+"/")
				require.True(t, ok, file)
				names = append(names, inside)
				require.Equal(t, map[bool]fs.FileMode{true: 0o755, false: 0o644}[inside == "accelbench"], modes[file], file)
			}
			require.ElementsMatch(t, []string{"accelbench", "LICENSE", "README.md", "CHANGELOG.md", "BUILD.txt", "THIRD_PARTY_LICENSES.txt", "docs/result.schema.json"}, names)
			about := string(files[name+"/BUILD.txt"])
			require.Contains(t, about, "accelbench v1.2.3 for linux/"+arch+"\n")
			require.Contains(t, about, runtime.Version())
			require.Regexp(t, "needs: +"+variant.needs, about)
			require.Regexp(t, "lacks: +.*"+variant.lacks, about)
			require.Regexp(t, "commit: +[0-9a-f]{40}", about)
			require.Contains(t, string(files[name+"/THIRD_PARTY_LICENSES.txt"]), "=== github.com/urfave/cli/v2 ")

			program := files[name+"/accelbench"]
			require.NotContains(t, string(program), filepath.Dir(filepath.Dir(first)), "the program tells where it was built")
			newest := glibc(t, program)
			require.Equal(t, version(t, floor), max2(newest, version(t, floor)), "asks for glibc %v", newest)
			if variant.suffix == "-static" {
				file, err := elf.NewFile(bytes.NewReader(program))
				require.NoError(t, err)
				libraries, err := file.ImportedLibraries()
				require.NoError(t, err)
				require.Empty(t, libraries)
			}
			path := filepath.Join(t.TempDir(), "accelbench")
			require.NoError(t, os.WriteFile(path, program, 0o700))
			said, err := exec.Command(path, "--version").CombinedOutput()
			require.NoError(t, err, "%s", said)
			require.Equal(t, "accelbench version v1.2.3\n", string(said))
			said, err = exec.Command(path, "devices").CombinedOutput()
			require.NoError(t, err, "%s", said)
			require.Contains(t, string(said), variant.devices)
		})
	}
}

// TestReleaseSaysWhatIsMissing: every refusal tells the way out, and comes before anything is built.
func TestReleaseSaysWhatIsMissing(t *testing.T) {
	if testing.Short() {
		t.Skip("copies the whole project")
	}
	dir := checkout(t)
	_, out, err := release(t, dir, "RELEASE_ARCHES=amd64 s390x")
	require.Error(t, err)
	require.Contains(t, out, "RELEASE_ARCHES has s390x: it knows amd64 and arm64")

	// All tools but the other architecture's compiler.
	bin := t.TempDir()
	for folder := range strings.SplitSeq(os.Getenv("PATH"), ":") {
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if !strings.Contains(e.Name(), "linux-gnu-gcc") {
				_ = os.Symlink(filepath.Join(folder, e.Name()), filepath.Join(bin, e.Name())) // the first of a name wins
			}
		}
	}
	other, compiler := "arm64", "gcc-aarch64-linux-gnu"
	if runtime.GOARCH == "arm64" {
		other, compiler = "amd64", "gcc-x86-64-linux-gnu"
	}
	_, out, err = release(t, dir, "PATH="+bin, "RELEASE_ARCHES="+other)
	require.Error(t, err)
	require.Contains(t, out, "apt-get install "+compiler)

	require.NoError(t, os.WriteFile(filepath.Join(dir, "new.txt"), nil, 0o600))
	_, out, err = release(t, dir)
	require.Error(t, err)
	require.Contains(t, out, "commit them first")
}

// TestReleaseForArm64 makes the archives for arm64 on another machine and runs what is in them in QEMU. Workers are not
// tried: QEMU's processes cannot start others of their kind.
func TestReleaseForArm64(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the whole program")
	}
	if runtime.GOARCH == "arm64" {
		t.Skip("the other tests make archives for arm64 here")
	}
	needs(t, "aarch64-linux-gnu-gcc", "qemu-aarch64")
	dir, out, err := release(t, checkout(t), "RELEASE_ARCHES=arm64")
	require.NoError(t, err, out)
	for _, suffix := range []string{"", "-nocgo", "-static"} {
		name := "accelbench-v1.2.3-linux-arm64" + suffix
		files, _ := unpack(t, filepath.Join(dir, name+".tar.gz"))
		program := files[name+"/accelbench"]
		newest := glibc(t, program)
		require.Equal(t, version(t, floor), max2(newest, version(t, floor)), "asks for glibc %v", newest)
		path := filepath.Join(t.TempDir(), "accelbench")
		require.NoError(t, os.WriteFile(path, program, 0o700))
		said, err := exec.Command("qemu-aarch64", "-L", "/usr/aarch64-linux-gnu", path, "--version").CombinedOutput()
		require.NoError(t, err, "%s", said)
		require.Equal(t, "accelbench version v1.2.3\n", string(said))
		said, err = exec.Command("qemu-aarch64", "-L", "/usr/aarch64-linux-gnu", path, "workloads").CombinedOutput()
		require.NoError(t, err, "%s", said)
		require.Contains(t, string(said), "resnet50")
	}
}
