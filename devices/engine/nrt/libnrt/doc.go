// Package libnrt binds the C API of libnrt, the runtime of AWS Neuron chips, without cgo.
//
//	Open -> Library.Init -> Load -> Model.Tensors, Model.Execute
//	           |                          ^
//	           +-> NewTensor -> NewSet ---+   inputs, outputs
//
// The library is opened at run time and asked for each function by name: one that is missing is an error of Open, or for what
// newer releases brought of its use, and never a crash. Declarations are this project's own, from the vendor's documentation
// and headers; tests hold the layouts of the structures.
//
// A call of the runtime blocks until the chip is done and cannot be interrupted. Everything with a Close must be closed, sets
// before their tensors and all before the runtime; closing twice is allowed. Nothing is safe for concurrent use but Execute of
// different models.
//
// Like the binding of ONNX Runtime, this one needs the system's loader: the build tag noort leaves it out, and so do systems
// other than Linux on amd64 and arm64: Open then returns ErrLeftOut.
//
// The room's one rule: no pointer of C leaves the package, and none of Go stays in C after a call.
//
// It has run against a stand-in of the library only, never against the vendor's or on a chip.
package libnrt
