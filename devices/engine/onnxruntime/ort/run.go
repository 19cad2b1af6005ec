//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"fmt"
	"runtime"
	"sync"
	"unsafe"
)

// RunOptions can end a run from another goroutine.
type RunOptions struct {
	l      *Library
	use    sync.RWMutex // read-locked by runs and Terminate, locked by Close
	handle uintptr      // 0 once closed
}

// NewRunOptions makes options for one run at a time, or for several that end together.
func (l *Library) NewRunOptions() (*RunOptions, error) {
	o := &RunOptions{l: l}
	if err := l.status(slotCreateRunOptions, uintptr(unsafe.Pointer(&o.handle))); err != nil {
		return nil, fmt.Errorf("making run options: %w", err)
	}
	return o, nil
}

// Terminate ends the runs under these options, soon, with an error. Further ones fail at once until Unset.
func (o *RunOptions) Terminate() error { return o.set(slotRunOptionsSetTerminate) }

// Unset lets runs under these options work again.
func (o *RunOptions) Unset() error { return o.set(slotRunOptionsUnsetTerminate) }

func (o *RunOptions) set(s slot) error {
	if err := o.enter(); err != nil {
		return err
	}
	defer o.leave()
	return o.l.status(s, o.handle)
}

// enter keeps Close out until leave, or fails when the options are closed.
func (o *RunOptions) enter() error {
	o.use.RLock()
	if o.handle == 0 {
		o.use.RUnlock()
		return fmt.Errorf("using run options: %w", ErrClosed)
	}
	return nil
}

func (o *RunOptions) leave() { o.use.RUnlock() }

// Close waits for the runs under these options.
func (o *RunOptions) Close() error {
	o.use.Lock()
	defer o.use.Unlock()
	if o.handle != 0 {
		o.l.call(slotReleaseRunOptions, o.handle)
		o.handle = 0
	}
	return nil
}

// named says what failed.
func named(err error) error {
	if err != nil {
		return fmt.Errorf("running the session: %w", err)
	}
	return nil
}

// Run runs the model once, until it is done or the options end it: ins names the inputs of values, outs the outputs that are
// wanted. The library allocates them; they are closed with the session at the latest. One that the model does not compute, an
// optional output say, is nil. To run many times, a Binding costs less.
func (s *Session) Run(o *RunOptions, ins []string, values []*Value, outs []string) ([]*Value, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	if err := o.enter(); err != nil {
		return nil, err
	}
	defer o.leave()
	results, err := s.run(o, ins, values, outs)
	return results, named(err)
}

func (s *Session) run(o *RunOptions, ins []string, values []*Value, outs []string) ([]*Value, error) {
	inWords, err := handles(ins, values)
	if err != nil {
		return nil, err
	}
	inNames, err := newCStrings(ins)
	if err != nil {
		return nil, err
	}
	defer inNames.free()
	outNames, err := newCStrings(outs)
	if err != nil {
		return nil, err
	}
	defer outNames.free()
	outWords := make([]uintptr, len(outs))
	err = s.l.status(slotRun, s.handle, o.handle, uintptr(first(inNames.words)), uintptr(first(inWords)), uintptr(len(ins)),
		uintptr(first(outNames.words)), uintptr(len(outs)), uintptr(first(outWords)))
	runtime.KeepAlive(values)
	if err != nil {
		return nil, err
	}
	return s.receive(outs, outWords)
}

// receive makes values of what the library allocated: of all, or of none.
func (s *Session) receive(outs []string, words []uintptr) ([]*Value, error) {
	values := make([]*Value, len(words))
	var failed error
	for i, word := range words {
		if word == 0 {
			continue
		}
		var err error
		if values[i], err = s.received(word); err != nil {
			s.l.call(slotReleaseValue, word)
			failed = fmt.Errorf("reading output %q: %w", outs[i], err)
		}
	}
	if failed == nil {
		return values, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range values {
		if v != nil {
			v.release()
			delete(s.values, v)
		}
	}
	return nil, failed
}
