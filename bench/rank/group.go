package rank

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/internal/english"
	"github.com/accelbench/accelbench/internal/names"
)

// Dimension is what rows are grouped by.
type Dimension string

// The dimensions.
const (
	InstanceType Dimension = "instance_type"
	Device       Dimension = "device"
	Engine       Dimension = "engine"
	Provider     Dimension = "provider"
	Region       Dimension = "region"
	Precision    Dimension = "precision"
	Workload     Dimension = "workload"
)

// Dimensions are all of them.
func Dimensions() []Dimension {
	return []Dimension{InstanceType, Device, Engine, Provider, Region, Precision, Workload}
}

// ParseDimension reads the name of a dimension. The error wraps [bench.ErrUnknownName].
func ParseDimension(text string) (Dimension, error) {
	return oneOf("dimension", text, Dimensions())
}

func oneOf[T ~string](kind, text string, known []T) (T, error) {
	if x := T(text); slices.Contains(known, x) {
		return x, nil
	}
	return "", fmt.Errorf("%w %s %q: known are, nearest first, %s", bench.ErrUnknownName, kind, text, strings.Join(names.Nearest(text, known), ", "))
}

// Of is the value of the row; empty if it is not known.
func (d Dimension) Of(s bench.Summary) string {
	r := s.First
	switch d {
	case InstanceType:
		return orEmpty(r.Cloud.InstanceType)
	case Device:
		if g := r.Group; g != nil && g.Index == bench.Whole {
			return fmt.Sprintf("%d x %s", g.Size, r.Device.Name)
		}
		return r.Device.Name
	case Engine:
		return r.Engine.Name
	case Provider:
		return orEmpty(r.Cloud.Provider)
	case Region:
		return orEmpty(r.Cloud.Region)
	case Precision:
		return r.Workload.Precision
	case Workload:
		return r.Workload.Name
	}
	return ""
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func orZero(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

// Contest is what must be equal for figures to be comparable. It is comparable itself. Batch size, engine and, but for latencies, load
// are no part of it: they are what a configuration chooses.
type Contest struct {
	Workload  string `json:"workload"`
	Precision string `json:"precision"`
	SeqLen    int    `json:"seq_len,omitempty"`
	ISL       int    `json:"isl,omitempty"`
	OSL       int    `json:"osl,omitempty"`
	Unit      string `json:"unit"`
	// Parameters tell models of one name apart; 0 if they are not known.
	Parameters int64              `json:"params,omitempty"`
	Scenario   bench.ScenarioName `json:"scenario"`
	// Limits are those of the latency that the load had to keep to.
	Limits string `json:"limits,omitempty"`
	// Load is the rate, or the number in flight, where latencies are compared: the one of a lighter load is no better for it.
	Load string `json:"load,omitempty"`
	// Energy is what the sensors cover, where energies are compared: that of a CPU package says nothing against that of an accelerator,
	// which leaves out the host.
	Energy string `json:"energy_scope,omitempty"`
}

// ContestOf is that of a row on the metric, but for the dimensions that are not to count.
func (m Metric) ContestOf(s bench.Summary, without ...Dimension) Contest {
	c := ContestOf(s, without...)
	if m.Method() == compare.Rank {
		c.Load = strings.Join(loadWords(s.First.Scenario), ", ")
	}
	if m == JoulesPerUnit {
		c.Energy = s.First.Device.Metered()
	}
	return c
}

// ContestOf is that of a row, but for the dimensions that are not to count.
func ContestOf(s bench.Summary, without ...Dimension) Contest {
	w := s.First.Workload
	c := Contest{Workload: w.Name, Precision: w.Precision, SeqLen: orZero(w.SeqLen), ISL: orZero(w.ISL), OSL: orZero(w.OSL), Unit: w.Unit,
		Scenario: s.First.Scenario.Name}
	if w.Parameters != nil {
		c.Parameters = *w.Parameters
	}
	var limits []string
	for _, l := range s.Limits {
		limits = append(limits, limitText(l))
	}
	c.Limits = strings.Join(limits, " and ")
	if slices.Contains(without, Precision) {
		c.Precision = ""
	}
	if slices.Contains(without, Workload) {
		c.Workload, c.SeqLen, c.ISL, c.OSL, c.Parameters = "", 0, 0, 0, 0
	}
	return c
}

func limitText(l bench.LimitSummary) string {
	return fmt.Sprintf("%s p%g <= %s", cmp.Or(string(l.Metric), "latency"), 100*l.Percentile, l.Bound)
}

// String names the contest: resnet50 f32, offline.
func (c Contest) String() string {
	parts := []string{strings.TrimSpace(cmp.Or(c.Workload, "all workloads in "+english.Plural(c.Unit)) + " " + c.Precision)}
	for _, o := range []struct {
		name string
		n    int
	}{{"seq-len", c.SeqLen}, {"isl", c.ISL}, {"osl", c.OSL}} {
		if o.n != 0 {
			parts = append(parts, fmt.Sprintf("%s %d", o.name, o.n))
		}
	}
	parts = append(parts, string(c.Scenario))
	for _, text := range []string{c.Load, c.Limits} {
		if text != "" {
			parts = append(parts, text)
		}
	}
	if c.Energy != "" {
		parts = append(parts, "energy of "+c.Energy)
	}
	return strings.Join(parts, ", ")
}

// Configuration is what a row chose that others of its contest may choose differently: the engine, the batch size, the load.
func Configuration(s bench.Summary) string {
	r := s.First
	parts := []string{strings.TrimSpace(r.Engine.Name + " " + r.Engine.Version), fmt.Sprintf("batch %d", r.Workload.Batch)}
	if n := orZero(r.Engine.Threads); n > 0 {
		parts = append(parts, english.Count(n, "thread"))
	}
	parts = append(parts, loadWords(r.Scenario)...)
	if n := r.Scenario.Replicas; n > 1 {
		parts = append(parts, fmt.Sprintf("%d replicas", n))
	}
	if g := r.Group; g != nil && g.Size > 1 {
		parts = append(parts, fmt.Sprintf("%d devices at once", g.Size))
	}
	if t := r.Trial; t != nil {
		parts = append(parts, fmt.Sprintf("%s of a comparison", t.Side))
	}
	return strings.Join(parts, ", ")
}

// loadWords are the rate and the number in flight of a scenario that has them.
func loadWords(s bench.Scenario) []string {
	var out []string
	if a := s.Arrival; a != nil {
		out = append(out, fmt.Sprintf("%s %g/s", a.Process, a.RatePerSecond))
	}
	if n := orZero(s.Concurrency); n > 0 {
		out = append(out, fmt.Sprintf("concurrency %d", n))
	}
	return out
}

// Candidates leaves out the rows that stand for no machine as it would be used: single devices of several that ran at once,
// which are priced together, and what a search tried on its way to the load that it found.
func Candidates(rows []bench.Summary) []bench.Summary {
	var probes []bench.Result
	for _, s := range rows {
		for _, r := range s.Results {
			if r.Scenario.Probe != nil {
				probes = append(probes, r)
			}
		}
	}
	peaks := bench.LoadPeaks(probes)
	return slices.DeleteFunc(slices.Clone(rows), func(s bench.Summary) bool {
		if g := s.First.Group; g != nil && g.Size > 1 && g.Index != bench.Whole {
			return true
		}
		probe := s.First.Scenario.Probe
		return probe != nil && !slices.ContainsFunc(peaks, func(p bench.LoadPeak) bool {
			return p.Search == probe.Search && p.Status == bench.PeakReached && p.Load != nil && *p.Load == load(s.First.Scenario)
		})
	})
}

// load is the rate, or the number in flight, of a scenario; 0 for those without.
func load(s bench.Scenario) float64 {
	if s.Arrival != nil {
		return s.Arrival.RatePerSecond
	}
	return float64(orZero(s.Concurrency))
}

// Excluded says why a row has no place in rankings and claims; empty if it has.
func Excluded(s bench.Summary) string {
	switch checks := s.First.Checks; {
	case s.Valid == 0 && len(s.Reasons) > 0:
		return "no valid run: " + s.Reasons[0]
	case s.Valid == 0:
		return "no valid run"
	case s.First.Engine.Kind != devices.Deployed:
		return "harness engine"
	case checks == nil:
		return "its output was not checked"
	case !checks.Passed:
		return "its output is wrong"
	case !slices.Contains([]string{"golden", "reference", bench.CrossEngine, bench.Repeatable}, checks.Kind):
		return "checked: " + checks.Kind
	}
	for _, l := range s.Limits {
		if !l.Met {
			return "missed its limit: " + limitText(l)
		}
	}
	return ""
}
