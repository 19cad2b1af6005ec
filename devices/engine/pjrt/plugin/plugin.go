// Package plugin finds PJRT plugins, the shared libraries by which vendors bring XLA's compiler and runtime for their devices,
// and decides whether one may be used.
//
// The flow: [Find] looks for the plugin of a platform, in a fixed order, by file names only; [Open] checks that the file is a
// whole library for this machine, loads it, asks for its table of functions and reads version and size from it; the gates in
// table.go refuse a table that the caller's side of the interface does not fit. What is left is a [Plugin] whose table can be
// called without harm.
//
// The room's one rule: no function of a plugin is called before its table has passed the gates. A missing function is a crash
// that nothing can catch.
package plugin

import (
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/accelbench/accelbench/devices"
)

// Platform is what a plugin computes on, as PJRT clients name it.
type Platform string

// The platforms that this program knows plugins of.
const (
	CUDA   Platform = "cuda"
	ROCm   Platform = "rocm"
	TPU    Platform = "tpu"
	Neuron Platform = "neuron"
	CPU    Platform = "cpu"
)

// entryPoint is the one function by which everything else of a plugin is reached.
const entryPoint = "GetPjrtApi"

// Plugin is a loaded plugin whose table of functions has passed the gates. It stays loaded.
type Plugin struct {
	// Table is the address of its PJRT_Api.
	Table uintptr
	Version
}

// Open loads the plugin at an absolute path and checks it. Every error wraps devices.ErrAbsent: the plugin is not there in a
// form that can be used.
func Open(path string) (*Plugin, error) {
	p, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the PJRT plugin %s: %w: %w", filepath.Base(path), err, devices.ErrAbsent)
	}
	return p, nil
}

func open(path string) (*Plugin, error) {
	if !filepath.IsAbs(path) {
		return nil, errors.New("its path must be absolute")
	}
	if err := checkFile(path); err != nil {
		return nil, err
	}
	table, err := load(path)
	if err != nil {
		return nil, err
	}
	v, err := parse(memory(table))
	if err != nil {
		return nil, err
	}
	return &Plugin{Table: table, Version: v}, nil
}

// checkFile returns nil if the file is a whole plugin for this process: to load one that is cut off would end it.
func checkFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return withoutPath(err)
	}
	defer func() { _ = file.Close() }() // only read
	info, err := file.Stat()
	if err != nil {
		return withoutPath(err)
	}
	return checkELF(file, info.Size(), runtime.GOARCH)
}

// checkELF looks at a file of so many bytes. The standard library's reader is not made for hostile input and may panic on it;
// that is an error here.
func checkELF(file io.ReaderAt, size int64, goarch string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("reading it as a shared library: %v", p)
		}
	}()
	f, err := elf.NewFile(file)
	if err != nil {
		return fmt.Errorf("it is no shared library: %w", withoutPath(err))
	}
	machines := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}
	if f.Type != elf.ET_DYN || f.Machine != machines[goarch] {
		return fmt.Errorf("it is no shared library for %s but %v for %v", goarch, f.Type, f.Machine)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && (p.Filesz > uint64(size) || p.Off > uint64(size)-p.Filesz) {
			return errors.New("the file is cut off: get it again")
		}
	}
	symbols, err := f.DynamicSymbols()
	if err != nil {
		return fmt.Errorf("reading its symbols: %w", err)
	}
	if !slices.ContainsFunc(symbols, func(s elf.Symbol) bool { return s.Name == entryPoint && s.Section != elf.SHN_UNDEF }) {
		return fmt.Errorf("it has no %s, so it is another library", entryPoint)
	}
	return nil
}

// Digest is the SHA-256 of a file, in lower-case hexadecimal digits.
func Digest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("reading the PJRT plugin: %w", withoutPath(err))
	}
	defer func() { _ = f.Close() }() // only read
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", fmt.Errorf("reading the PJRT plugin: %w", withoutPath(err))
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// withoutPath is what went wrong with a file without where it is: reasons are published.
func withoutPath(err error) error {
	if located := (*fs.PathError)(nil); errors.As(err, &located) {
		return located.Err
	}
	return err
}
