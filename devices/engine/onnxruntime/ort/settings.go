//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"unsafe"

	"github.com/accelbench/accelbench/internal/clib"
)

// settings is OrtSessionOptions.
type settings struct {
	l      *Library
	handle uintptr
}

func (l *Library) newSettings() (*settings, error) {
	c := &settings{l: l}
	if err := l.status(slotCreateSessionOptions, uintptr(unsafe.Pointer(&c.handle))); err != nil {
		return nil, fmt.Errorf("making session options: %w", err)
	}
	return c, nil
}

func (c *settings) close() { c.l.call(slotReleaseSessionOptions, c.handle) }

// apply sets everything that the options say.
func (c *settings) apply(o Options) error {
	entries, err := o.check()
	if err != nil {
		return err
	}
	const sequential, optimizeAll = 0, 99
	for _, set := range []struct {
		what  string
		slot  slot
		value uintptr
	}{
		{"threads", slotSetIntraOpNumThreads, uintptr(o.Threads)},
		{"threads between operations", slotSetInterOpNumThreads, 1},
		{"the execution mode", slotSetSessionExecutionMode, sequential},
		{"the optimization level", slotSetSessionGraphOptimizationLevel, optimizeAll},
	} {
		if err := c.l.status(set.slot, c.handle, set.value); err != nil {
			return fmt.Errorf("setting %s: %w", set.what, err)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		if err := c.entry(key, entries[key]); err != nil {
			return fmt.Errorf("setting %s: %w", key, err)
		}
	}
	if err := c.profile(o.ProfilePrefix); err != nil {
		return fmt.Errorf("enabling the profile: %w", err)
	}
	for _, p := range o.Providers {
		if err := c.provide(p); err != nil {
			return err
		}
	}
	return nil
}

func (c *settings) entry(key, value string) error {
	k, err := clib.String(key)
	if err != nil {
		return err
	}
	v, err := clib.String(value)
	if err != nil {
		return err
	}
	return c.l.status(slotAddSessionConfigEntry, c.handle, uintptr(unsafe.Pointer(k)), uintptr(unsafe.Pointer(v)))
}

func (c *settings) profile(prefix string) error {
	if prefix == "" {
		return nil
	}
	p, err := cPath(prefix)
	if err != nil {
		return err
	}
	return c.l.status(slotEnableProfiling, c.handle, uintptr(p))
}

// keyed are the slots of a provider that has options of its own: create, update, append, release.
type keyed struct{ create, update, add, release slot }

// provide appends a provider of execution.
func (c *settings) provide(p Provider) error {
	var err error
	switch p.Name {
	case "CUDA":
		err = c.provideKeyed(p, keyed{slotCreateCUDAProviderOptions, slotUpdateCUDAProviderOptions,
			slotSessionOptionsAppendExecutionProvider_CUDA_V2, slotReleaseCUDAProviderOptions})
	case "TensorRT":
		err = c.provideKeyed(p, keyed{slotCreateTensorRTProviderOptions, slotUpdateTensorRTProviderOptions,
			slotSessionOptionsAppendExecutionProvider_TensorRT_V2, slotReleaseTensorRTProviderOptions})
	default:
		err = errors.New("it is not one of this package's: CUDA, TensorRT")
	}
	if err != nil {
		return fmt.Errorf("adding the execution provider %s: %w", p.Name, err)
	}
	return nil
}

func (c *settings) provideKeyed(p Provider, s keyed) error {
	var options uintptr
	if err := c.l.status(s.create, uintptr(unsafe.Pointer(&options))); err != nil {
		return err
	}
	defer func() { c.l.call(s.release, options) }()
	if err := withPairs(p.Options, func(keys, values unsafe.Pointer, n uintptr) error {
		return c.l.status(s.update, options, uintptr(keys), uintptr(values), n)
	}); err != nil {
		return err
	}
	return c.l.status(s.add, c.handle, options)
}

// withPairs gives f the options as two arrays of C strings, in the order of the keys.
func withPairs(options map[string]string, f func(keys, values unsafe.Pointer, n uintptr) error) error {
	names := slices.Sorted(maps.Keys(options))
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = options[name]
	}
	keys, err := newCStrings(names)
	if err != nil {
		return err
	}
	defer keys.free()
	values, err := newCStrings(texts)
	if err != nil {
		return err
	}
	defer values.free()
	return f(first(keys.words), first(values.words), uintptr(len(names)))
}

// CheckProvider tries to add the provider to a session that is never made. The error is the library's, and the loader's in it
// when a file is missing.
func (l *Library) CheckProvider(p Provider) error {
	c, err := l.newSettings()
	if err != nil {
		return err
	}
	defer c.close()
	return c.provide(p)
}
