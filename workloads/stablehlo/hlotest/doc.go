// Package hlotest executes StableHLO on the host: the oracle of tests for what the accelerators' compilers are given. It is not for
// the product.
//
// The flow: [Run] gives the arguments to the function main and evaluates its operations in order. Elementwise operations
// ([pointwise]) work on whole arrays in float64 or 64 bits and round each result to its type; operations that move data are one
// strided copy ([copyStrided]); reductions and windows become rows that the reducer combines pairwise ([executor.fold]); products and
// convolutions become matrix products ([multiply]) that accumulate in float32.
//
// The room's one rule: semantics are those of the specification (https://openxla.org/stablehlo/spec) and, where it leaves a choice, of
// XLA; where implementations differ, as for updates outside of an array, there is an error and no result.
package hlotest
