// Package gobench makes subjects of a comparison out of text in Go's benchmark format, whoever wrote it: go test -bench, or any
// program that prints such lines.
//
// The flow: one [Reader] reads the files of both sides, so that what one of them says of a unit holds for all; each line with
// figures becomes a [Run], and [Reader.Subjects] gathers the runs of a benchmark into series, one for each unit.
//
// The room's one rule: which way a unit is better is known from the text or from the unit, and never guessed.
package gobench
