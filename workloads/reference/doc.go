// Package reference executes graphs in float64, as plainly as possible: the oracle that says what an engine should have
// computed.
//
// The flow: [Run] walks the nodes of a graph in order; a parameter is generated when a node needs it and dropped after
// it, so that a model of half a gigabyte runs in little memory, of a table only the rows that are asked for, of a mixture one
// expert after the other; [Compute] runs a workload's samples and keeps the sampled outputs as [workloads.Golden];
// [Calibrate] keeps the ranges of all values as [workloads.Calibration].
//
// The room's one rule: obvious beats fast. The only concessions to speed are that rows are shared out over the CPUs and
// that products walk memory in its order.
package reference
