// Package stat holds the statistics of runs: latencies in a [Histogram], throughput over the slices of a run, and figures
// over runs, all with their intervals.
//
// The flow: a run records its latencies into a Histogram, which travels encoded in the result; a report decodes the
// histograms of the runs of a row, merges them and reads quantiles with [QuantileRanks] around them, or MLPerf's bound of
// them with [EarlyStoppingRank]. A run under a latency limit passes by [EarlyStoppingMet], and ends no sooner than
// [EarlyStoppingNeeds]. The slices of a run lose their warm-up by [MSER5], are refused by [NeverSteady], and give a mean by
// [BatchMeans]. The figures of the runs themselves go through [MeanInterval], [MedianInterval] and [Spread].
// Two series of runs are compared by the shift between them: [Welch], [PairedT], [MannWhitney], [SignedRank]. The points of a history
// go through [Changes] and [PredictionInterval].
//
// Intervals within a run take its parts for independent, or nearly so, and are lower bounds of the uncertainty; those over
// runs are the ones that count.
//
// The room's one rule: plain functions of numbers. What cannot be said of the numbers given is ok == false, never a NaN or
// an infinity, and never a figure from too few.
package stat
