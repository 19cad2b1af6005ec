// Package mlir reads modules of StableHLO in MLIR's generic form: "dialect.op"(%operands) ({regions}) {attributes} : types.
//
// The flow: [Parse] makes a [Module] of a text; names are resolved to [Value] pointers, types and attributes are values of Go, and
// constants are bytes as a device holds them; [Fields] reads the attributes of an operation, with the error that names it.
//
// The room's one rule: nothing is guessed. A text that is not understood is an error with its line, never a smaller module.
// Attributes of dialects that this package does not know are kept as text.
package mlir
