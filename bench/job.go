package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/accelbench/accelbench/bench/selftest"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// The protocol between the runner and its worker process. Parent to worker, on the worker's stdin: one Job, and later
// perhaps one command; the pipe stays open as long as the parent lives. Worker to parent, on file descriptor 3: events,
// one JSON object per line. Stdout and stderr belong to whatever vendor library wants to print; the parent keeps their
// beginning and their end to explain a death.

// JobKind says what a worker is to do.
type JobKind string

// A worker finds the devices of a backend, measures the peaks of a device, makes one run, or measures the harness itself.
const (
	JobFind     JobKind = "find"
	JobPeak     JobKind = "peak"
	JobMeasure  JobKind = "measure"
	JobSelftest JobKind = "selftest"
)

// Job is what one worker process does.
type Job struct {
	Kind JobKind `json:"kind"`
	// Backend is the backend to ask.
	Backend string `json:"backend,omitempty"`
	// Skip are engines that are not to be probed on what is found, each with the reason.
	Skip map[string]string `json:"skip,omitempty"`
	// Device is the id of the device to use.
	Device string `json:"device,omitempty"`
	// Part is the part of the self-test to measure.
	Part string `json:"part,omitempty"`
	// Plan is what to measure. Golden are the values to check it against, nil with the reason in Unchecked; GoldenKind is
	// theirs, see [Checks].
	Plan       *Plan             `json:"plan,omitempty"`
	Golden     *workloads.Golden `json:"golden,omitempty"`
	GoldenKind string            `json:"golden_kind,omitempty"`
	Unchecked  string            `json:"unchecked,omitempty"`
	// Result is what the parent knows of the run; the worker fills in the rest.
	Result *Result `json:"result,omitempty"`
}

// command is what a parent says after the job.
type command struct {
	// Stop asks for the end of the run in flight.
	Stop bool `json:"stop"`
	// Start begins the timed part of a run that waits for the others of its group.
	Start bool `json:"start,omitempty"`
}

// Stage is a part of a run, in the order in which they come.
type Stage string

// The stages of a run. The parent computes reference values where none are embedded; the rest is the worker's.
const (
	StageReference Stage = "reference"
	StageLoad      Stage = "load"
	StageCheck     Stage = "check"
	StageWarmup    Stage = "warm-up"
	StageReady     Stage = "ready" // of a run in a group, which then waits for the others
	StageMeasure   Stage = "measure"
)

// event is what a worker says. Exactly one field is set; all but Stage end the job.
type event struct {
	Stage     *stageEvent       `json:"stage,omitempty"`
	Inventory *Inventory        `json:"inventory,omitempty"`
	Peak      *MeasuredPeak     `json:"peak,omitempty"`
	Result    *Result           `json:"result,omitempty"`
	Selftest  *selftest.Outcome `json:"selftest,omitempty"`
	Error     string            `json:"error,omitempty"`
	// Hung says what did not end.
	Hung string `json:"hung,omitempty"`
}

// stageOfProbe is the stage of asking an engine about the devices that were found.
func stageOfProbe(engine string) Stage { return Stage(probeStage + engine) }

const probeStage = "probe "

// stageEvent tells that a stage begins and how long it is expected to take; 0 is unknown.
type stageEvent struct {
	Stage    Stage         `json:"stage"`
	Expected time.Duration `json:"expected_ns"`
}

func (e event) final() bool { return e.Stage == nil }

func (e event) valid() bool {
	n := 0
	for _, set := range []bool{e.Stage != nil, e.Inventory != nil, e.Peak != nil, e.Result != nil, e.Selftest != nil, e.Error != "", e.Hung != ""} {
		if set {
			n++
		}
	}
	return n == 1
}

// maxLine bounds an event: a result holds three histograms of at most a megabyte each.
const maxLine = 16 << 20

var errGarbage = errors.New("the worker wrote what is no event")

// parseEvent reads one line of the worker's pipe.
func parseEvent(line []byte) (event, error) {
	var e event
	if err := json.Unmarshal(line, &e); err != nil || !e.valid() {
		return event{}, fmt.Errorf("%w: %.80q", errGarbage, line)
	}
	return e, nil
}

// sink writes events; it may be used from several goroutines. A write that does not arrive means that the parent is
// gone, which the lifeline tells as well.
type sink struct {
	mu  sync.Mutex
	out io.Writer
	// over gets what telling the parent of a hang came to: the process must then exit.
	over chan error
}

func newSink(out io.Writer) *sink { return &sink{out: out, over: make(chan error, 1)} }

// giveUp ends the job for a reason, with work in flight that does not end.
func (s *sink) giveUp(reason string) {
	err := s.send(event{Hung: reason})
	select {
	case s.over <- err:
	default: // given up already
	}
}

func (s *sink) send(e event) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encoding an event: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.out.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("telling the parent: %w", err)
	}
	return nil
}

func (s *sink) stage(stage Stage, expected time.Duration) error {
	return s.send(event{Stage: &stageEvent{stage, expected}})
}

// Inventory is what a backend found, with the engines that could run there.
type Inventory struct {
	Backend  string            `json:"backend"`
	Devices  []Candidate       `json:"devices"`
	Problems []devices.Problem `json:"problems,omitempty"`
	// Absent says why nothing was found; empty if something was.
	Absent string `json:"absent,omitempty"`
}

// Candidate is a device that was found.
type Candidate struct {
	Info devices.Info `json:"info"`
	// FreeBytes is the memory that a workload may use, when it was found; nil if unknown.
	FreeBytes *uint64 `json:"free_bytes"`
	// Reading are the sensors when it was found, with nothing loaded; nil if they could not be read.
	Reading *devices.Reading `json:"reading,omitempty"`
	// Engines are those of the catalogue, in order of preference.
	Engines []Probed `json:"engines"`
}

// Probed is an engine on a device: usable as Info, or not, for the Reason. Unserved tells that the engine does not serve
// this kind of device at all.
type Probed struct {
	Name     string              `json:"name"`
	Info     *devices.EngineInfo `json:"info,omitempty"`
	Reason   string              `json:"reason,omitempty"`
	Unserved bool                `json:"unserved,omitempty"`
}
