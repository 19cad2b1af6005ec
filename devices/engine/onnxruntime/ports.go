package onnxruntime

import (
	"fmt"
	"unsafe"

	"github.com/accelbench/accelbench/devices/engine/onnxruntime/ort"
	"github.com/accelbench/accelbench/workloads"
)

// copied is the size up to which an input is copied to a buffer that stays bound: a decoder's tokens come from a new address
// in each step, and copying them costs less than telling the library.
const copied = 16 << 10

// mostValues is how many addresses a port remembers: more than a pool has samples or a system keeps outputs.
const mostValues = 128

// port is an input or output of a model in one phase, and the caller's tensors that were seen there. They are bound by
// reference: a workload that only moves memory must not be charged for a second move.
type port struct {
	library *ort.Library
	name    string
	elem    ort.ElemType
	shape   []int64
	bind    func(name string, v *ort.Value) error
	// fixed is the bound buffer of a small input, nil for outputs and large inputs: an output that the library does not write
	// must show, so that it goes straight to the caller.
	fixed []byte
	// eager tells that the library copies an input when it is bound, so that it must be bound before every run.
	eager  bool
	values map[*byte]*ort.Value // by address; each keeps its memory alive, so that no other tensor comes to lie there
	bound  *byte
	// nothing is where an input without elements lies: a decoder's empty past, say.
	nothing [1]byte
}

// newPort makes the port of a graph's value.
func newPort(l *ort.Library, name string, v *workloads.Value, bind func(string, *ort.Value) error) (*port, error) {
	elem, ok := elemTypes()[v.DType]
	if !ok {
		return nil, fmt.Errorf("%s has the element type %q, which is not known", v.Name, v.DType)
	}
	return &port{library: l, name: name, elem: elem, shape: dims(v.Shape), bind: bind, values: map[*byte]*ort.Value{}}, nil
}

// set makes the tensor of the next run known to the library; its size has been checked.
func (p *port) set(t *workloads.Tensor) error {
	data := t.Bytes()
	if p.fixed != nil {
		copy(p.fixed, data)
		data = p.fixed
	}
	if len(data) == 0 {
		data = p.nothing[:0]
	}
	at := unsafe.SliceData(data)
	if p.bound == at && !p.eager {
		return nil
	}
	v, err := p.value(data)
	if err != nil {
		return err
	}
	if err := p.bind(p.name, v); err != nil {
		return err
	}
	p.bound = at
	return nil
}

// value is the library's view of the memory.
func (p *port) value(data []byte) (*ort.Value, error) {
	at := unsafe.SliceData(data)
	if v := p.values[at]; v != nil {
		return v, nil
	}
	if len(p.values) == mostValues {
		if err := p.forget(); err != nil {
			return nil, err
		}
	}
	v, err := p.library.NewValue(data, p.elem, p.shape)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	p.values[at] = v
	return v, nil
}

// forget closes the values. What is bound stays so: the binding holds it.
func (p *port) forget() error {
	var err error
	for at, v := range p.values {
		if closing := v.Close(); err == nil {
			err = closing
		}
		delete(p.values, at)
	}
	return err
}
