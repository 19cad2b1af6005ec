//go:build !noort && linux && !android && (amd64 || arm64)

package libnrt

import (
	"fmt"
	"unsafe"

	"github.com/accelbench/accelbench/internal/clib"
)

// Model is a program on a logical core.
type Model struct {
	l      *Library
	handle uintptr // 0 once closed
}

// Load puts a NEFF on a logical core, of those visible to the process, counted from 0.
func (l *Library) Load(neff []byte, core int) (*Model, error) {
	m := &Model{l: l}
	err := l.status(fnLoad, uintptr(address(neff)), uintptr(len(neff)), uintptr(core), autoCount, uintptr(unsafe.Pointer(&m.handle)))
	keep(neff)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// Tensors are the inputs and outputs of the model.
func (m *Model) Tensors() ([]TensorInfo, error) {
	if m.handle == 0 {
		return nil, ErrClosed
	}
	var array uintptr
	if err := m.l.status(fnTensorInfo, m.handle, uintptr(unsafe.Pointer(&array))); err != nil {
		return nil, err
	}
	if array == 0 {
		return nil, fmt.Errorf("%s gave nothing", fnTensorInfo)
	}
	defer m.l.call(fnFreeTensorInfo, array)
	count := *(*uint64)(clib.Pointer(array))
	if count > maxTensors {
		return nil, fmt.Errorf("%s: %d tensors are more than any model has: the runtime's structures are not as known here", fnTensorInfo, count)
	}
	entries := unsafe.Slice((*cTensorInfo)(unsafe.Add(clib.Pointer(array), unsafe.Sizeof(count))), count)
	out := make([]TensorInfo, count)
	for i := range entries {
		var err error
		if out[i], err = entries[i].info(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *cTensorInfo) info() (TensorInfo, error) {
	t := TensorInfo{Name: cText(c.name[:]), Input: c.usage == usageInput, Bytes: int64(c.size)}
	if c.usage != usageInput && c.usage != usageOutput || t.Name == "" || t.Bytes < 0 || c.ndim > maxDims || c.ndim > 0 && c.shape == 0 {
		return t, fmt.Errorf("%s: tensor %q with usage %d and %d dimensions: the runtime's structures are not as known here", fnTensorInfo,
			t.Name, c.usage, c.ndim)
	}
	t.DType, t.Type = dtypeOf(c.dtype)
	if c.ndim > 0 {
		for _, d := range unsafe.Slice((*uint32)(clib.Pointer(c.shape)), c.ndim) {
			t.Shape = append(t.Shape, int(d))
		}
	}
	return t, nil
}

// Execute runs the model once and returns when the chip is done.
func (m *Model) Execute(in, out *Set) error {
	if m.handle == 0 || in.handle == 0 || out.handle == 0 {
		return ErrClosed
	}
	return m.l.status(fnExecute, m.handle, in.handle, out.handle)
}

// Close takes the model off its core.
func (m *Model) Close() error {
	if m.handle == 0 {
		return nil
	}
	handle := m.handle
	m.handle = 0
	return m.l.status(fnUnload, handle)
}

// Tensor is device memory of a logical core.
type Tensor struct {
	l      *Library
	handle uintptr // 0 once closed
	size   int64
}

// NewTensor allocates size bytes. Their content is not defined.
func (l *Library) NewTensor(core int, size int64, name string) (*Tensor, error) {
	label, err := clib.String(name)
	if err != nil {
		return nil, err
	}
	t := &Tensor{l: l, size: size}
	err = l.status(fnNewTensor, placementDevice, uintptr(core), uintptr(size), uintptr(unsafe.Pointer(label)), uintptr(unsafe.Pointer(&t.handle)))
	if err != nil {
		return nil, fmt.Errorf("allocating %d bytes for %s: %w", size, name, err)
	}
	return t, nil
}

// Size is the number of bytes.
func (t *Tensor) Size() int64 { return t.size }

// Write copies data to the tensor, from the offset on.
func (t *Tensor) Write(data []byte, offset int64) error { return t.move(fnWrite, data, offset) }

// Read copies the tensor, from the offset on, until data is full.
func (t *Tensor) Read(data []byte, offset int64) error { return t.move(fnRead, data, offset) }

func (t *Tensor) move(f function, data []byte, offset int64) error {
	if t.handle == 0 {
		return ErrClosed
	}
	if offset < 0 || offset > t.size || int64(len(data)) > t.size-offset {
		return fmt.Errorf("%s: %d bytes at %d of a tensor of %d", f, len(data), offset, t.size)
	}
	if len(data) == 0 {
		return nil
	}
	err := t.l.status(f, t.handle, uintptr(address(data)), uintptr(offset), uintptr(len(data)))
	keep(data)
	return err
}

// Close frees the memory.
func (t *Tensor) Close() {
	if t.handle != 0 {
		t.l.call(fnFreeTensor, uintptr(unsafe.Pointer(&t.handle)))
		t.handle = 0
	}
}

// Set binds tensors to names, for the inputs or the outputs of an execution.
type Set struct {
	l      *Library
	handle uintptr // 0 once closed
}

// NewSet makes a set without tensors.
func (l *Library) NewSet() (*Set, error) {
	s := &Set{l: l}
	if err := l.status(fnNewSet, uintptr(unsafe.Pointer(&s.handle))); err != nil {
		return nil, err
	}
	return s, nil
}

// Add binds a tensor to a name. The tensor must live as long as the set.
func (s *Set) Add(name string, t *Tensor) error {
	if s.handle == 0 || t.handle == 0 {
		return fmt.Errorf("binding %q: %w", name, ErrClosed)
	}
	label, err := clib.String(name)
	if err != nil {
		return err
	}
	if err := s.l.status(fnAddToSet, s.handle, uintptr(unsafe.Pointer(label)), t.handle); err != nil {
		return fmt.Errorf("binding %q: %w", name, err)
	}
	return nil
}

// Close gives the set up; the tensors stay.
func (s *Set) Close() {
	if s.handle != 0 {
		s.l.call(fnFreeSet, uintptr(unsafe.Pointer(&s.handle)))
		s.handle = 0
	}
}
