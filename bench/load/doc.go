// Package load generates load: it issues samples to a System as a scenario wants it and records what came back.
//
// The flow: [New] takes a System, an [Arrival] and [Settings]; [Generator.WarmUp] issues queries until the system is
// warm and tells the rate that it reached; [Generator.Run] is the timed part and returns an [Outcome]. Between them the
// caller may look at sensors and clocks. Closed arrivals ([Stream], [Concurrency], [Offline]) issue when something
// completed; the open one ([Server]) issues by a schedule of package arrival, whatever the system does.
//
// The room's one rule: nothing grows with the number of queries. Latencies go to histograms of fixed size, completions
// to at most 256 slices of time, schedules are made as they are used, and what is kept per sample is kept only while the
// sample is in flight. The timed path prints
// nothing, and allocates nothing but the timer of a wait above 20 ms.
package load
