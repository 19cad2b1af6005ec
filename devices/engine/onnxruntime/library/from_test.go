package library_test

import (
	"context"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices/engine/onnxruntime/library"
)

// own is a library of the user's that is not the pinned one.
func own() []byte { return soFile(elf.EM_X86_64, "another release") }

func provider() []byte { return elfFile(elf.ET_DYN, elf.EM_X86_64, "GetProvider", 1) }

// gpuFiles are the files of an archive for GPUs, below a folder of it.
func gpuFiles(dir string) []file {
	return []file{{dir + "libonnxruntime_providers_cuda.so", provider()}, {dir + "libonnxruntime.so.1.29.0", own()},
		{dir + "libonnxruntime_providers_shared.so", provider()}, {dir + "libonnxruntime_providers_tensorrt.so", provider()}}
}

func TestInstallFromEveryForm(t *testing.T) {
	for _, c := range []struct {
		name  string
		files []file // written below the folder
		from  string // the one of them, or the folder of some, that is given
	}{
		{"a library of any name", []file{{"mine.bin", own()}}, "mine.bin"},
		{"a release archive", []file{{"r.tgz", tgz(t, file{"x/lib/libonnxruntime.so", nil},
			file{"x/lib/libonnxruntime.so.1.29.0", own()})}}, "r.tgz"},
		{"an npm archive", []file{{"n.tgz", npmArchive(t, own())}}, "n.tgz"},
		{"a wheel", []file{{"w.whl", wheel(t, file{"onnxruntime/capi/pybind.so", provider()},
			file{"onnxruntime/capi/libonnxruntime.so.1.29.0", own()})}}, "w.whl"},
		{"an archive with names that lead out", []file{{"e.tgz", tgz(t, file{"../../../../../../libonnxruntime.so.1", own()})}}, "e.tgz"},
		{"a folder", []file{{"d/libonnxruntime.so.1", own()}, {"d/libonnxruntime.so", []byte("an old text")}}, "d"},
		{"an unpacked release", []file{{"d/lib/libonnxruntime.so.1.29.0", own()}}, "d"},
		{"a Python package", []file{{"d/capi/libonnxruntime.so.1.29.0", own()}}, "d"},
		{"an unpacked wheel", []file{{"d/onnxruntime/capi/libonnxruntime.so.1.29.0", own()}}, "d"},
		{"a folder with one for another machine", []file{{"d/libonnxruntime.so.1", soFile(elf.EM_AARCH64, "")},
			{"d/libonnxruntime.so.1.2", own()}}, "d"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, dir := newWorld(t), t.TempDir()
			for _, f := range c.files {
				put(t, dir, f.name, f.data)
			}
			in, err := library.InstallFrom(t.Context(), w.options(), filepath.Join(dir, c.from))
			require.NoError(t, err)
			path := filepath.Join(w.cache, filepath.FromSlash(customFile))
			require.Equal(t, library.Installed{Path: path, SHA256: digest(own()), Files: []string{"libonnxruntime.so.1"}}, in)
			require.Equal(t, []string{"accelbench", root, root + "/custom", customFile}, tree(t, w.cache))
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, own(), content)
			require.Empty(t, w.npmArgs)
			require.Empty(t, w.asked)
		})
	}
}

func TestInstallFromOnOtherSystems(t *testing.T) {
	mac := machFile(macho.TypeDylib, macho.CpuArm64, entryPoint, 1)
	dll := dllFile(pe.IMAGE_FILE_MACHINE_AMD64, pe.IMAGE_FILE_DLL, "\x00"+entryPoint+"\x00")
	for _, c := range []struct {
		goos, goarch, member string
		data                 []byte
	}{
		{"darwin", "arm64", "package/bin/napi-v6/darwin/arm64/libonnxruntime.1.30.0.dylib", mac},
		{"windows", "amd64", `lib\onnxruntime.dll`, dll},
	} {
		w := newWorld(t)
		o := w.options()
		o.OS, o.Arch = c.goos, c.goarch
		source := put(t, t.TempDir(), "a.tgz", tgz(t, file{"package/onnxruntime.dll", []byte("MZ")}, file{c.member, c.data}))
		in, err := library.InstallFrom(t.Context(), o, source)
		require.NoError(t, err, c.goos)
		require.Equal(t, digest(c.data), in.SHA256)
	}
}

func TestInstallFromForCUDA(t *testing.T) {
	for name, prepare := range map[string]func(dir string) string{
		"archive": func(dir string) string {
			return put(t, dir, "g.tgz", tgz(t, append(gpuFiles("g/lib/"), file{"g/lib/libonnxruntime_providers_cuda.so", []byte("again")})...))
		},
		"wheel":       func(dir string) string { return put(t, dir, "g.whl", wheel(t, gpuFiles("onnxruntime/capi/")...)) },
		"folder":      func(dir string) string { return filepath.Dir(putAll(t, dir, gpuFiles(""))) },
		"the library": func(dir string) string { return putAll(t, dir, gpuFiles("")) },
		"a link to the library": func(dir string) string {
			link := filepath.Join(t.TempDir(), "ort.so")
			require.NoError(t, os.Symlink(putAll(t, dir, gpuFiles("")), link))
			return link
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			put(t, w.cache, root+"/custom/libonnxruntime_providers_old.so", provider())
			o := w.options()
			o.Variant = library.CUDA
			in, err := library.InstallFrom(t.Context(), o, prepare(t.TempDir()))
			require.NoError(t, err)
			require.Equal(t, []string{"libonnxruntime.so.1", "libonnxruntime_providers_cuda.so", "libonnxruntime_providers_shared.so",
				"libonnxruntime_providers_tensorrt.so"}, in.Files)
			require.Len(t, tree(t, w.cache), 3+4, "what an earlier library had beside it is gone")
		})
	}
}

// putAll writes the files in a folder, returns the path of the library.
func putAll(t testing.TB, dir string, files []file) (lib string) {
	for _, f := range files {
		if path := put(t, dir, f.name, f.data); strings.Contains(f.name, "libonnxruntime.so") {
			lib = path
		}
	}
	return lib
}

func TestInstallFromRefuses(t *testing.T) {
	arm := soFile(elf.EM_AARCH64, "")
	zipped := wheel(t, file{"libonnxruntime.so.1", own()})
	zipped[30+len("libonnxruntime.so.1")+20] ^= 0xff // in the compressed content
	for _, c := range []struct {
		name    string
		data    []byte
		variant library.Variant
		want    string
	}{
		{"text", []byte("hello"), library.CPU, "x: it is no shared library for linux: "},
		{"nothing", nil, library.CPU, "x: it is no shared library for linux: "},
		{"another machine's", arm, library.CPU, "it is a library for arm64, not for amd64"},
		{"an unknown machine's", soFile(elf.EM_MIPS, ""), library.CPU, "it is a library for another machine, not for amd64"},
		{"a program", elfFile(elf.ET_EXEC, elf.EM_X86_64, entryPoint, 1), library.CPU, "it is a program"},
		{"another library", provider(), library.CPU, "it has no OrtGetApiBase, so it is another library"},
		{"a user of the library", elfFile(elf.ET_DYN, elf.EM_X86_64, entryPoint, elf.SHN_UNDEF), library.CPU, "it has no OrtGetApiBase"},
		{"a Mac's", machFile(macho.TypeDylib, macho.CpuAmd64, entryPoint, 1), library.CPU, "it is no shared library for linux"},
		{"an archive without it", tgz(t, file{"a/libother.so", own()}), library.CPU, "it holds no file named like the library, libonnxruntime.so.1"},
		{"an archive for others", tgz(t, file{"a/libonnxruntime.so.1", arm}), library.CPU, "libonnxruntime.so.1: it is a library for arm64"},
		{"an archive cut off", npmArchive(t, own())[:150], library.CPU, "reading x: "},
		{"a wheel cut off", wheel(t, file{"libonnxruntime.so.1", own()})[:100], library.CPU, "zip: not a valid zip file"},
		{"a damaged wheel", zipped, library.CPU, "unpacking libonnxruntime.so.1: "},
		{"no CUDA in it", npmArchive(t, own()), library.CUDA, "it has no libonnxruntime_providers_shared.so"},
		{"half of CUDA", tgz(t, gpuFiles("")[1:]...), library.CUDA, "it has no libonnxruntime_providers_cuda.so"},
		{"another machine's CUDA", tgz(t, append(gpuFiles("")[1:], file{"libonnxruntime_providers_cuda.so", arm})...), library.CUDA,
			"it has no libonnxruntime_providers_cuda.so"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			before := put(t, w.cache, customFile, []byte("what was there"))
			o := w.options()
			o.Variant = c.variant
			source := put(t, t.TempDir(), "x", c.data)
			_, err := library.InstallFrom(t.Context(), o, source)
			require.ErrorContains(t, err, "installing ONNX Runtime from "+source+": ")
			require.ErrorContains(t, err, c.want)
			content, err := os.ReadFile(before)
			require.NoError(t, err)
			require.Equal(t, "what was there", string(content))
			require.Equal(t, []string{"accelbench", root, root + "/custom", customFile}, tree(t, w.cache))
		})
	}
	w := newWorld(t)
	_, err := library.InstallFrom(t.Context(), w.options(), filepath.Join(w.cache, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = library.InstallFrom(t.Context(), w.options(), t.TempDir())
	require.ErrorContains(t, err, "holds no file")
	o := w.options()
	o.OS, o.Variant = "darwin", library.CUDA
	_, err = library.InstallFrom(t.Context(), o, t.TempDir())
	require.ErrorContains(t, err, "there is no CUDA on darwin")
}

func TestThePinnedLibraryFromAFileIsThePinnedOne(t *testing.T) {
	w := newWorld(t)
	source := put(t, t.TempDir(), "x.so", theLibrary())
	in, err := library.InstallFrom(t.Context(), w.options(), source)
	require.NoError(t, err)
	require.True(t, in.Verified)
	require.Equal(t, library.CachePath(w.cache, "linux"), in.Path)
	require.Empty(t, in.Hidden)

	mine, err := library.InstallFrom(t.Context(), w.options(), put(t, t.TempDir(), "y.so", own()))
	require.NoError(t, err)
	require.False(t, mine.Verified)
	for _, install := range []func() (library.Installed, error){
		func() (library.Installed, error) { return library.InstallFrom(t.Context(), w.options(), source) },
		func() (library.Installed, error) { return library.Install(t.Context(), w.options()) },
	} {
		in, err = install()
		require.NoError(t, err)
		require.Equal(t, mine.Path, in.Hidden, "Find takes the user's own first")
	}
	cuda := w.options()
	cuda.Variant = library.CUDA
	in, err = library.InstallFrom(t.Context(), cuda, putAll(t, t.TempDir(), append(gpuFiles(""), file{"libonnxruntime.so.1.30.0", theLibrary()})))
	require.NoError(t, err)
	require.Equal(t, mine.Path, in.Path, "with files beside it, it is no longer the pinned file alone")
	again, err := library.InstallFrom(t.Context(), w.options(), mine.Path)
	require.NoError(t, err, "its own file is a source like any other")
	require.Equal(t, in.SHA256, again.SHA256)
}

func TestCancelOfACopyLeavesNothing(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	w := newWorld(t)
	_, err := library.InstallFrom(ctx, w.options(), put(t, t.TempDir(), "x.so", own()))
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []string{"accelbench", root}, tree(t, w.cache))
}

// TestRealLibrary copies a real library, and compares its digest with the pinned one where it is of that release.
func TestRealLibrary(t *testing.T) {
	path := os.Getenv("ORT_LIB")
	if path == "" {
		t.Skip("ORT_LIB does not name an ONNX Runtime library")
	}
	if _, err := os.Stat(path); err != nil {
		t.Skipf("ORT_LIB: %v", err)
	}
	o := newWorld(t).options()
	here := library.Here("")
	o.OS, o.Arch, o.Pins = here.OS, here.Arch, library.Pinned()
	in, err := library.InstallFrom(t.Context(), o, path)
	require.NoError(t, err)
	sum, err := library.Digest(path)
	require.NoError(t, err)
	require.Equal(t, sum, in.SHA256)
	pin := o.Pins[o.OS+"/"+o.Arch]
	if info, err := os.Stat(path); err == nil && info.Size() == pin.Bytes {
		require.Equal(t, pin.SHA256, sum)
		require.Equal(t, library.CachePath(o.Cache, o.OS), in.Path)
	}
}

// FuzzInstallFrom gives it any bytes: nothing is ever written but a library with the entry point in its place.
func FuzzInstallFrom(f *testing.F) {
	f.Add(own())
	f.Add(soFile(elf.EM_AARCH64, ""))
	f.Add(npmArchive(f, theLibrary()))
	f.Add(tgz(f, append(gpuFiles("../../"), file{"/etc/passwd", own()})...))
	f.Add(wheel(f, gpuFiles(`..\..\`)...))
	f.Add(machFile(macho.TypeDylib, macho.CpuAmd64, entryPoint, 1))
	f.Fuzz(func(t *testing.T, data []byte) {
		w := newWorld(t)
		o := w.options()
		o.Variant = library.CUDA
		if len(data)%2 == 0 {
			o.Variant = library.CPU
		}
		in, err := library.InstallFrom(t.Context(), o, put(t, t.TempDir(), "x", data))
		left := tree(t, w.cache)
		if err != nil {
			require.Equal(t, []string{"accelbench", root}, left)
			return
		}
		require.Contains(t, []string{customFile, pinnedFile}, left[3])
		content, err := os.ReadFile(in.Path)
		require.NoError(t, err)
		require.Contains(t, string(content), entryPoint)
	})
}
