package bench

import "github.com/accelbench/accelbench/devices"

// Identity is what must be equal for runs to be repeats of each other. It is comparable. A number that does not apply or is
// not known is 0, a text that is not known is empty.
//
// The samples per query are no part of it: they follow from the scenario, and the offline scenario has as many as the
// device manages within the least duration. Nor are duration, seed and driver, which are conditions of a run.
type Identity struct {
	DeviceName string
	DeviceID   string

	Engine        string
	EngineVersion string
	EngineBuild   string // the digest of its library, where it has one
	Threads       int

	Workload  string
	Precision string
	Batch     int
	SeqLen    int
	ISL       int
	OSL       int
	Hash      string

	Scenario ScenarioName
	// Of the scenario: what asks for other answers. Rates and the number in flight are those of all devices of a group together.
	Arrival     string
	Shape       float64
	Rate        float64
	RateEnd     float64
	Concurrency int
	Batching    string
	MaxWait     int64
	Replicas    int
	GroupSize   int    // devices that ran at the same time
	Search      string // probes of a search are no repeats of other runs
	// Of an interleaved comparison: its two sides are no repeats of each other, whatever they have in common.
	Side string
	Pair int

	CPUModel     string
	Provider     string
	InstanceType string
}

// Identity of the run.
func (r *Result) Identity() Identity {
	id := Identity{
		DeviceName:    r.Device.Name,
		DeviceID:      r.Device.ID,
		Engine:        r.Engine.Name,
		EngineVersion: r.Engine.Version,
		EngineBuild:   engineBuild(r.Engine),
		Threads:       orZero(r.Engine.Threads),
		Workload:      r.Workload.Name,
		Precision:     r.Workload.Precision,
		Batch:         r.Workload.Batch,
		SeqLen:        orZero(r.Workload.SeqLen),
		ISL:           orZero(r.Workload.ISL),
		OSL:           orZero(r.Workload.OSL),
		Hash:          r.Workload.Hash,
		Scenario:      r.Scenario.Name,
		Concurrency:   orZero(r.Scenario.Concurrency),
		Batching:      r.Scenario.Batching,
		MaxWait:       orZero(r.Scenario.MaxWaitNS),
		Replicas:      max(r.Scenario.Replicas, 1), // older results do not tell
		GroupSize:     1,
		CPUModel:      orZero(r.Host.CPUModel),
		Provider:      orZero(r.Cloud.Provider),
		InstanceType:  orZero(r.Cloud.InstanceType),
	}
	if a := r.Scenario.Arrival; a != nil {
		id.Arrival, id.Shape, id.Rate, id.RateEnd = a.Process, orZero(a.Shape), a.RatePerSecond, orZero(a.RateEndPerSecond)
	}
	if r.Group != nil {
		id.GroupSize = r.Group.Size
	}
	if r.Scenario.Probe != nil {
		id.Search = r.Scenario.Probe.Search
	}
	if r.Trial != nil {
		id.Side, id.Pair = r.Trial.Side, r.Trial.Pair
	}
	if id.Batching == "" {
		id.Batching = string(devices.StaticBatching) // a run that never began
	}
	return id
}

func orZero[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// engineBuild tells libraries of one version apart.
func engineBuild(e devices.EngineInfo) string {
	for _, d := range e.Details {
		if text, ok := d.Value.(string); ok && d.Name == devices.LibraryDigest {
			return text
		}
	}
	return ""
}
