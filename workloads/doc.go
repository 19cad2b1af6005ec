// Package workloads says what is computed: the standard models at their true shape, as graphs of about twenty
// operations, with their inputs, their parameters and their cost.
//
// The flow: [Find] builds a [Workload] from a name and [Options]; a Workload holds one [Graph] per [Phase], the generator
// of its inputs ([Workload.Fill]) and its cost ([Workload.Cost]); an engine takes the graphs, makes the parameters with
// [ParamSpec.Fill] and runs them; [Golden] values from the float64 executor in workloads/reference tell whether what came
// out is right.
//
// The room's one rule: nothing here knows a device. Everything is integers and exactly rounded operations, so that the
// same seed gives the same bits on every platform.
package workloads
