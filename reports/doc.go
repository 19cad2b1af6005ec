// Package reports draws documents: the report of a set of results, and the lists that the other commands print.
//
// The flow: [New] (or [Devices], [Workloads], [Prices], [Price], [Plans]) draws a [Document] once, from finished summaries;
// a [Format] from [Lookup] writes it: its blocks as Markdown, HTML or plain text, its sheet as CSV, its data as JSON.
//
// The room's one rule: nothing here measures or computes a figure; what is unknown prints as "n/a", and no text from
// outside can change the shape of a table.
package reports
