package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/accelbench/accelbench/devices"
)

// Exit codes are part of the interface: scripts and CI branch on them.
const (
	exitOK          = 0
	exitFailure     = 1   // something broke, or a known device, engine or file is absent
	exitUsage       = 2   // bad flags or bad input
	exitInvalid     = 3   // some measurements failed or are invalid, or one asked for by name is unsupported
	exitRegressed   = 4   // a regression was found, or a claim is refuted
	exitUndecided   = 5   // undecided, with --strict
	exitInterrupted = 130 // Ctrl-C
)

// usageError is a mistake in what the user gave.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// codeError ends the program with a code and, if err is set, a message.
type codeError struct {
	code int
	err  error
}

func (e codeError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e codeError) Unwrap() error { return e.err }

func exitCode(err error) int {
	var code codeError
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return code.code
	case errors.As(err, &usage), isBadInput(err):
		return exitUsage
	case errors.Is(err, devices.ErrUnsupported):
		return exitInvalid
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	default:
		return exitFailure
	}
}
