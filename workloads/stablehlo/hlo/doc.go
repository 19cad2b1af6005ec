// Package hlo writes modules of StableHLO as serialized HloModuleProto, the form that compilers of other makers than XLA's take.
//
// The flow: [Write] walks the functions; each function and region becomes a computation, callees before callers, since a computation
// of HLO sees nothing of what is around it; each operation becomes one instruction or a few. The fields and their numbers are those
// of hlo.proto and xla_data.proto (https://github.com/openxla/xla).
//
// The room's one rule: instructions mean exactly what the operations meant. What HLO says in another way, or not at all, is written
// out or is an error; nothing is left for the reader to infer.
package hlo
