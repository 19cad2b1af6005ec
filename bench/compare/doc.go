// Package compare says whether one set of runs is faster or slower than another, and how sure that is.
//
// The flow: [Subjects] makes of results the series of figures that repeats of one thing gave, one number a run (another
// reader makes the same of other programs' output); [Compare] matches the subjects of two sides by their key and gives
// each metric its ratio, an interval and a [Verdict].
//
// The statistics are those of docs/statistics.md. The run, a process of its own, is the unit of replication. Means are
// compared by Student's t on logarithms, paired where both sides ran in the same round, else after Welch; percentiles by
// order statistics of the ratios. Intervals of gated metrics are at the level that Holm's procedure gives each of them.
//
// The room's one rule: pure functions of what was measured. A comparison that could not be made is a [Problem], never a pass.
package compare
