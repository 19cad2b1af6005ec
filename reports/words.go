package reports

import (
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/internal/english"
)

// ScenarioWords are a scenario with its load and how it is served, as rows and plans name it: "server, poisson 20/s, 2 replicas".
// What is usual for the scenario at that batch, or unknown, is not said.
func ScenarioWords(s bench.Scenario, batch int) string {
	name := string(s.Name)
	if s.Concurrency != nil && *s.Concurrency > 0 {
		name += fmt.Sprintf(" %d", *s.Concurrency)
	}
	replicas := ""
	if s.Replicas > 1 {
		replicas = english.Count(s.Replicas, "replica")
	}
	wait := ""
	if s.MaxWaitNS != nil && *s.MaxWaitNS > 0 {
		wait = "max wait " + exactTime(float64(*s.MaxWaitNS))
	}
	return english.Joined(", ", name, arrivalWords(s.Arrival), replicas, batchingWords(s, batch), wait)
}

// arrivalWords say how queries arrive; without the rate where that is 0, as in a search that has yet to find it.
func arrivalWords(a *bench.Arrival) string {
	if a == nil {
		return ""
	}
	out := a.Process
	if a.Shape != nil {
		out += "(" + amount(*a.Shape) + ")"
	}
	switch {
	case a.RatePerSecond == 0:
		return out
	case a.RateEndPerSecond != nil:
		return out + " " + amount(a.RatePerSecond) + " to " + amount(*a.RateEndPerSecond) + "/s"
	}
	return out + " " + amount(a.RatePerSecond) + "/s"
}

// batchingWords name the batching where it is not the scenario's own, or where it has something to batch.
func batchingWords(s bench.Scenario, batch int) string {
	open := s.Name == bench.Server || s.Name == bench.Concurrency
	switch {
	case s.Batching == string(devices.DynamicBatching) && (!open || batch > 1):
		return "dynamic batching"
	case s.Batching == string(devices.StaticBatching) && open:
		return "static batching"
	}
	return ""
}

// exactTime writes a duration in nanoseconds that somebody chose: 15 ms, 1.5 s.
func exactTime(ns float64) string {
	unit := "ns"
	for _, u := range []string{"µs", "ms", "s"} {
		if ns < 1000 {
			break
		}
		ns, unit = ns/1000, u
	}
	return amount(ns) + " " + unit
}

// loadOf is the rate, or the concurrency, of a run with its unit; the unit is empty for scenarios without a load and for ramps, which
// have no one rate.
func loadOf(s bench.Scenario) (load float64, unit string) {
	switch {
	case s.Arrival != nil && s.Arrival.RateEndPerSecond == nil:
		return s.Arrival.RatePerSecond, "queries/s"
	case s.Concurrency != nil:
		return float64(*s.Concurrency), "in flight"
	}
	return 0, ""
}

// unloaded is a scenario without the load, for what stands for several loads.
func unloaded(s bench.Scenario) bench.Scenario {
	if s.Arrival != nil {
		a := *s.Arrival
		a.RatePerSecond, a.RateEndPerSecond = 0, nil
		s.Arrival = &a
	}
	s.Concurrency = nil
	return s
}

func loadText(load float64, unit string) string { return english.Joined(" ", amount(load), unit) }

// member tells whether a row is one device of several that ran at once.
func (r row) member() bool {
	g := r.First.Group
	return g != nil && g.Size > 1 && g.Index != bench.Whole
}

// scenarioName is what the row's scenario column shows.
func (r row) scenarioName() string {
	words := ScenarioWords(r.First.Scenario, r.First.Workload.Batch)
	if r.member() {
		words += fmt.Sprintf(", one of %d at once", r.First.Group.Size)
	}
	if r.First.Scenario.Probe != nil {
		words += ", from a search"
	}
	return words
}

// engineNames are the names of the engines of the rows, with the version where one name has several.
func engineNames(summaries []bench.Summary) []string {
	versions := map[string][]string{}
	for _, s := range summaries {
		e := s.First.Engine
		if !slices.Contains(versions[e.Name], e.Version) {
			versions[e.Name] = append(versions[e.Name], e.Version)
		}
	}
	var out []string
	for _, s := range summaries {
		name := s.First.Engine.Name
		if len(versions[name]) > 1 {
			name = engineName(s.First)
		}
		out = append(out, shortName(name))
	}
	return out
}

// tellApart makes every name occur once: rows that are named alike get the threads, where those differ, and a number at last.
func tellApart(rows []row) {
	extend := func(alike []int, of func(n, i int) string) {
		for n, i := range alike {
			rows[i].scenario += of(n, i)
			rows[i].name += of(n, i)
		}
	}
	threads := func(_, i int) string {
		return ", " + maybe(rows[i].First.Engine.Threads, func(n int) string { return english.Count(n, "thread") })
	}
	for _, alike := range sameNames(rows) {
		if slices.ContainsFunc(alike, func(i int) bool { return threads(0, i) != threads(0, alike[0]) }) {
			extend(alike, threads)
		}
	}
	for groups := sameNames(rows); len(groups) > 0; groups = sameNames(rows) {
		for _, alike := range groups {
			extend(alike, func(n, _ int) string { return fmt.Sprintf(", no. %d", n+1) })
		}
	}
}

// sameNames are the rows that share a name, by their indices.
func sameNames(rows []row) [][]int {
	at := map[string][]int{}
	var order []string
	for i, r := range rows {
		if at[r.name] == nil {
			order = append(order, r.name)
		}
		at[r.name] = append(at[r.name], i)
	}
	var out [][]int
	for _, name := range order {
		if len(at[name]) > 1 {
			out = append(out, at[name])
		}
	}
	return out
}
