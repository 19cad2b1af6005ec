// Package rank puts machines in the order of what they give for the money, or of another figure, and says where that order is
// not known.
//
// The flow: [Boards] takes the summaries of a report, groups them along [Dimension]s, and makes one [Board] of what is
// comparable: one workload, precision and scenario. In a board, a [List] for each market holds the best configuration of every
// group, with the ranks that it may have; what cannot be ranked stands beside it with the reason. [Matrix] shows the same along
// two dimensions. [Metric] gives the figures of the runs, one each, and [Compare] the ratio of two of them with its interval;
// package claim judges sentences with the same two.
//
// The room's one rule: an order that the intervals do not show is a tie, and what was not measured on deployed software, not
// checked, or not priced, has no rank.
package rank
