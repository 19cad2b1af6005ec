// Package arrival says when the queries of an open loop arrive: a schedule that is the same to the bit on every platform
// for a seed, made while it is used.
//
// The flow: a [Spec] that passes [Spec.Validate] goes to [New]; each [Schedule.Next] draws one gap of a process of unit
// rate from a [Source], adds it up and maps the sum to nanoseconds through the inverse of the cumulative rate. [Hash]
// takes what was scheduled, so that a result can say which schedule it ran.
//
// The room's one rule: nothing here may round differently elsewhere. Floating point uses only the operations that
// IEEE 754 rounds correctly (+, -, *, /, sqrt), every product goes through mul, and math.Log, math.Exp and math/rand stay
// out. The tests pin bit patterns; to have another architecture prove itself:
//
//	GOARCH=arm64 CGO_ENABLED=0 go test -exec qemu-aarch64 ./bench/load/arrival
package arrival
