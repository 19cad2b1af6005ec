//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"

	"github.com/accelbench/accelbench/internal/clib"
)

// function is the address in a slot of the table.
func (l *Library) function(s slot) uintptr {
	return *(*uintptr)(unsafe.Add(clib.Pointer(l.api), uintptr(s)*unsafe.Sizeof(uintptr(0))))
}

// call calls a function that returns no status.
//
// The directive moves what the arguments point to to the heap and keeps it there until the call is over.
//
//go:uintptrescapes
func (l *Library) call(s slot, args ...uintptr) uintptr {
	result, _, _ := purego.SyscallN(l.function(s), args...)
	return result
}

// status calls a function that returns a status, and makes an *Error of it.
//
//go:uintptrescapes
func (l *Library) status(s slot, args ...uintptr) error {
	f := l.function(s)
	if f == 0 {
		return &Error{Code: CodeNotImplemented, Message: fmt.Sprintf("function %d is not in this library", s)}
	}
	status, _, _ := purego.SyscallN(f, args...)
	if status == 0 {
		return nil
	}
	err := &Error{Code: Code(int32(l.call(slotGetErrorCode, status))),
		Message: strings.TrimSpace(clib.Text(l.call(slotGetErrorMessage, status)))}
	l.call(slotReleaseStatus, status)
	return err
}

// cStrings is an array of C strings. The garbage collector does not see its words, so their targets are pinned until free.
type cStrings struct {
	words  []uintptr
	pinner runtime.Pinner
}

func newCStrings(list []string) (*cStrings, error) {
	c := &cStrings{words: make([]uintptr, len(list))}
	for i, s := range list {
		p, err := clib.String(s)
		if err != nil {
			c.free()
			return nil, err
		}
		c.pinner.Pin(p)
		c.words[i] = uintptr(unsafe.Pointer(p))
	}
	return c, nil
}

func (c *cStrings) free() { c.pinner.Unpin() }

// first is the address of an array's first word, never nil: some functions refuse a null pointer even with a count of zero.
func first[T any](array []T) unsafe.Pointer {
	if len(array) == 0 {
		return unsafe.Pointer(new(uint64))
	}
	return unsafe.Pointer(&array[0])
}

// handles gives the C handles of the values, one for each name. The caller keeps the values alive.
func handles(names []string, values []*Value) ([]uintptr, error) {
	if len(names) != len(values) {
		return nil, fmt.Errorf("%d input names for %d values", len(names), len(values))
	}
	words := make([]uintptr, len(values))
	for i, v := range values {
		if v == nil {
			return nil, fmt.Errorf("input %q has no value", names[i])
		}
		if words[i] = v.handle.Load(); words[i] == 0 {
			return nil, fmt.Errorf("input %q: value: %w", names[i], ErrClosed)
		}
	}
	return words, nil
}

// callAddress calls a function that is not in the table, with plain numbers.
func callAddress(f uintptr, args ...uintptr) uintptr {
	result, _, _ := purego.SyscallN(f, args...)
	return result
}
