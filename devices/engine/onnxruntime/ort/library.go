//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/accelbench/accelbench/internal/clib"
)

// Library is one loaded ONNX Runtime with its environment. It stays loaded. Its methods may be called from several goroutines.
type Library struct {
	api       uintptr // OrtApi, the table of functions
	env       uintptr
	allocator uintptr // the library's own, for the names that it gives
	cpu       uintptr // the memory info of Go's memory
	version   string
}

// Open loads the library at an absolute path, or where the system's loader finds a bare file name. The errors are the loader's
// own, or say that the file is no ONNX Runtime or too old a one.
func Open(path string) (*Library, error) {
	l, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("opening ONNX Runtime %s: %w", path, err)
	}
	return l, nil
}

func open(path string) (*Library, error) {
	if path == "" || path != filepath.Base(path) && !filepath.IsAbs(path) {
		return nil, fmt.Errorf("the library %q must be an absolute path or a bare file name", path)
	}
	if strings.ContainsRune(path, 0) {
		return nil, errors.New("the path has a zero byte")
	}
	library, err := load(path)
	if err != nil {
		return nil, err
	}
	getBase, err := symbol(library, "OrtGetApiBase")
	if err != nil {
		return nil, fmt.Errorf("not an ONNX Runtime library: %w", err)
	}
	l, err := newLibrary(getBase)
	if err != nil {
		return nil, err
	}
	if err := l.start(); err != nil {
		return nil, err
	}
	return l, nil
}

// newLibrary asks for the table. Too old a library writes to stderr when asked for more than it has, so its version is read first.
func newLibrary(getBase uintptr) (*Library, error) {
	base := callAddress(getBase)
	if base == 0 {
		return nil, errors.New("not an ONNX Runtime library: it has no API")
	}
	entries := (*[2]uintptr)(clib.Pointer(base)) // GetApi, GetVersionString
	if entries[0] == 0 || entries[1] == 0 {
		return nil, errors.New("not an ONNX Runtime library: its API is empty")
	}
	l := &Library{version: clib.Text(callAddress(entries[1]))}
	old, err := tooOld(l.version)
	if err != nil {
		return nil, err
	}
	if !old {
		l.api = callAddress(entries[0], apiVersion)
	}
	if l.api == 0 {
		return nil, fmt.Errorf("version %s has no version %d of the API: 1.%d or a later one is needed",
			l.version, apiVersion, oldestMinor)
	}
	return l, nil
}

// tooOld reads a version like "1.30.0".
func tooOld(version string) (bool, error) {
	first, rest, _ := strings.Cut(version, ".")
	second, _, _ := strings.Cut(rest, ".")
	major, errMajor := strconv.Atoi(first)
	minor, errMinor := strconv.Atoi(second)
	if errMajor != nil || errMinor != nil {
		return false, fmt.Errorf("not an ONNX Runtime library: its version is %q", version)
	}
	return major < 1 || major == 1 && minor < oldestMinor, nil
}

// start makes the environment and tries what every build must be able to do.
func (l *Library) start() error {
	providers, err := l.Providers()
	if err != nil {
		return err
	}
	if !slices.Contains(providers, "CPUExecutionProvider") {
		return fmt.Errorf("version %s lists the execution providers %q without the CPU's: its API is not understood",
			l.version, providers)
	}
	const errorsOnly = 3
	name, err := clib.String("accelbench")
	if err != nil {
		return err
	}
	if err := l.status(slotCreateEnv, errorsOnly, uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(&l.env))); err != nil {
		return fmt.Errorf("making the environment: %w", err)
	}
	if err := l.status(slotGetAllocatorWithDefaultOptions, uintptr(unsafe.Pointer(&l.allocator))); err != nil {
		return fmt.Errorf("finding the allocator: %w", err)
	}
	if l.cpu, err = l.memoryInfo(Memory{Name: "Cpu"}); err != nil {
		return err
	}
	return nil
}

// memoryInfo makes the library's description of a memory.
func (l *Library) memoryInfo(m Memory) (uintptr, error) {
	const deviceAllocator, defaultMemory = 0, 0
	name, err := clib.String(m.Name)
	if err != nil {
		return 0, err
	}
	var info uintptr
	if err := l.status(slotCreateMemoryInfo, uintptr(unsafe.Pointer(name)), deviceAllocator, uintptr(m.Device), defaultMemory,
		uintptr(unsafe.Pointer(&info))); err != nil {
		return 0, fmt.Errorf("describing the memory %s:%d: %w", m.Name, m.Device, err)
	}
	return info, nil
}

// Version is the library's version, as 1.30.0.
func (l *Library) Version() string { return l.version }

// Providers lists the execution providers that the library was built with, in its order. Whether one can be used, CheckProvider
// tells.
func (l *Library) Providers() ([]string, error) {
	var list uintptr
	var n int32
	if err := l.status(slotGetAvailableProviders, uintptr(unsafe.Pointer(&list)), uintptr(unsafe.Pointer(&n))); err != nil {
		return nil, fmt.Errorf("listing execution providers: %w", err)
	}
	names := make([]string, n)
	for i, word := range unsafe.Slice((*uintptr)(clib.Pointer(list)), n) {
		names[i] = clib.Text(word)
	}
	if err := l.status(slotReleaseAvailableProviders, list, uintptr(n)); err != nil {
		return nil, fmt.Errorf("listing execution providers: %w", err)
	}
	return names, nil
}

// takeText copies a C string that the library allocated, and frees it.
func (l *Library) takeText(word uintptr) (string, error) {
	s := clib.Text(word)
	return s, l.status(slotAllocatorFree, l.allocator, word)
}
