package plugin

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/devices"
)

// Source says why a plugin was taken.
type Source string

// The sources, in the order in which they are asked.
const (
	SourceFlag   Source = "--pjrt-plugin"
	SourceEnv    Source = "PJRT_PLUGIN"
	SourcePython Source = "python"
	SourceSystem Source = "system"
)

// Places is where Find looks.
type Places struct {
	// FS is the file system from the root: /usr/lib is "usr/lib".
	FS fs.FS
	// Getenv reads the environment.
	Getenv func(string) string
	// Flag is the path that the user gave, empty if none.
	Flag string
	// Dir is the absolute path of the working directory, to which paths that the user gave are relative.
	Dir string
}

// Here is this machine. Flag is the path that the user gave, empty if none.
func Here(flag string) Places {
	p := Places{FS: os.DirFS("/"), Getenv: os.Getenv, Flag: flag}
	p.Dir, _ = os.Getwd() // a process without a working directory takes absolute paths only
	return p
}

// Found is a plugin file on the machine.
type Found struct {
	Path   string
	Source Source
}

// Named is the plugin that the user named, by the flag or else by PJRT_PLUGIN; its path is empty if none.
func (p Places) Named() Found {
	for _, given := range []Found{{p.Flag, SourceFlag}, {p.Getenv(string(SourceEnv)), SourceEnv}} {
		if given.Path == "" {
			continue
		}
		if !filepath.IsAbs(given.Path) {
			given.Path = filepath.Join(p.Dir, given.Path)
		}
		return given
	}
	return Found{}
}

// Find returns the first plugin for the platform: the one that the user named; one in a Python environment, of the active
// environments, the user and the system, newest first; for TPUs, the library in the system's folders. It looks at names
// only and loads nothing. A plugin for the CPU is taken only if it is named.
//
// A plugin that was named and is not there is an error, never a reason to look further. One whose name says that it is for
// another platform gives an error that wraps devices.ErrUnsupported, as does the CPU without one. Nothing found is an error that wraps devices.ErrAbsent
// and tells where one comes from.
func Find(p Places, platform Platform) (Found, error) {
	if named := p.Named(); named.Path != "" {
		if err := p.isFile(named.Path); err != nil {
			return Found{}, fmt.Errorf("finding the PJRT plugin: %s names %s: %w: %w", named.Source, filepath.Base(named.Path), err, devices.ErrAbsent)
		}
		if of := platformOf(filepath.Base(named.Path)); of != "" && of != platform {
			return Found{}, fmt.Errorf("finding a PJRT plugin for %s: %s names one for %s: %w", platform, named.Source, of, devices.ErrUnsupported)
		}
		return named, nil
	}
	if platform == CPU {
		return Found{}, fmt.Errorf("finding a PJRT plugin for the CPU: %w: none is looked for; name one with --pjrt-plugin or %s", devices.ErrUnsupported, SourceEnv)
	}
	for _, root := range p.pythonRoots() {
		for _, pattern := range patterns(platform) {
			if files := p.files(literal(root) + "/" + pattern); len(files) > 0 {
				return Found{files[len(files)-1], SourcePython}, nil // the names sort by version
			}
		}
	}
	if platform == TPU {
		for _, dir := range []string{"/lib", "/usr/lib", "/usr/local/lib"} {
			if file := dir + "/libtpu.so"; p.isFile(file) == nil {
				return Found{file, SourceSystem}, nil
			}
		}
	}
	return Found{}, fmt.Errorf("finding a PJRT plugin for %s: %w: none is named by --pjrt-plugin or %s, and no Python environment has %s: %s",
		platform, devices.ErrAbsent, SourceEnv, strings.Join(patterns(platform), " or "), remedy(platform))
}

// patterns are the files below site-packages that are plugins for the platform, the newest first.
func patterns(platform Platform) []string {
	switch platform {
	case CUDA:
		return []string{"jax_plugins/xla_cuda13/xla_cuda_plugin.so", "jax_plugins/xla_cuda12/xla_cuda_plugin.so"}
	case ROCm:
		return []string{"jax_plugins/xla_rocm*/xla_rocm_plugin.so"}
	case TPU:
		return []string{"libtpu/libtpu.so"}
	case Neuron:
		return []string{"libneuronxla/libneuronpjrt.so"}
	}
	return nil
}

// remedy says where a plugin comes from.
func remedy(platform Platform) string {
	install := map[Platform]string{CUDA: `"jax[cuda13]"`, ROCm: "jax-rocm7-plugin jax-rocm7-pjrt", TPU: "libtpu", Neuron: "libneuronxla"}[platform]
	return "pip install " + install + " in a virtual environment, activate it (VIRTUAL_ENV), and run again"
}

// platformOf is the platform that a file's name tells; empty if it tells none.
func platformOf(name string) Platform {
	name = strings.ToLower(name)
	for _, known := range []struct {
		word string
		of   Platform
	}{{"cuda", CUDA}, {"rocm", ROCm}, {"tpu", TPU}, {"neuron", Neuron}, {"cpu", CPU}} {
		if strings.Contains(name, known.word) {
			return known.of
		}
	}
	return ""
}

// pythonRoots are the folders in which Python's packages lie, in the order in which they count.
func (p Places) pythonRoots() []string {
	var roots []string
	add := func(patterns ...string) {
		for _, pattern := range patterns {
			found := p.glob(pattern)
			slices.Reverse(found) // later versions of Python first
			roots = append(roots, found...)
		}
	}
	for _, variable := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if root := p.Getenv(variable); path.IsAbs(root) {
			add(literal(root)+"/lib/python3*/site-packages", literal(root)+"/lib64/python3*/site-packages")
		}
	}
	if home := p.Getenv("HOME"); path.IsAbs(home) {
		add(literal(home) + "/.local/lib/python3*/site-packages")
	}
	for _, root := range []string{"/usr/local", "/usr"} {
		add(root+"/lib/python3*/site-packages", root+"/lib64/python3*/site-packages", root+"/lib/python3*/dist-packages", root+"/lib/python3/dist-packages")
	}
	return roots
}

// literal makes a path a pattern that matches that path alone.
func literal(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path.Clean(dir))
}

// glob lists absolute paths. The patterns are this file's own, so that none is malformed; what cannot be read matches nothing.
func (p Places) glob(pattern string) []string {
	matches, _ := fs.Glob(p.FS, inFS(pattern))
	for i := range matches {
		matches[i] = "/" + matches[i]
	}
	return matches
}

func (p Places) files(pattern string) []string {
	return slices.DeleteFunc(p.glob(pattern), func(file string) bool { return p.isFile(file) != nil })
}

// isFile is nil if there is a file at an absolute path, or a link to one.
func (p Places) isFile(file string) error {
	info, err := fs.Stat(p.FS, inFS(file))
	switch {
	case err != nil:
		return withoutPath(err)
	case !info.Mode().IsRegular():
		return errors.New("that is no file")
	}
	return nil
}

// inFS is an absolute path as a file system from the root names it.
func inFS(file string) string {
	if name := strings.TrimPrefix(path.Clean(filepath.ToSlash(file)), "/"); name != "" {
		return name
	}
	return "."
}

// CUDALibraries is the folder with NVIDIA's libraries in which a plugin for CUDA looks, relative to its own: one or two levels
// above it, "nvidia". False if there is none; the plugin then finds them on the loader's path or not at all.
func (p Places) CUDALibraries(file string) (string, bool) {
	dir := path.Dir(filepath.ToSlash(file))
	for range 2 {
		dir = path.Dir(dir)
		folder := path.Join(dir, "nvidia")
		if info, err := fs.Stat(p.FS, inFS(folder)); err == nil && info.IsDir() {
			return folder, true
		}
	}
	return "", false
}

// CUDAData is the folder below NVIDIA's libraries with the device code that XLA's compiler links in; false if there is none.
func (p Places) CUDAData(libraries string) (string, bool) {
	for _, sub := range []string{"cu13", "cuda_nvcc"} {
		folder := path.Join(libraries, sub)
		if info, err := fs.Stat(p.FS, inFS(folder+"/nvvm/libdevice")); err == nil && info.IsDir() {
			return folder, true
		}
	}
	return "", false
}
