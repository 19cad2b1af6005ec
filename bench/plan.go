package bench

import (
	"time"

	"github.com/accelbench/accelbench/bench/load/arrival"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// ScenarioName says how queries arrive. The names and rules are those of MLPerf Inference; concurrency is a closed loop.
type ScenarioName string

// Single-stream issues one sample at a time, the next when the previous is done, and multi-stream a query of eight. Server
// issues single samples by a schedule, whatever the system does. Offline hands over all samples at once and reports
// throughput only. Concurrency keeps a number of samples in flight.
const (
	SingleStream ScenarioName = "single-stream"
	MultiStream  ScenarioName = "multi-stream"
	Server       ScenarioName = "server"
	Offline      ScenarioName = "offline"
	Concurrency  ScenarioName = "concurrency"
)

// Scenarios lists the scenarios that can be run, in the order in which they are shown.
func Scenarios() []ScenarioName {
	return []ScenarioName{SingleStream, MultiStream, Server, Offline, Concurrency}
}

// MultiStreamSamples is the number of samples of a multi-stream query, as MLPerf has it.
const MultiStreamSamples = 8

// Plan is one thing to measure: a workload in an engine on a device under a scenario, Repeats times.
type Plan struct {
	Device string `json:"device" yaml:"device"` // device id
	// Peers are further devices that run the same at the same time, each in a process of its own: they share the rate or the
	// concurrency, begin together, and give a Result each. In a plan whose devices are yet to be found they are the words that name
	// all of them, see [ChooseTogether].
	Peers    []string `json:"peers,omitempty" yaml:"-"`
	Engine   string   `json:"engine" yaml:"engine"`
	Workload string   `json:"workload" yaml:"workload"`
	// Own is the user's own model or weights; nil for a standard workload.
	Own      *Own              `json:"own,omitempty" yaml:"-"`
	Options  workloads.Options `json:"options" yaml:",inline"`
	Scenario ScenarioName      `json:"scenario" yaml:"scenario"`
	Arrivals
	Service
	Length
	// Repeats is the number of runs, each in a fresh process.
	Repeats int `json:"repeats" yaml:"repeats"`
	// Seed orders the samples of the pool and, unless ScheduleSeed is set, draws the schedule of the server scenario.
	Seed         uint64 `json:"seed" yaml:"seed"`
	ScheduleSeed uint64 `json:"schedule_seed,omitempty" yaml:"-"`
	// Limits are what latencies must keep to.
	Limits []Limit `json:"limits,omitempty" yaml:"-"`
	// FindPeak searches the highest rate, or concurrency, at which the limits are met; Probe marks the plan of one of its runs.
	FindPeak bool   `json:"find_peak,omitempty" yaml:"find-peak"`
	Probe    *Probe `json:"probe,omitempty" yaml:"-"`
	// Preset names the set of settings that the plan was made by: "mlperf", or empty.
	Preset string `json:"preset,omitempty" yaml:"-"`
	// Asked is true for what the user named and false for what an automatic selection added; it decides whether
	// "unsupported" counts as a failure of the whole.
	Asked bool `json:"asked" yaml:"-"`
}

// Arrivals say how many queries come.
type Arrivals struct {
	// Rate is the queries per second of the server scenario; with RateEnd it changes linearly over the duration.
	Rate    float64 `json:"rate,omitempty" yaml:"rate"`
	RateEnd float64 `json:"rate_end,omitempty" yaml:"ramp-to"`
	// Arrival is the process of the server scenario, empty for Poisson; Shape is that of gamma arrivals.
	Arrival arrival.Process `json:"arrival,omitempty" yaml:"arrival"`
	Shape   float64         `json:"shape,omitempty" yaml:"shape"`
	// Concurrency is the number of samples in flight of the concurrency scenario.
	Concurrency int `json:"concurrency,omitempty" yaml:"concurrency"`
}

// Service says how samples are served on a device.
type Service struct {
	// Batching is empty for the scenario's own: dynamic for server and concurrency, static elsewhere.
	Batching devices.Batching `json:"batching,omitempty" yaml:"batching"`
	// MaxWait is how long a sample waits for others to fill a dynamic batch.
	MaxWait time.Duration `json:"max_wait,omitempty" yaml:"max-wait"`
	// Replicas is the number of sessions on the device, 0 for one.
	Replicas int `json:"replicas,omitempty" yaml:"replicas"`
	// Threads is the number of CPU threads of all replicas of a CPU engine together, 0 for as many as there are CPUs.
	Threads int `json:"threads,omitempty" yaml:"threads"`
}

// Length says how long a run is, and how many there are.
type Length struct {
	// Duration is the least length of the timed part of a run.
	Duration time.Duration `json:"duration" yaml:"duration"`
	// MinQueries is the least number of queries of a run; a run ends when both minima are met. Offline has one query by
	// nature and counts samples instead.
	MinQueries int `json:"min_queries" yaml:"min_queries"`
	// TargetInterval, if above 0, lets each run go on until the interval of its throughput is within so large a part of it on
	// either side, up to MaxDuration, and adds runs until the interval over runs is, up to MaxRepeats.
	TargetInterval float64       `json:"target_interval,omitempty" yaml:"target-interval"`
	MaxDuration    time.Duration `json:"max_duration,omitempty" yaml:"max-duration"`
	MaxRepeats     int           `json:"max_repeats,omitempty" yaml:"max-repeats"`
	// QueryDeadline is how long one execution of a batch may take before it counts as hanging; 0 for 20 times what the first one
	// took, at least 30 s.
	QueryDeadline time.Duration `json:"query_deadline,omitempty" yaml:"query-deadline"`
}

// BatchingOf is the batching that takes effect.
func (p Plan) BatchingOf() devices.Batching {
	switch {
	case p.Batching != "":
		return p.Batching
	case p.Scenario == Server || p.Scenario == Concurrency:
		return devices.DynamicBatching
	}
	return devices.StaticBatching
}

// process is the arrival process that takes effect.
func (p Plan) process() arrival.Process {
	if p.Arrival == "" {
		return arrival.Poisson
	}
	return p.Arrival
}

// ofRun is the plan of one of its runs: each has a schedule of its own, since runs with one schedule would agree on what is chance. The
// run of a search is told by its step, another one by its repeat.
func (p Plan) ofRun(repeat int) Plan {
	if p.Probe != nil {
		repeat = p.Probe.Step
	}
	if p.Scenario == Server {
		p.ScheduleSeed = p.schedule().Seed + uint64(repeat)*runSeeds
	}
	return p
}

// runSeeds is the distance between the seeds of runs; the devices of a run have those next to its own.
const runSeeds = 1 << 16

// lastRate is the rate of the server scenario from the end of a ramp on.
func (p Plan) lastRate() float64 {
	if p.RateEnd > 0 {
		return p.RateEnd
	}
	return p.Rate
}

// schedule is the arrival schedule of the server scenario.
func (p Plan) schedule() arrival.Spec {
	seed := p.ScheduleSeed
	if seed == 0 {
		seed = p.Seed
	}
	spec := arrival.Spec{Process: p.process(), Shape: p.Shape, Rate: p.Rate, RateEnd: p.RateEnd, Seed: seed}
	if p.RateEnd > 0 {
		spec.Span = p.Duration
	}
	return spec
}
