// Package bench measures: plans in, results out, one process per run.
//
// The flow: a [Plan] says what to run; [Runner.Run] starts a fresh worker process for each repeat of each plan and yields
// one [Result] per run, in order, whatever happened to it; [File] appends results to a file of JSON lines as they come;
// [Summarize] groups results into rows and derives everything that a report shows.
//
// The room's one rule: a Result holds what was measured and nothing derived, a Summary follows from Results by pure
// functions, and nothing here prints, reads flags or knows a concrete device.
package bench
