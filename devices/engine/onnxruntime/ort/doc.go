// Package ort binds the C API of ONNX Runtime without cgo, through the table of functions that the library hands out.
//
//	Open -> Library -> NewSessionFromFile -> Session -> NewBinding -> Binding.Run
//	           |                                            ^
//	           +-> NewValue -> Value -----------------------+   inputs, outputs
//
// The library is opened at run time and asked for version 23 of its table, so that any ONNX Runtime from 1.23 on works. One
// Library is one loaded library with its environment; it is never unloaded. A Session may run in several goroutines at once; a
// Binding and a Value belong to one goroutine at a time.
//
// Everything with a Close must be closed; no finalizer does it. Closing twice is allowed, and closing a Session first closes what
// was made from it, in the order that the library wants: bindings, values, allocators, the session. Buffers given to the library
// are borrowed, and whoever holds them in C holds them in Go.
//
// The library writes errors to the standard error stream besides returning them.
//
// A program with this package is linked to the system's loader and C library even when it is built without cgo: it does not
// start in an image without them. The build tag noort leaves ONNX Runtime out, and so do systems other than Linux, macOS and
// Windows on amd64 and arm64: Open then returns ErrLeftOut.
//
// The room's one rule: no pointer of C leaves the package, and none of Go goes in that is not kept alive for as long as C has it.
package ort
