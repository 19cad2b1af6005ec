package bench

import (
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/bench/stat"
)

// fieldError is a field of a result with a value that cannot be; the path is that of its JSON keys, with dots.
type fieldError struct {
	path string
	text string
}

func (e *fieldError) Error() string { return e.path + ": " + e.text }

func wrongSchema(found string) error {
	return &fieldError{"schema", fmt.Sprintf("expected %q, found %q: another version of accelbench wrote it", Schema, found)}
}

// check holds a result to what every reader relies on: who and what it is, and numbers that can be.
func (r *Result) check() error {
	if r.Schema != Schema {
		return wrongSchema(r.Schema)
	}
	for _, f := range []struct{ path, value string }{
		{"id", r.ID},
		{"device.id", r.Device.ID},
		{"workload.name", r.Workload.Name},
		{"scenario.name", string(r.Scenario.Name)},
	} {
		if f.value == "" {
			return &fieldError{f.path, "expected a text that is not empty"}
		}
	}
	if known := []Status{OK, Unsupported, Failed, Interrupted}; !slices.Contains(known, r.Status) {
		return &fieldError{"status", fmt.Sprintf("expected one of %q, found %q", known, r.Status)}
	}
	for _, f := range []struct {
		path  string
		value int64
	}{
		{"counts.queries", r.Counts.Queries},
		{"counts.samples", r.Counts.Samples},
		{"counts.units", r.Counts.Units},
		{"counts.errors", r.Counts.Errors},
		{"workload.units_per_sample", int64(r.Workload.UnitsPerSample)},
		{"workload.batch", int64(r.Workload.Batch)},
		{"devices_present", int64(r.DevicesPresent)},
		{"counts.most_in_flight", r.Counts.MostInFlight},
		{"scenario.replicas", int64(r.Scenario.Replicas)},
	} {
		if f.value < 0 {
			return &fieldError{f.path, fmt.Sprintf("expected 0 or more, found %d", f.value)}
		}
	}
	if err := r.checkLoad(); err != nil {
		return err
	}
	return r.checkTimes()
}

// checkLoad holds what says how the load came to what can be.
func (r *Result) checkLoad() error {
	for _, l := range r.Limits {
		if p := l.Limit.Percentile; !(p > 0 && p < 1) {
			return &fieldError{"limits.limit.percentile", fmt.Sprintf("expected a share between 0 and 1, found %v", p)}
		}
		if l.Over != nil && *l.Over < 0 {
			return &fieldError{"limits.over", fmt.Sprintf("expected 0 or more, found %d", *l.Over)}
		}
	}
	if a := r.Scenario.Arrival; a != nil && !(a.RatePerSecond >= 0) {
		return &fieldError{"scenario.arrival.rate_per_s", fmt.Sprintf("expected 0 or more, found %v", a.RatePerSecond)}
	}
	if g := r.Group; g != nil && (g.Size < 1 || g.Index < 0 || g.Index >= g.Size) {
		return &fieldError{"group", fmt.Sprintf("expected an index below the size, found %d of %d", g.Index, g.Size)}
	}
	if g := r.Group; g != nil && g.ID == "" {
		return &fieldError{"group.id", "expected a text that is not empty"}
	}
	if t := r.Trial; t != nil {
		switch {
		case t.ID == "":
			return &fieldError{"trial.id", "expected a text that is not empty"}
		case t.Side != SideBase && t.Side != SideHead:
			return &fieldError{"trial.side", fmt.Sprintf("expected base or head, found %q", t.Side)}
		case t.Pair < 1 || t.Round < 1 || t.Place < 1:
			return &fieldError{"trial", fmt.Sprintf("expected pair, round and place to count from 1, found %d, %d and %d", t.Pair, t.Round, t.Place)}
		}
	}
	for path, watts := range map[string]*float64{"idle_watts": r.IdleWatts, "system_watts": r.SystemWatts} {
		if watts != nil && !(*watts >= 0) {
			return &fieldError{path, fmt.Sprintf("expected 0 or more, found %v", *watts)}
		}
	}
	if p := r.Scenario.Probe; p != nil && p.Search == "" {
		return &fieldError{"scenario.probe.search", "expected a text that is not empty"}
	}
	return nil
}

func (r *Result) checkTimes() error {
	if r.Status == OK && (r.ElapsedNS == nil || *r.ElapsedNS == 0) {
		return &fieldError{"elapsed_ns", "expected the time of a run that is ok"}
	}
	if r.ElapsedNS != nil && *r.ElapsedNS < 0 {
		return &fieldError{"elapsed_ns", fmt.Sprintf("expected 0 or more, found %d", *r.ElapsedNS)}
	}
	if b := r.Buckets; b != nil {
		if b.WidthNS <= 0 {
			return &fieldError{"buckets.width_ns", fmt.Sprintf("expected more than 0, found %d", b.WidthNS)}
		}
		if i := slices.IndexFunc(b.Units, func(n int64) bool { return n < 0 }); i >= 0 {
			return &fieldError{"buckets.units", fmt.Sprintf("expected 0 or more, found %d", b.Units[i])}
		}
	}
	var phases Phases
	if r.Phases != nil {
		phases = *r.Phases
	}
	var lateness *Latency
	if r.Generator != nil {
		lateness = r.Generator.Lateness
	}
	for _, f := range []struct {
		path    string
		latency *Latency
	}{{"latency", r.Latency}, {"phases.ttft", phases.TTFT}, {"phases.tpot", phases.TPOT}, {"generator.lateness", lateness}} {
		if f.latency == nil {
			continue
		}
		if _, err := f.latency.decode(); err != nil {
			return &fieldError{f.path, err.Error()}
		}
	}
	return nil
}

// decode is the distribution as a histogram.
func (l *Latency) decode() (*stat.Histogram, error) {
	h, err := stat.DecodeHistogram(l.Histogram, l.MinNS, l.MaxNS)
	if err != nil {
		return nil, err
	}
	if h.Count() != l.Count {
		return nil, fmt.Errorf("%w of %d durations: it counts %d", stat.ErrHistogram, l.Count, h.Count())
	}
	return h, nil
}
