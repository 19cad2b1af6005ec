//go:build !noort && (amd64 || arm64)

package ort

import (
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

// load opens a shared library. What it needs may lie beside it when the path is absolute.
func load(path string) (uintptr, error) {
	flags := uintptr(windows.LOAD_LIBRARY_SEARCH_DEFAULT_DIRS)
	if filepath.IsAbs(path) {
		flags |= windows.LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR
	}
	library, err := windows.LoadLibraryEx(path, 0, flags)
	return uintptr(library), err
}

// symbol is the address of a library's function.
func symbol(library uintptr, name string) (uintptr, error) {
	return windows.GetProcAddress(windows.Handle(library), name)
}

// cPath is a path as the library takes it: UTF-16.
func cPath(path string) (unsafe.Pointer, error) {
	p, err := windows.UTF16PtrFromString(path)
	return unsafe.Pointer(p), err
}
