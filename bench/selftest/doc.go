// Package selftest measures the floor under the program's own numbers: what the load generator takes of a query, how late
// its queries come, and what a clock read and a hand-over between goroutines cost on the machine at hand.
//
// The flow: [Parts] lists what is measured, each to be done in a fresh process by [Measure], which gives an [Outcome];
// [Report] collects the outcomes into figures; [Figures] says what each figure is and which bar it is held to.
//
// The room's one rule: the system under the load does nothing, so that all that is measured is the harness.
package selftest
