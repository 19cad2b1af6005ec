//go:build !noort && linux && !android && (amd64 || arm64)

package libnrt

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"

	"github.com/accelbench/accelbench/internal/clib"
)

// Library is the loaded runtime. It stays loaded.
type Library struct {
	functions [functionCount]uintptr // 0 for an optional one that is missing
	version   string
}

// Open loads the library at a path, or where the system's loader finds a bare file name. The errors are the loader's own, or
// name a function that is missing.
func Open(path string) (*Library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("opening the Neuron runtime: %w", err)
	}
	l := &Library{}
	for f := range functionCount {
		if l.functions[f], err = purego.Dlsym(handle, f.String()); err != nil && !f.optional() {
			return nil, fmt.Errorf("not a Neuron runtime that is known here: %w", err)
		}
	}
	var v cVersion
	if err := l.status(fnVersion, uintptr(unsafe.Pointer(&v)), unsafe.Sizeof(v)); err != nil {
		return nil, err
	}
	l.version = v.String()
	return l, nil
}

// call calls a function without a result. The directive moves what the arguments point to to the heap and keeps it there
// until the call is over.
//
//go:uintptrescapes
func (l *Library) call(f function, args ...uintptr) uintptr {
	result, _, _ := purego.SyscallN(l.functions[f], args...)
	return result
}

// status calls a function that returns a status, and makes an *Error of it.
//
//go:uintptrescapes
func (l *Library) status(f function, args ...uintptr) error {
	if l.functions[f] == 0 {
		return fmt.Errorf("%s is not in this release of the runtime", f)
	}
	result, _, _ := purego.SyscallN(l.functions[f], args...)
	s := Status(int32(result))
	if s == Success {
		return nil
	}
	err := &Error{Call: f.String(), Status: s}
	if l.functions[fnStatusText] != 0 {
		err.Text = clib.Text(l.call(fnStatusText, uintptr(s)))
	}
	return err
}

// Version is the runtime's version, as 2.34.10.0.
func (l *Library) Version() string { return l.version }

// VisibleCores is the number of logical cores that this process may use. It may be called before Init.
func (l *Library) VisibleCores() (int, error) {
	var n uint32
	err := l.status(fnVisibleCores, uintptr(unsafe.Pointer(&n)))
	return int(n), err
}

// Instance is the kind of machine. It may be called before Init.
func (l *Library) Instance() (Instance, error) {
	var i cInstance
	if err := l.status(fnInstance, uintptr(unsafe.Pointer(&i)), unsafe.Sizeof(i)); err != nil {
		return Instance{}, err
	}
	return i.instance(), nil
}

// Init starts the runtime and reserves the visible cores for this process.
func (l *Library) Init() error {
	var empty [1]byte
	p := uintptr(unsafe.Pointer(&empty))
	return l.status(fnInit, noFramework, p, p)
}

// Close ends the runtime and gives the cores back.
func (l *Library) Close() { l.call(fnClose) }

// Memory is the device memory of a logical core, in bytes: in use, and all there is. An error tells a runtime that is too old
// to say.
func (l *Library) Memory(core int) (used, limit uint64, err error) {
	var m cMemory
	var size uint64
	err = l.status(fnMemory, uintptr(core), uintptr(unsafe.Pointer(&m)), unsafe.Sizeof(m), uintptr(unsafe.Pointer(&size)))
	return m.used, m.limit, err
}

// address is where data lies, never nil.
func address(data []byte) unsafe.Pointer {
	if len(data) == 0 {
		return unsafe.Pointer(new(byte))
	}
	return unsafe.Pointer(unsafe.SliceData(data))
}

// keep holds data in memory until here.
func keep(data any) { runtime.KeepAlive(data) }
