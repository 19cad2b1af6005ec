package ort

import (
	"errors"
	"fmt"
)

// ErrClosed is returned by the methods of what was closed, or of what belonged to a closed Session.
var ErrClosed = errors.New("already closed")

// ErrLeftOut is returned by Open in a build without ONNX Runtime.
var ErrLeftOut = errors.New("this build leaves ONNX Runtime out: " +
	"build for linux, darwin or windows on amd64 or arm64, without the tag noort")

// Error is what the library answered.
type Error struct {
	Code    Code
	Message string // the library's own words
}

// Error gives the name of the code and the message.
func (e *Error) Error() string { return e.Code.String() + ": " + e.Message }

// Code is the library's error code.
type Code int32

// The codes of the C API.
const (
	CodeFail Code = iota + 1
	CodeInvalidArgument
	CodeNoSuchFile
	CodeNoModel
	CodeEngineError
	CodeRuntimeException
	CodeInvalidProtobuf
	CodeModelLoaded
	CodeNotImplemented
	CodeInvalidGraph
	CodeEPFail
	CodeModelLoadCanceled
	CodeModelRequiresCompilation
	CodeNotFound
	CodeDeviceReset
)

// String is the name that the library uses in its messages, as NO_SUCHFILE.
func (c Code) String() string {
	names := [...]string{"OK", "FAIL", "INVALID_ARGUMENT", "NO_SUCHFILE", "NO_MODEL", "ENGINE_ERROR", "RUNTIME_EXCEPTION",
		"INVALID_PROTOBUF", "MODEL_LOADED", "NOT_IMPLEMENTED", "INVALID_GRAPH", "EP_FAIL", "MODEL_LOAD_CANCELED",
		"MODEL_REQUIRES_COMPILATION", "NOT_FOUND", "DEVICE_RESET"}
	if c < 0 || int(c) >= len(names) {
		return fmt.Sprintf("code %d", int32(c))
	}
	return names[c]
}
