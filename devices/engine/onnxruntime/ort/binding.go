//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/accelbench/accelbench/internal/clib"
)

// Binding is a session with values bound to its inputs and outputs, to run many times. It belongs to one goroutine at a time.
type Binding struct {
	s       *Session
	handle  uintptr // 0 once closed
	inputs  ports
	outputs ports
	args    [3]uintptr // the arguments of a call; kept here, since passing new ones would allocate
}

// ports are what can be bound on one side of the model.
type ports struct {
	what  string
	bind  slot
	names []string
	texts map[string]*byte  // the names for C
	kept  map[string][]byte // bound memory of Go, which the library borrows
}

// NewBinding makes a binding with nothing bound.
func (s *Session) NewBinding() (*Binding, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	ins, err := s.names(inputSide())
	if err != nil {
		return nil, fmt.Errorf("making a binding: %w", err)
	}
	outs, err := s.names(outputSide())
	if err != nil {
		return nil, fmt.Errorf("making a binding: %w", err)
	}
	b := &Binding{s: s,
		inputs:  ports{"inputs", slotBindInput, ins, map[string]*byte{}, map[string][]byte{}},
		outputs: ports{"outputs", slotBindOutput, outs, map[string]*byte{}, map[string][]byte{}}}
	for _, p := range []ports{b.inputs, b.outputs} {
		for _, name := range p.names {
			if p.texts[name], err = clib.String(name); err != nil {
				return nil, fmt.Errorf("making a binding: %w", err)
			}
		}
	}
	if err := s.l.status(slotCreateIoBinding, s.handle, uintptr(unsafe.Pointer(&b.handle))); err != nil {
		return nil, fmt.Errorf("making a binding: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bindings[b] = struct{}{}
	return b, nil
}

// enter is the session's, for a binding that is open.
func (b *Binding) enter() error {
	if err := b.s.enter(); err != nil {
		return err
	}
	if b.handle == 0 {
		b.s.leave()
		return fmt.Errorf("using a binding: %w", ErrClosed)
	}
	return nil
}

// BindInput sets an input; once everything was bound, binding something else allocates nothing. An unknown name fails here; a
// wrong type or shape, or an input that is missing, fails in Run. A value that belongs to another session must be replaced, or
// the binding closed, before that session closes.
func (b *Binding) BindInput(name string, v *Value) error { return b.bind(b.inputs, name, v) }

// BindOutput sets the value that an output is written to, in place. What does not fit fails as for inputs.
func (b *Binding) BindOutput(name string, v *Value) error { return b.bind(b.outputs, name, v) }

func (b *Binding) bind(p ports, name string, v *Value) error {
	if err := b.enter(); err != nil {
		return err
	}
	defer b.s.leave()
	// The library finds out late, or not before the binding is damaged.
	text := p.texts[name]
	if text == nil {
		return fmt.Errorf("binding %q: the model's %s are %q", name, p.what, p.names)
	}
	if v == nil {
		return fmt.Errorf("binding %q: there is no value", name)
	}
	handle := v.handle.Load()
	if handle == 0 {
		return fmt.Errorf("binding %q: value: %w", name, ErrClosed)
	}
	b.args = [...]uintptr{b.handle, uintptr(unsafe.Pointer(text)), handle}
	err := b.s.l.status(p.bind, b.args[:]...)
	runtime.KeepAlive(v)
	if err != nil {
		return fmt.Errorf("binding %q: %w", name, err)
	}
	p.kept[name] = v.data
	return nil
}

// Run runs the session on what is bound, until it is done or the options end it. It allocates nothing.
func (b *Binding) Run(o *RunOptions) error {
	if err := b.enter(); err != nil {
		return err
	}
	defer b.s.leave()
	if err := o.enter(); err != nil {
		return err
	}
	defer o.leave()
	b.args = [...]uintptr{b.s.handle, o.handle, b.handle}
	return named(b.s.l.status(slotRunWithBinding, b.args[:]...))
}

// SynchronizeInputs waits until bound inputs have reached their device.
func (b *Binding) SynchronizeInputs() error {
	return b.synchronize(slotSynchronizeBoundInputs, "inputs")
}

// SynchronizeOutputs waits until the device has written the bound outputs: a clock may be stopped after it.
func (b *Binding) SynchronizeOutputs() error {
	return b.synchronize(slotSynchronizeBoundOutputs, "outputs")
}

func (b *Binding) synchronize(s slot, what string) error {
	if err := b.enter(); err != nil {
		return err
	}
	defer b.s.leave()
	if err := b.s.l.status(s, b.handle); err != nil {
		return fmt.Errorf("synchronizing bound %s: %w", what, err)
	}
	return nil
}

// Close releases the binding; the values stay.
func (b *Binding) Close() error {
	if b.enter() != nil {
		return nil // closed, or closed with its session
	}
	defer b.s.leave()
	b.release()
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	delete(b.s.bindings, b)
	return nil
}

func (b *Binding) release() {
	b.s.l.call(slotReleaseIoBinding, b.handle)
	b.handle = 0
	clear(b.inputs.kept)
	clear(b.outputs.kept)
}
