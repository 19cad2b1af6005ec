// Package stablehlo writes the graphs of the standard workloads as StableHLO programs, the form in which compilers for
// accelerators (XLA and what is built on it) take them.
//
// The flow: [Write] walks the nodes of a phase's graph and looks up, by operation, the lowering that writes them; what comes out
// is a [Program], a module text and the [Port] list of its arguments and results. Weights are arguments, never constants; states
// are arguments whose buffers the results take over. [Generators] are small programs that make the parameters on the device, bit
// for bit what [Host] makes of them here; parameters that are read from files come from Host alone.
//
// With [Options.Partitions] a program is one for several devices together: its arguments and results say how they are split over
// these (shares.go), and the compiler's partitioner does the rest, Shardy in XLA.
//
// Images have their channels last, as the graphs have them; compilers choose layouts themselves. The caches of attention are
// kept as [B,KVHeads,T,HeadDim], so that the keys of a head lie side by side.
//
// The room's one rule: a program is a function of the workload, the phase and the [Options]. The same three give the same bytes,
// and ports of one name in the programs of a workload have one type, shape and content.
package stablehlo
