// Package stat holds the statistics of runs: latencies in a [Histogram], and figures over runs with their intervals.
//
// The flow: a run records its latencies into a Histogram, which travels encoded in the result; a report decodes the
// histograms of the runs of a row, merges them and reads quantiles with [QuantileRanks] around them; the figures of the
// runs themselves go through [MeanInterval] and [Spread].
//
// The room's one rule: plain functions of numbers. What cannot be said of the numbers given is ok == false, never a NaN or
// an infinity, and never a figure from too few.
package stat
