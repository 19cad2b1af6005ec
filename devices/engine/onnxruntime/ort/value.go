//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"unsafe"

	"github.com/accelbench/accelbench/internal/clib"
)

// Value is a tensor. It must not be closed while a call uses it.
type Value struct {
	l      *Library
	handle atomic.Uintptr // 0 once closed
	owner  *Session       // closes the value at the latest; nil for memory of Go
	elem   ElemType
	shape  []int64
	memory Memory
	data   []byte // the memory of Go that the library borrows, nil where the library has its own
}

// NewValue makes a tensor of the caller's memory: nothing is copied, what the library writes appears in data. The length of data
// must be the tensor's size. The Value keeps data alive, and so does every session and binding that was given the Value.
func (l *Library) NewValue(data []byte, t ElemType, shape []int64) (*Value, error) {
	size, err := t.ByteSize(shape)
	if err != nil {
		return nil, err
	}
	if size != len(data) {
		return nil, fmt.Errorf("making a tensor of %v%v: it takes %d bytes, got %d", t, shape, size, len(data))
	}
	start := first(data)
	if width := uintptr(max(t.Size(), 1)); uintptr(start)%width != 0 {
		return nil, fmt.Errorf("making a tensor of %v%v: its memory is not aligned to %d bytes", t, shape, width)
	}
	v := &Value{l: l, elem: t, shape: slices.Clone(shape), memory: Memory{Name: "Cpu"}, data: data}
	var handle uintptr
	if err := l.status(slotCreateTensorWithDataAsOrtValue, l.cpu, uintptr(start), uintptr(len(data)), uintptr(first(v.shape)),
		uintptr(len(shape)), uintptr(t), uintptr(unsafe.Pointer(&handle))); err != nil {
		return nil, fmt.Errorf("making a tensor of %v%v: %w", t, shape, err)
	}
	v.handle.Store(handle)
	return v, nil
}

// received makes a Value of one that the library allocated. The session closes it at the latest.
func (s *Session) received(handle uintptr) (*Value, error) {
	v := &Value{l: s.l, owner: s, memory: Memory{Name: "Cpu"}}
	var is int32
	if err := s.l.status(slotIsTensor, handle, uintptr(unsafe.Pointer(&is))); err != nil {
		return nil, err
	}
	if is == 0 {
		return nil, errors.New("it is not a tensor")
	}
	var info uintptr
	err := s.l.status(slotGetTensorTypeAndShape, handle, uintptr(unsafe.Pointer(&info)))
	if err != nil {
		return nil, err
	}
	defer func() { s.l.call(slotReleaseTensorTypeAndShapeInfo, info) }()
	if v.elem, v.shape, err = s.l.tensorInfo(info); err != nil {
		return nil, err
	}
	v.handle.Store(handle)
	s.adopt(v)
	return v, nil
}

// Type is the type of the elements.
func (v *Value) Type() ElemType { return v.elem }

// Shape is a copy of the dimensions; none is a scalar.
func (v *Value) Shape() []int64 { return slices.Clone(v.shape) }

// Bytes is the tensor's memory, without a copy, in the machine's byte order. Memory that the library allocated is gone with
// Close: do not use the bytes after it. Memory of a device cannot be read.
func (v *Value) Bytes() ([]byte, error) {
	handle := v.handle.Load()
	if handle == 0 {
		return nil, fmt.Errorf("reading a value: %w", ErrClosed)
	}
	if v.memory.Name != "Cpu" {
		return nil, fmt.Errorf("reading a value: its memory is on %s:%d, bind a value of the CPU instead", v.memory.Name, v.memory.Device)
	}
	if v.data != nil {
		return v.data, nil
	}
	size, err := v.elem.ByteSize(v.shape)
	if err != nil {
		return nil, fmt.Errorf("reading a value: %w", err)
	}
	if size == 0 {
		return []byte{}, nil
	}
	var start uintptr
	if err := v.l.status(slotGetTensorMutableData, handle, uintptr(unsafe.Pointer(&start))); err != nil {
		return nil, fmt.Errorf("reading a value: %w", err)
	}
	return unsafe.Slice((*byte)(clib.Pointer(start)), size), nil
}

// Close releases the tensor, and its memory where the library allocated that.
func (v *Value) Close() error {
	if v.owner == nil {
		v.release()
		return nil
	}
	if v.owner.enter() != nil {
		return nil // closed with its session
	}
	defer v.owner.leave()
	v.release()
	v.owner.mu.Lock()
	defer v.owner.mu.Unlock()
	delete(v.owner.values, v)
	return nil
}

func (v *Value) release() {
	if handle := v.handle.Swap(0); handle != 0 {
		v.l.call(slotReleaseValue, handle)
	}
	runtime.KeepAlive(v.data)
}
