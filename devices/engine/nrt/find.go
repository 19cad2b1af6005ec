package nrt

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// LibraryVariable is the environment variable that names the library; a flag of the command line sets it for workers.
const LibraryVariable = "ACCELBENCH_NRT_LIB"

// Source tells where a library was found.
type Source string

// The places, in order of preference.
const (
	SourceNamed  Source = "--nrt-lib or " + LibraryVariable
	SourceVendor Source = "/opt/aws/neuron/lib"
	SourceLoader Source = "the system's loader"
)

// soname is what the loader knows the library by.
const soname = "libnrt.so.1"

// Found is a library: a file, or a name for the loader.
type Found struct {
	Path   string
	Source Source
}

func (f Found) name() string { return filepath.Base(f.Path) }

// Places is where to look.
type Places struct {
	FS     fs.FS // from the root
	Getenv func(string) string
}

// Here are the places of this machine.
func Here() Places { return Places{os.DirFS("/"), os.Getenv} }

// Find finds the library: the one that is named, the vendor's, or what the system's loader finds by name, which is known only
// when it is opened. A library that is named and not there is an error.
func Find(p Places) (Found, error) {
	if named := p.Getenv(LibraryVariable); named != "" {
		if !path.IsAbs(named) {
			return Found{}, fmt.Errorf("the library that %s names must have an absolute path, not %q", SourceNamed, filepath.Base(named))
		}
		if !p.isFile(named) {
			return Found{}, fmt.Errorf("the library that %s names is not there: no file %s", SourceNamed, path.Base(named))
		}
		return Found{path.Clean(named), SourceNamed}, nil
	}
	for _, name := range []string{soname, "libnrt.so"} {
		if file := path.Join(string(SourceVendor), name); p.isFile(file) {
			return Found{file, SourceVendor}, nil
		}
	}
	return Found{soname, SourceLoader}, nil
}

func (p Places) isFile(absolute string) bool {
	info, err := fs.Stat(p.FS, strings.TrimPrefix(path.Clean(absolute), "/"))
	return err == nil && info.Mode().IsRegular()
}

// digestOf identifies a file.
func digestOf(path string) (string, error) {
	in, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("reading the library: %w", errors.Unwrap(err))
	}
	sum := sha256.New()
	_, err = io.Copy(sum, in)
	if err := errors.Join(err, in.Close()); err != nil {
		return "", fmt.Errorf("reading the library: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// compilerName is the vendor's compiler. Virtual environments of the vendor's machine images have been seen in public code.
const (
	compilerName = "neuronx-cc"
	environments = "/opt/aws_neuronx_venv*/bin/" + compilerName
)

// findCompiler looks in the path, then in the newest of the vendor's environments.
func findCompiler() (string, error) {
	if found, err := exec.LookPath(compilerName); err == nil {
		return filepath.Abs(found)
	}
	matches, _ := filepath.Glob(environments) // the pattern is well-formed
	if len(matches) > 0 {
		return slices.Max(matches), nil
	}
	return "", errors.New("the compiler " + compilerName + " is not on this machine")
}
