// Package library knows where the ONNX Runtime shared library is, and how it gets into the user's cache.
//
// The flow: [Find] looks for a library on the machine, in a fixed order, and reports its path and why it was taken; the
// engine loads that file and puts its [Digest] into every result. [Install] and [InstallFrom] are the two ways by which a
// library gets into the cache, where Find looks: the pinned release through npm or over HTTPS, or a copy of what the user
// has.
//
// The room's one rule: nothing is ever downloaded without the command. Only Install reaches the network, only
// accelbench setup calls it, and what it gets is refused unless its SHA-256 is the pinned one.
package library

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/accelbench/accelbench/devices"
)

// Version is the release of ONNX Runtime that Install gets.
const Version = "1.30.0"

// customFolder is the folder in the cache for a library that is not the pinned one.
const customFolder = "custom"

// Source says why a library was taken.
type Source string

// The sources, in the order in which they are asked.
const (
	SourceFlag   Source = "--ort-lib"
	SourceEnv    Source = "ORT_LIB"
	SourceDylib  Source = "ORT_DYLIB_PATH"
	SourceCache  Source = "cache"
	SourceSystem Source = "system"
	SourcePython Source = "python"
)

// Places is where Find looks.
type Places struct {
	// FS is the file system from the root: /usr/lib is "usr/lib".
	FS fs.FS
	// Getenv reads the environment.
	Getenv func(string) string
	// OS and Arch are the platform, as in GOOS and GOARCH.
	OS, Arch string
	// Cache is the absolute path of the user's cache folder, in which all programs have theirs; empty if there is none.
	Cache string
	// Flag is the path that the user gave, empty if none.
	Flag string
	// Dir is the absolute path of the working directory, to which paths that the user gave are relative.
	Dir string
}

// Here is this machine. Flag is the path that the user gave, empty if none.
func Here(flag string) Places {
	p := Places{FS: os.DirFS("/"), Getenv: os.Getenv, OS: runtime.GOOS, Arch: runtime.GOARCH, Flag: flag}
	// A machine without a home has no cache, and a process without a working directory takes absolute paths only.
	p.Cache, _ = os.UserCacheDir()
	p.Dir, _ = os.Getwd()
	return p
}

// Found is a library file on the machine.
type Found struct {
	Path   string
	Source Source
}

// Find returns the first library in this order: the flag; the environment, ORT_LIB before ORT_DYLIB_PATH; the cache, a
// library of the user's own before the pinned one; the folders in which the system's loader looks, and /opt; Python's
// packages. It looks at names only and loads nothing.
//
// A flag or variable that names no file is an error, never a reason to look further. Nothing found is an error that wraps
// devices.ErrAbsent and lists where it looked.
func Find(p Places) (Found, error) {
	for _, given := range []Found{{p.Flag, SourceFlag}, {p.Getenv("ORT_LIB"), SourceEnv}, {p.Getenv("ORT_DYLIB_PATH"), SourceDylib}} {
		if given.Path == "" {
			continue
		}
		file := given.Path
		if !filepath.IsAbs(file) {
			file = filepath.Join(p.Dir, file)
		}
		if err := p.isFile(file); err != nil {
			return Found{}, fmt.Errorf("finding ONNX Runtime: %s names %s: %w", given.Source, file, err)
		}
		return Found{file, given.Source}, nil
	}
	for _, folder := range []string{customFolder, Version} {
		if file := cachePath(p.Cache, p.OS, folder); p.Cache != "" && p.isFile(file) == nil {
			return Found{file, SourceCache}, nil
		}
	}
	system := p.systemDirs()
	for _, dir := range p.expand(system) {
		if file, _ := p.best(dir); file != "" {
			return Found{file, SourceSystem}, nil
		}
	}
	for _, group := range p.pythonDirs() {
		if file := p.newest(p.expand(group)); file != "" {
			return Found{file, SourcePython}, nil
		}
	}
	cache := "in the cache"
	if p.Cache != "" {
		cache += " (" + filepath.Join(p.Cache, "accelbench", "onnxruntime") + ")"
	}
	return Found{}, fmt.Errorf("finding ONNX Runtime: %w: no library is named by --ort-lib or ORT_LIB, and none is %s, in %s, "+
		"or in Python's packages: get it with accelbench setup onnxruntime", devices.ErrAbsent, cache, strings.Join(system, ", "))
}

// CachePath is where Install puts the pinned library for an operating system; cache is the user's cache folder.
func CachePath(cache, goos string) string { return cachePath(cache, goos, Version) }

func cachePath(cache, goos, folder string) string {
	return filepath.Join(cache, "accelbench", "onnxruntime", folder, namesOf(goos).installed)
}

// Digest is the SHA-256 of a file, in lower-case hexadecimal digits.
func Digest(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("reading the ONNX Runtime library: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", fmt.Errorf("reading the ONNX Runtime library: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// isFile is nil if there is a file at an absolute path, or a link to one.
func (p Places) isFile(file string) error {
	info, err := fs.Stat(p.FS, inFS(file))
	switch {
	case err != nil:
		return withoutPath(err) // the path in it lacks its root
	case info.IsDir():
		return errors.New("that is a folder: name the library file in it")
	case !info.Mode().IsRegular():
		return errors.New("that is no file")
	}
	return nil
}

// inFS is an absolute path as a file system from the root names it.
func inFS(file string) string {
	file = filepath.ToSlash(strings.TrimPrefix(file, filepath.VolumeName(file)))
	if name := strings.TrimPrefix(path.Clean(file), "/"); name != "" {
		return name
	}
	return "."
}
