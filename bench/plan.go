package bench

import (
	"time"

	"github.com/accelbench/accelbench/workloads"
)

// ScenarioName says how queries arrive. The names and rules are those of MLPerf Inference.
type ScenarioName string

// Single-stream issues one sample at a time, the next when the previous is done, and reports latency. Offline hands over
// all samples at once and reports throughput only.
const (
	SingleStream ScenarioName = "single-stream"
	Offline      ScenarioName = "offline"
)

// Scenarios lists the scenarios that can be run, in the order in which they are shown.
func Scenarios() []ScenarioName { return []ScenarioName{SingleStream, Offline} }

// Plan is one thing to measure: a workload in an engine on a device under a scenario, Repeats times.
type Plan struct {
	Device   string `json:"device" yaml:"device"` // device id
	Engine   string `json:"engine" yaml:"engine"`
	Workload string `json:"workload" yaml:"workload"`
	// Own is the user's own model or weights; nil for a standard workload.
	Own      *Own              `json:"own,omitempty" yaml:"-"`
	Options  workloads.Options `json:"options" yaml:",inline"`
	Scenario ScenarioName      `json:"scenario" yaml:"scenario"`
	// Duration is the least length of the timed part of a run.
	Duration time.Duration `json:"duration" yaml:"duration"`
	// MinQueries is the least number of queries of a run; a run ends when both minima are met. Offline has one query by
	// nature and counts samples instead.
	MinQueries int `json:"min_queries" yaml:"min_queries"`
	// Repeats is the number of runs, each in a fresh process.
	Repeats int `json:"repeats" yaml:"repeats"`
	// Seed orders the samples of the pool.
	Seed uint64 `json:"seed" yaml:"seed"`
	// Asked is true for what the user named and false for what an automatic selection added; it decides whether
	// "unsupported" counts as a failure of the whole.
	Asked bool `json:"asked" yaml:"-"`
}
