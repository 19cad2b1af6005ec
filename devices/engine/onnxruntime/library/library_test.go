package library_test

import (
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/onnxruntime/library"
)

func places(files []string, env map[string]string) library.Places {
	tree := fstest.MapFS{}
	for _, f := range files {
		tree[f] = &fstest.MapFile{Data: []byte("x"), Mode: 0o644}
	}
	return library.Places{FS: tree, Getenv: func(name string) string { return env[name] }, OS: "linux", Arch: "amd64",
		Cache: "/users/ada/.cache", Dir: "/users/ada/work"}
}

const (
	custom = "users/ada/.cache/accelbench/onnxruntime/custom/libonnxruntime.so.1"
	pinned = "users/ada/.cache/accelbench/onnxruntime/1.30.0/libonnxruntime.so.1"
	capi   = "/site-packages/onnxruntime/capi/"
	debian = "/dist-packages/onnxruntime/capi/"
)

func TestFindTakesTheFirst(t *testing.T) {
	for _, c := range []struct {
		name  string
		files []string
		env   map[string]string
		flag  string
		want  string
		from  library.Source
	}{
		{"the flag before all", []string{"a/x.so", "b/y.so", pinned},
			map[string]string{"ORT_LIB": "/b/y.so"}, "/a/x.so", "/a/x.so", library.SourceFlag},
		{"a relative flag", []string{"users/ada/x.so"}, nil, "../x.so", "/users/ada/x.so", library.SourceFlag},
		{"ORT_LIB", []string{"b/y.so", "c/z.so", pinned},
			map[string]string{"ORT_LIB": "/b/y.so", "ORT_DYLIB_PATH": "/c/z.so"}, "", "/b/y.so", library.SourceEnv},
		{"ORT_DYLIB_PATH", []string{"c/z.so", pinned}, map[string]string{"ORT_DYLIB_PATH": "/c/z.so"}, "", "/c/z.so", library.SourceDylib},
		{"the user's own in the cache", []string{pinned, custom, "usr/lib/libonnxruntime.so.1"}, nil, "", "/" + custom, library.SourceCache},
		{"the pinned one in the cache", []string{pinned, "usr/lib/libonnxruntime.so.1"}, nil, "", "/" + pinned, library.SourceCache},
		{"another release in the cache", []string{"users/ada/.cache/accelbench/onnxruntime/1.29.0/libonnxruntime.so.1", "usr/lib/libonnxruntime.so"},
			nil, "", "/usr/lib/libonnxruntime.so", library.SourceSystem},
		{"the loader's path", []string{"opt/x/libonnxruntime.so.1", "usr/local/lib/libonnxruntime.so.1"},
			map[string]string{"LD_LIBRARY_PATH": ":rel:/nowhere:/opt/x/"}, "", "/opt/x/libonnxruntime.so.1", library.SourceSystem},
		{"a folder with pattern characters", []string{"opt/[x]/libonnxruntime.so.1"},
			map[string]string{"LD_LIBRARY_PATH": "/opt/[x]"}, "", "/opt/[x]/libonnxruntime.so.1", library.SourceSystem},
		{"the local one before the distribution's", []string{"usr/local/lib/libonnxruntime.so", "usr/lib/x86_64-linux-gnu/libonnxruntime.so.1"},
			nil, "", "/usr/local/lib/libonnxruntime.so", library.SourceSystem},
		{"the loader's name before a newer one", []string{"usr/lib64/libonnxruntime.so.1.99",
			"usr/lib64/libonnxruntime.so.1", "usr/lib64/libonnxruntime.so"},
			nil, "", "/usr/lib64/libonnxruntime.so.1", library.SourceSystem},
		{"versions are numbers", []string{"lib64/libonnxruntime.so.1.9.1", "lib64/libonnxruntime.so.1.21", "lib64/libonnxruntime.so"},
			nil, "", "/lib64/libonnxruntime.so.1.21", library.SourceSystem},
		{"no other library", []string{"usr/lib/libonnxruntime_providers_shared.so", "usr/lib/libonnxruntime.so.1.debug", "usr/lib/libonnxruntime.so.x",
			"usr/lib/libonnxruntime.so.", "usr/lib/libonnxruntime.so1", "opt/onnxruntime-1.24/lib/libonnxruntime.so.1.24.0"}, nil, "",
			"/opt/onnxruntime-1.24/lib/libonnxruntime.so.1.24.0", library.SourceSystem},
		{"another platform's folder", []string{"usr/lib/aarch64-linux-gnu/libonnxruntime.so.1",
			"usr/lib/python3" + debian + "libonnxruntime.so.1.20.0"},
			nil, "", "/usr/lib/python3" + debian + "libonnxruntime.so.1.20.0", library.SourcePython},
		{"the active environment before newer ones", []string{"venv/lib/python3.12" + capi + "libonnxruntime.so.1.20.0",
			"usr/lib/python3.13" + capi + "libonnxruntime.so.1.30.0"},
			map[string]string{"VIRTUAL_ENV": "/venv"}, "", "/venv/lib/python3.12" + capi + "libonnxruntime.so.1.20.0", library.SourcePython},
		{"conda", []string{"conda/lib/python3.12" + capi + "libonnxruntime.so.1.20.0"},
			map[string]string{"CONDA_PREFIX": "/conda"}, "", "/conda/lib/python3.12" + capi + "libonnxruntime.so.1.20.0", library.SourcePython},
		{"the user's packages before the system's", []string{"users/ada/.local/lib/python3.11" + capi + "libonnxruntime.so.1.20.0",
			"usr/local/lib/python3.11" + capi + "libonnxruntime.so.1.21.0"},
			map[string]string{"HOME": "/users/ada"}, "", "/users/ada/.local/lib/python3.11" + capi + "libonnxruntime.so.1.20.0", library.SourcePython},
		{"the newest of the system's", []string{"usr/local/lib/python3.11" + capi + "libonnxruntime.so.1.9.0",
			"usr/lib/python3.9" + debian + "libonnxruntime.so.1.10.0"},
			nil, "", "/usr/lib/python3.9" + debian + "libonnxruntime.so.1.10.0", library.SourcePython},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := places(c.files, c.env)
			p.Flag = c.flag
			found, err := library.Find(p)
			require.NoError(t, err)
			require.Equal(t, library.Found{Path: c.want, Source: c.from}, found)
		})
	}
}

func TestFindOnOtherSystems(t *testing.T) {
	p := places([]string{"opt/homebrew/lib/libonnxruntime.1.27.1.dylib", "opt/homebrew/lib/libonnxruntime.dylib",
		"usr/lib/libonnxruntime.so.1"}, nil)
	p.OS, p.Arch = "darwin", "arm64"
	found, err := library.Find(p)
	require.NoError(t, err)
	require.Equal(t, "/opt/homebrew/lib/libonnxruntime.1.27.1.dylib", found.Path)

	p = places([]string{"users/ada/.cache/accelbench/onnxruntime/custom/onnxruntime.dll"}, nil)
	p.OS = "windows"
	found, err = library.Find(p)
	require.NoError(t, err)
	require.Equal(t, "/users/ada/.cache/accelbench/onnxruntime/custom/onnxruntime.dll", found.Path)
}

func TestFindSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name, flag string
		env        map[string]string
		want       string
	}{
		{"flag", "/a/none.so", nil, "--ort-lib names /a/none.so: file does not exist"},
		{"flag before a good variable", "/a/none.so", map[string]string{"ORT_LIB": "/a/x.so"}, "--ort-lib names /a/none.so"},
		{"variable", "", map[string]string{"ORT_LIB": "/a/none.so", "ORT_DYLIB_PATH": "/a/x.so"}, "ORT_LIB names /a/none.so: file does not exist"},
		{"second variable", "", map[string]string{"ORT_DYLIB_PATH": "none.so"}, "ORT_DYLIB_PATH names /users/ada/work/none.so"},
		{"folder", "/a", nil, "--ort-lib names /a: that is a folder"},
		{"root", "/", nil, "--ort-lib names /: that is a folder"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := places([]string{"a/x.so", pinned}, c.env)
			p.Flag = c.flag
			_, err := library.Find(p)
			require.ErrorContains(t, err, "finding ONNX Runtime: "+c.want)
			require.NotErrorIs(t, err, devices.ErrAbsent, "what was asked for by name must not be passed over")
		})
	}
}

func TestNothingFound(t *testing.T) {
	p := places([]string{"etc/passwd"}, map[string]string{"LD_LIBRARY_PATH": "/opt/x"})
	p.FS.(fstest.MapFS)["usr/lib/libonnxruntime.so.1"] = &fstest.MapFile{Mode: fs.ModeDir}
	p.FS.(fstest.MapFS)["usr/lib/libonnxruntime.so.1.2"] = &fstest.MapFile{Mode: fs.ModeSymlink, Data: []byte("nowhere")}
	_, err := library.Find(p)
	require.ErrorIs(t, err, devices.ErrAbsent)
	for _, text := range []string{"/users/ada/.cache/accelbench/onnxruntime", "/opt/x, /usr/local/lib, /usr/lib/x86_64-linux-gnu,",
		"Python", "accelbench setup onnxruntime"} {
		require.ErrorContains(t, err, text)
	}
	require.NotContains(t, err.Error(), "\n")
	p.Cache = ""
	_, err = library.Find(p)
	require.ErrorIs(t, err, devices.ErrAbsent)
}

func TestHereFindsWhatIsNamed(t *testing.T) {
	t.Setenv("ORT_LIB", "/somewhere/else")
	dir := t.TempDir()
	path := put(t, dir, "x.so", []byte("abc"))
	t.Chdir(dir)
	found, err := library.Find(library.Here("x.so"))
	require.NoError(t, err)
	require.Equal(t, library.SourceFlag, found.Source)
	sum, err := library.Digest(found.Path)
	require.NoError(t, err)
	require.Equal(t, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", sum)
	require.NoError(t, os.Remove(path))
	_, err = library.Find(library.Here(path))
	require.ErrorContains(t, err, path+": no such file")
	_, err = library.Digest(path)
	require.ErrorIs(t, err, fs.ErrNotExist)
}
