// Package history keeps results over time and says what changed when.
//
// The flow: [Store.Add] makes an [Entry] of the results of one commit, in one of two stores that [Open] tells apart by their
// path: a database in one file, or a folder of results files that lives in git. [Baseline] chooses the entry that a comparison
// starts from. [Trends] makes of entries one [Series] for each thing and metric that was measured, with its changes and what is
// expected of the newest point.
//
// The room's one rule: what is in the history stays as it was measured. Entries are added and marked, and neither changed nor
// removed; everything else follows from them by pure functions. A trend compares runs of different days: it is information, and
// no reason for a failure.
package history
