//go:build !linux || !cgo || (!amd64 && !arm64)

package plugin

import "errors"

// load has no way to load a plugin.
func load(string) (uintptr, error) {
	return 0, errors.New("this program was built without the PJRT engine, which needs Linux on amd64 or arm64 and cgo: build it there with CGO_ENABLED=1")
}

func syscall(uintptr, uintptr) uintptr { return 0 }
