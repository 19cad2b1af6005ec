// Package client drives a PJRT plugin whose table of functions has passed the gates of package plugin: it compiles programs,
// moves arrays to and from a device, or several that compute together, and executes. Each call returns when its work is done.
//
// The flow: [Open] makes a [Client]; [Client.Devices] says what there is, and [Client.Use] chooses; [Client.Compile] makes an
// [Executable] of a StableHLO module, [Client.Upload] a [Buffer] of bytes; [Executable.Run] takes and gives buffers, and
// [Buffer.Download] ends the journey.
//
// The room's one rule: go-xla is named here and nowhere else. Its package pjrt is all that is used of it: it never looks for,
// and never downloads, a plugin. Without cgo, and on other systems than Linux, Open says why there is none.
package client

import (
	"errors"
	"strings"
)

// ErrMemory marks errors of a device that has no memory left.
var ErrMemory = errors.New("out of device memory")

// Device is a device of a client. Attributes are as the plugin gives them: strings, bools, int64, []int64 or float32.
type Device struct {
	Kind       string
	HardwareID int // of this machine
	Number     int // by which programs for several devices name it
	Attributes map[string]any
}

// Memory is what a program takes on a device, in bytes, as the plugin's compiler tells.
type Memory struct{ Arguments, Results, Aliased, Temporary, Code int64 }

// exhausted is how XLA names the error, in its codes and its texts.
const exhausted = "RESOURCE_EXHAUSTED"

// caused marks errors for lack of memory. go-xla gives the code of an error in its text only.
func caused(err error) error {
	if err == nil {
		return nil
	}
	if text := err.Error(); strings.Contains(text, "(code=8)") || strings.Contains(text, exhausted) {
		return memoryError{err}
	}
	return err
}

// memoryError is an error that wraps ErrMemory, and says so first.
type memoryError struct{ error }

func (e memoryError) Error() string   { return ErrMemory.Error() + ": " + e.error.Error() }
func (e memoryError) Unwrap() []error { return []error{ErrMemory, e.error} }
