//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"unsafe"
)

// Session is one loaded model. Its methods may be called from several goroutines, Run among them; Close waits for them.
type Session struct {
	l *Library
	// use is read-locked by every method and locked by Close, so that nothing in C is released under a running call.
	use    sync.RWMutex
	handle uintptr // 0 once closed

	profiled bool

	mu       sync.Mutex
	bindings map[*Binding]struct{}
	values   map[*Value]struct{}
	devices  map[Memory]device
}

// device is a memory of the session.
type device struct{ info, allocator uintptr }

// NewSessionFromFile loads a model from a file; external data is looked for beside it.
func (l *Library) NewSessionFromFile(path string, o Options) (*Session, error) {
	s, err := l.newSession(path, o)
	if err != nil {
		return nil, fmt.Errorf("loading a model: %w", err)
	}
	return s, nil
}

func (l *Library) newSession(path string, o Options) (*Session, error) {
	p, err := cPath(path)
	if err != nil {
		return nil, err
	}
	c, err := l.newSettings()
	if err != nil {
		return nil, err
	}
	defer c.close()
	if err := c.apply(o); err != nil {
		return nil, err
	}
	s := &Session{l: l, profiled: o.ProfilePrefix != "", bindings: map[*Binding]struct{}{}, values: map[*Value]struct{}{},
		devices: map[Memory]device{}}
	if err := l.status(slotCreateSession, l.env, uintptr(p), c.handle, uintptr(unsafe.Pointer(&s.handle))); err != nil {
		return nil, err
	}
	return s, nil
}

// enter keeps Close out until leave, or fails when the session is closed.
func (s *Session) enter() error {
	s.use.RLock()
	if s.handle == 0 {
		s.use.RUnlock()
		return fmt.Errorf("using a session: %w", ErrClosed)
	}
	return nil
}

func (s *Session) leave() { s.use.RUnlock() }

// EndProfiling writes the profile and gives the name of its file. It can be called once, and only with Options.ProfilePrefix.
func (s *Session) EndProfiling() (string, error) {
	s.use.Lock()
	defer s.use.Unlock()
	if s.handle == 0 {
		return "", fmt.Errorf("ending the profile: %w", ErrClosed)
	}
	if !s.profiled {
		return "", errors.New("ending the profile: none is being taken: set Options.ProfilePrefix, and end it once")
	}
	var name uintptr
	if err := s.l.status(slotSessionEndProfiling, s.handle, s.l.allocator, uintptr(unsafe.Pointer(&name))); err != nil {
		return "", fmt.Errorf("ending the profile: %w", err)
	}
	s.profiled = false
	return s.l.takeText(name)
}

// NewDeviceValue makes an uninitialized tensor in a memory that one of the session's execution providers manages. It is closed
// with the session at the latest.
func (s *Session) NewDeviceValue(m Memory, t ElemType, shape []int64) (*Value, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	if _, err := t.ByteSize(shape); err != nil {
		return nil, err
	}
	d, err := s.device(m)
	if err != nil {
		return nil, err
	}
	v := &Value{l: s.l, owner: s, elem: t, shape: slices.Clone(shape), memory: m}
	var handle uintptr
	if err := s.l.status(slotCreateTensorAsOrtValue, d.allocator, uintptr(first(shape)), uintptr(len(shape)), uintptr(t),
		uintptr(unsafe.Pointer(&handle))); err != nil {
		return nil, fmt.Errorf("making a tensor of %v%v in %s:%d: %w", t, shape, m.Name, m.Device, err)
	}
	v.handle.Store(handle)
	s.adopt(v)
	return v, nil
}

// device finds the session's allocator for a memory.
func (s *Session) device(m Memory) (device, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, ok := s.devices[m]; ok {
		return d, nil
	}
	info, err := s.l.memoryInfo(m)
	if err != nil {
		return device{}, err
	}
	d := device{info: info}
	if err := s.l.status(slotCreateAllocator, s.handle, info, uintptr(unsafe.Pointer(&d.allocator))); err != nil {
		s.l.call(slotReleaseMemoryInfo, info)
		return device{}, fmt.Errorf("finding the session's memory %s:%d: %w", m.Name, m.Device, err)
	}
	s.devices[m] = d
	return d, nil
}

func (s *Session) adopt(v *Value) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[v] = struct{}{}
}

// Close waits for running calls and releases the session after everything that was made from it.
func (s *Session) Close() error {
	s.use.Lock()
	defer s.use.Unlock()
	if s.handle == 0 {
		return nil
	}
	for b := range s.bindings {
		b.release()
	}
	for v := range s.values {
		v.release()
	}
	for _, d := range s.devices {
		s.l.call(slotReleaseAllocator, d.allocator)
	}
	s.l.call(slotReleaseSession, s.handle)
	for _, d := range s.devices {
		s.l.call(slotReleaseMemoryInfo, d.info)
	}
	s.handle, s.bindings, s.values, s.devices = 0, nil, nil, nil
	return nil
}
