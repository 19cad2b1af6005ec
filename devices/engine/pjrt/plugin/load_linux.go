//go:build linux && cgo && (amd64 || arm64)

package plugin

import (
	"errors"
	"fmt"

	"github.com/ebitengine/purego"
)

// load loads the library and gives the address of its table. Functions that the library itself lacks are looked up when they are
// first called, as vendors' plugins want it.
func load(path string) (uintptr, error) {
	library, err := purego.Dlopen(path, purego.RTLD_LAZY|purego.RTLD_LOCAL)
	if err != nil {
		return 0, err
	}
	get, err := purego.Dlsym(library, entryPoint)
	if err != nil {
		return 0, fmt.Errorf("it is no PJRT plugin: %w", err)
	}
	table, _, _ := purego.SyscallN(get)
	if table == 0 {
		return 0, errors.New("it gives no table of functions")
	}
	return table, nil
}

// syscall calls a function with the address of its arguments, which must not be on a stack that moves.
//
//go:uintptrescapes
func syscall(function, args uintptr) uintptr {
	result, _, _ := purego.SyscallN(function, args)
	return result
}
