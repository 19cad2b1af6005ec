package library_test

import (
	"context"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices/engine/onnxruntime/library"
)

const (
	npmMember     = "package/bin/napi-v6/linux/x64/libonnxruntime.so.1"
	releaseFile   = "onnxruntime-linux-x64-1.30.0.tgz"
	releaseMember = "onnxruntime-linux-x64-1.30.0/lib/libonnxruntime.so.1.30.0"
	root          = "accelbench/onnxruntime"
	pinnedFile    = root + "/1.30.0/libonnxruntime.so.1"
	customFile    = root + "/custom/libonnxruntime.so.1"
)

// theLibrary is the library that the tests pin.
func theLibrary() []byte { return soFile(elf.EM_X86_64, "the pinned one") }

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// world is a user's cache, npm and a server, all of them fake.
type world struct {
	cache   string
	npm     func(dir string) (stderr string, err error)
	server  func(*http.Request) (*http.Response, error)
	asked   []*http.Request
	npmArgs []string
	steps   []string
	heard   func(step string, done int64)
}

// Do is the way to the server.
func (w *world) Do(req *http.Request) (*http.Response, error) {
	w.asked = append(w.asked, req)
	if w.server == nil {
		return nil, errors.New("no route to host")
	}
	return w.server(req)
}

func (w *world) run(ctx context.Context, name string, args ...string) (stdout, stderr []byte, err error) {
	w.npmArgs = append([]string{name}, args...)
	if err := ctx.Err(); err != nil {
		return nil, nil, fmt.Errorf("running npm: %w", err)
	}
	if w.npm == nil {
		return nil, nil, fmt.Errorf("running npm: %w", exec.ErrNotFound)
	}
	said, err := w.npm(args[len(args)-1])
	return nil, []byte(said), err
}

func (w *world) options() library.Options {
	return library.Options{Cache: w.cache, OS: "linux", Arch: "amd64", Variant: library.CPU,
		Pins: map[string]library.Pin{"linux/amd64": {SHA256: digest(theLibrary()), Bytes: int64(len(theLibrary()))}},
		Run:  w.run, HTTP: w,
		Progress: func(step string, done, _ int64) {
			if !slices.Contains(w.steps, step) {
				w.steps = append(w.steps, step)
			}
			if w.heard != nil {
				w.heard(step, done)
			}
		}}
}

func newWorld(t testing.TB) *world { return &world{cache: t.TempDir()} }

// packs is an npm that makes an archive of this content.
func packs(archive []byte) func(string) (string, error) {
	return func(dir string) (string, error) {
		return "npm notice", os.WriteFile(filepath.Join(dir, "onnxruntime-node-1.30.0.tgz"), archive, 0o644)
	}
}

func npmArchive(t testing.TB, lib []byte) []byte {
	return tgz(t, file{"package/bin/napi-v6/linux/arm64/libonnxruntime.so.1", soFile(elf.EM_AARCH64, "for arm64")},
		file{npmMember, lib}, file{"package/README.md", []byte("read me")})
}

func TestInstallThroughNPM(t *testing.T) {
	w := newWorld(t)
	w.npm = packs(npmArchive(t, theLibrary()))
	in, err := library.Install(t.Context(), w.options())
	require.NoError(t, err)
	path := library.CachePath(w.cache, "linux")
	require.Equal(t, library.Installed{Path: path, SHA256: digest(theLibrary()), Verified: true, Files: []string{"libonnxruntime.so.1"}}, in)
	require.Equal(t, []string{"npm", "pack", "onnxruntime-node@1.30.0", "--ignore-scripts", "--pack-destination"}, w.npmArgs[:5])
	require.Equal(t, []string{"npm pack onnxruntime-node@1.30.0", "unpacking libonnxruntime.so.1"}, w.steps)
	require.Empty(t, w.asked)
	require.Equal(t, []string{"accelbench", root, root + "/1.30.0", pinnedFile}, tree(t, w.cache), "nothing else is left")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, theLibrary(), content)

	p := library.Places{FS: os.DirFS("/"), Getenv: func(string) string { return "" }, OS: "linux", Arch: "amd64", Cache: w.cache}
	found, err := library.Find(p)
	require.NoError(t, err)
	require.Equal(t, library.Found{Path: path, Source: library.SourceCache}, found)

	w.npm, w.npmArgs = nil, nil
	in, err = library.Install(t.Context(), w.options())
	require.NoError(t, err)
	require.True(t, in.Already && in.Verified)
	require.Empty(t, w.npmArgs, "what is there is not got again")

	require.NoError(t, os.WriteFile(path, theLibrary()[1:], 0o644))
	_, err = library.Install(t.Context(), w.options())
	require.Error(t, err)
	w.npm = packs(npmArchive(t, theLibrary()))
	in, err = library.Install(t.Context(), w.options())
	require.NoError(t, err)
	require.False(t, in.Already)
	content, err = os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, theLibrary(), content, "a damaged file is replaced")
	require.Equal(t, []string{"accelbench", root, root + "/1.30.0", pinnedFile}, tree(t, w.cache))
}

func TestWhatIsNotThePinnedLibraryIsRefused(t *testing.T) {
	other := theLibrary()
	other[len(other)-1] ^= 1
	for _, c := range []struct {
		name    string
		archive []byte
		want    string
	}{
		{"another of the same size", npmArchive(t, other), digest(other)},
		{"another size", npmArchive(t, append(theLibrary(), 0)), fmt.Sprintf("x64/libonnxruntime.so.1 has %d bytes", len(theLibrary())+1)},
		{"nothing of that name", tgz(t, file{"package/libother.so", theLibrary()}), "it has none at all"},
		{"a link to somewhere", tgz(t, file{npmMember, nil}), "it has none at all"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.npm = packs(c.archive)
			_, err := library.Install(t.Context(), w.options())
			require.ErrorContains(t, err, "installing ONNX Runtime 1.30.0: refused onnxruntime-node-1.30.0.tgz")
			require.ErrorContains(t, err, digest(theLibrary()))
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "--from")
			require.Empty(t, w.asked, "that is no reason to try elsewhere")
			require.Equal(t, []string{"accelbench", root}, tree(t, w.cache), "nothing is left behind")
		})
	}
}

func TestWhereNoDigestIsKnownNothingIsAsked(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*library.Options)
		want   string
	}{
		{"Mac", func(o *library.Options) { o.OS, o.Arch = "darwin", "arm64" }, "known for darwin/arm64, so nothing was downloaded"},
		{"other machine", func(o *library.Options) { o.Arch = "riscv64" }, "no verified digest is known for linux/riscv64"},
		{"CUDA", func(o *library.Options) { o.Variant = library.CUDA }, "known for the archives for GPUs, so nothing was downloaded"},
		{"no cache", func(o *library.Options) { o.Cache = "" }, "set HOME or XDG_CACHE_HOME"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.npm = packs(npmArchive(t, theLibrary()))
			o := w.options()
			c.change(&o)
			_, err := library.Install(t.Context(), o)
			require.ErrorContains(t, err, c.want)
			require.Empty(t, w.npmArgs)
			require.Empty(t, w.asked)
			require.Empty(t, tree(t, w.cache))
		})
	}
}

func TestPinnedDigestsAreDigests(t *testing.T) {
	for platform, pin := range library.Pinned() {
		sum, err := hex.DecodeString(pin.SHA256)
		require.NoError(t, err, platform)
		require.Len(t, sum, sha256.Size)
		require.Positive(t, pin.Bytes)
	}
}

func TestEveryWayThatFailedIsTold(t *testing.T) {
	w := newWorld(t)
	w.npm = func(string) (string, error) {
		return "npm error code E404\nnpm error 404 Not Found\n", errors.New("running npm: exit status 1")
	}
	_, err := library.Install(t.Context(), w.options())
	require.ErrorContains(t, err, "by npm: running npm: exit status 1: npm error code E404 | npm error 404 Not Found; by the release archive: "+
		"downloading https://github.com/microsoft/onnxruntime/releases/download/v1.30.0/"+releaseFile+": no route to host; ")
	require.ErrorContains(t, err, "--from")
	for name, npm := range map[string]func(string) (string, error){
		"made 0 archives":      func(string) (string, error) { return "", nil },
		"npm is not installed": nil,
		"unexpected EOF":       packs(npmArchive(t, theLibrary())[:150]),
		"gzip: invalid header": packs([]byte("\x1f\x8bnot an archive")),
	} {
		w.npm = npm
		_, err := library.Install(t.Context(), w.options())
		require.ErrorContains(t, err, name)
		require.ErrorContains(t, err, "no route to host")
	}
	require.Equal(t, []string{"accelbench", root}, tree(t, w.cache))
}

func TestCancelLeavesNothing(t *testing.T) {
	for _, step := range []string{"npm pack onnxruntime-node@1.30.0", "unpacking libonnxruntime.so.1"} {
		t.Run(step, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			w := newWorld(t)
			w.npm = packs(npmArchive(t, theLibrary()))
			w.heard = func(now string, _ int64) {
				if now == step {
					cancel()
				}
			}
			_, err := library.Install(ctx, w.options())
			require.ErrorIs(t, err, context.Canceled)
			require.Empty(t, w.asked)
			require.Equal(t, []string{"accelbench", root}, tree(t, w.cache))
		})
	}
}

func TestAFolderThatCannotBeWritten(t *testing.T) {
	w := newWorld(t)
	put(t, w.cache, "accelbench", []byte("a file where the folder should be"))
	w.npm = packs(npmArchive(t, theLibrary()))
	_, err := library.Install(t.Context(), w.options())
	var failed *fs.PathError
	require.ErrorAs(t, err, &failed)
	require.ErrorContains(t, err, filepath.Join(w.cache, "accelbench"))
	_, err = library.InstallFrom(t.Context(), w.options(), put(t, t.TempDir(), "x.so", theLibrary()))
	require.ErrorAs(t, err, &failed)
}
