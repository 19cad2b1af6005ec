//go:build !noort && ((linux && !android) || (darwin && !ios)) && (amd64 || arm64)

package ort

import (
	"unsafe"

	"github.com/ebitengine/purego"

	"github.com/accelbench/accelbench/internal/clib"
)

// load opens a shared library. Its symbols stay out of the way of others.
func load(path string) (uintptr, error) {
	return purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
}

// symbol is the address of a library's function.
func symbol(library uintptr, name string) (uintptr, error) { return purego.Dlsym(library, name) }

// cPath is a path as the library takes it: bytes.
func cPath(path string) (unsafe.Pointer, error) {
	p, err := clib.String(path)
	return unsafe.Pointer(p), err
}
