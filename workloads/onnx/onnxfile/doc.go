// Package onnxfile reads the ONNX files that users bring: what a model takes and gives, tensors stored beside it, and
// what its inputs shall be filled with. It never writes and it runs nothing.
//
// The flow: [ReadModelFile] walks the protobuf records of a model and tells its inputs, outputs and size; [ParseInput]
// reads what the user says about an input; [Resolve] joins the two into one concrete shape and type per input, or tells
// which flag is missing. [ReadNPY] reads the values of one input.
//
// The room's one rule: a length in a file is a claim. Nothing is allocated because a file says so, weights are passed
// over by seeking, and every count has a bound. A damaged or hostile file is an error, never a crash: a model of many
// GiB is read in kilobytes.
package onnxfile

import (
	"errors"
	"fmt"
)

// ErrFormat marks a file that is damaged or of another kind than the one expected.
var ErrFormat = errors.New("damaged file, or a file of another kind")

// ErrInput marks a request that does not fit: a bad input specification, one that contradicts the model, or an intact
// file that holds what cannot be used.
var ErrInput = errors.New("unusable input")

// inputError is a message that stands for itself and is an [ErrInput].
type inputError struct{ text string }

func (e *inputError) Error() string { return e.text }
func (e *inputError) Unwrap() error { return ErrInput }

func inputErrorf(format string, args ...any) error {
	return &inputError{text: fmt.Sprintf(format, args...)}
}

// UnknownError is the error for a specification that names nothing in the model. It is an [ErrInput].
type UnknownError struct {
	What  string   // "input" or "free dimension"
	Name  string   // the name asked for
	Known []string // the names there are, in the order of the model
}

func (e *UnknownError) Error() string {
	if len(e.Known) == 0 {
		return fmt.Sprintf("no %s is named %s: the model has no %s", e.What, show(e.Name), e.What)
	}
	return fmt.Sprintf("no %s is named %s: the model has %s", e.What, show(e.Name), showAll(e.Known))
}

// Unwrap makes the error an [ErrInput].
func (e *UnknownError) Unwrap() error { return ErrInput }
