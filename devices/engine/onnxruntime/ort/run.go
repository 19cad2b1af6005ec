//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"context"
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
	o.use.RLock()
	defer o.use.RUnlock()
	if o.handle == 0 {
		return fmt.Errorf("using run options: %w", ErrClosed)
	}
	return o.l.status(s, o.handle)
}

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

// during runs f under the options until ctx ends. It leaves no termination behind that came from ctx.
func (o *RunOptions) during(ctx context.Context, f func(options uintptr) error) error {
	o.use.RLock()
	defer o.use.RUnlock()
	if o.handle == 0 {
		return fmt.Errorf("using run options: %w", ErrClosed)
	}
	if ctx.Done() == nil {
		return named(f(o.handle))
	}
	if err := ctx.Err(); err != nil {
		return named(err)
	}
	ended := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() { ended <- o.l.status(slotRunOptionsSetTerminate, o.handle) })
	err := f(o.handle)
	if stop() {
		return named(err)
	}
	failed := <-ended
	if failed == nil {
		failed = o.l.status(slotRunOptionsUnsetTerminate, o.handle)
	}
	if failed != nil {
		return fmt.Errorf("ending the run: %w", failed)
	}
	if err != nil {
		return fmt.Errorf("running the session: %w: %w", ctx.Err(), err)
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

// Run runs the model once: ins names the inputs of inV, outs the outputs of outV. Where outV is nil the library allocates the
// output, and Run puts it there; it is closed with the session at the latest. When ctx ends during the run, the run is ended and
// the error is that of ctx. To run many times, a Binding costs less.
func (s *Session) Run(ctx context.Context, ins []string, inV []*Value, outs []string, outV []*Value) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if len(ins) != len(inV) || len(outs) != len(outV) {
		return fmt.Errorf("running the session: %d input names for %d values, %d output names for %d values",
			len(ins), len(inV), len(outs), len(outV))
	}
	for i, v := range inV {
		if v == nil {
			return fmt.Errorf("running the session: input %q has no value", ins[i])
		}
	}
	inNames, err := newCStrings(ins)
	if err != nil {
		return named(err)
	}
	defer inNames.free()
	outNames, err := newCStrings(outs)
	if err != nil {
		return named(err)
	}
	defer outNames.free()
	inWords, err := handles(inV)
	if err != nil {
		return named(err)
	}
	outWords, err := handles(outV)
	if err != nil {
		return named(err)
	}
	run := func(options uintptr) error {
		return s.l.status(slotRun, s.handle, options, uintptr(first(inNames.words)), uintptr(first(inWords)), uintptr(len(ins)),
			uintptr(first(outNames.words)), uintptr(len(outs)), uintptr(first(outWords)))
	}
	if ctx.Done() == nil {
		err = named(run(0))
	} else {
		err = s.runUntil(ctx, run)
	}
	runtime.KeepAlive(inV)
	if err != nil {
		return err
	}
	return s.receive(outs, outV, outWords)
}

func (s *Session) runUntil(ctx context.Context, run func(options uintptr) error) error {
	o, err := s.l.NewRunOptions()
	if err != nil {
		return err
	}
	err = o.during(ctx, run)
	_ = o.Close()
	return err
}

// receive fills the values that were nil with what the library allocated.
func (s *Session) receive(outs []string, outV []*Value, words []uintptr) error {
	fresh := make([]*Value, len(outV))
	var failed error
	for i, v := range outV {
		if v != nil || words[i] == 0 {
			continue
		}
		var err error
		if fresh[i], err = s.received(words[i]); err != nil {
			s.l.call(slotReleaseValue, words[i])
			failed = fmt.Errorf("reading output %q: %w", outs[i], err)
		}
	}
	for i, v := range fresh {
		switch {
		case v == nil:
		case failed == nil:
			outV[i] = v
		default:
			v.release()
			s.mu.Lock()
			delete(s.values, v)
			s.mu.Unlock()
		}
	}
	return failed
}
