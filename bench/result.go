package bench

import (
	"time"

	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host"
	"github.com/accelbench/accelbench/workloads"
)

// Schema names the form of a result line.
const Schema = "accelbench.result/v1"

// Status is the outcome of a run.
type Status string

// A run is ok when it measured something, whether or not its figures are valid; unsupported when the device or engine
// does not have what was asked; failed when something broke; interrupted when the user stopped it.
const (
	OK          Status = "ok"
	Unsupported Status = "unsupported"
	Failed      Status = "failed"
	Interrupted Status = "interrupted"
)

// Result is what was measured in one run: one self-contained JSON line with nothing derived in it. Unknown is null.
type Result struct {
	Schema    string             `json:"schema"`
	ID        string             `json:"id"`      // random, unique per run
	Session   string             `json:"session"` // shared by the runs of one invocation
	StartedAt time.Time          `json:"started_at"`
	Tool      Tool               `json:"tool"`
	Command   string             `json:"command,omitempty"` // repeats the invocation
	Host      host.Host          `json:"host"`
	Cloud     host.Cloud         `json:"cloud"`
	Device    devices.Info       `json:"device"`
	Engine    devices.EngineInfo `json:"engine"`
	Workload  WorkloadInfo       `json:"workload"`
	Scenario  Scenario           `json:"scenario"`
	Repeat    int                `json:"repeat"`  // 0-based
	Repeats   int                `json:"repeats"` // planned
	Asked     bool               `json:"asked"`
	Status    Status             `json:"status"`
	Reason    string             `json:"reason,omitempty"`
	Counts    Counts             `json:"counts"`
	// ElapsedNS runs from the first issue to the last completion.
	ElapsedNS *int64       `json:"elapsed_ns"`
	Setup     *Setup       `json:"setup"`
	Latency   *Latency     `json:"latency"` // null for offline
	Limits    []LimitCount `json:"limits,omitempty"`
	Buckets   *Buckets     `json:"buckets"`
	Phases    *Phases      `json:"phases"` // null unless output tokens are counted
	// Ended tells that the run ended before its time: [EndedLimit] or [EndedOverrun]; empty if it did not.
	Ended string `json:"ended,omitempty"`
	// Generator is how the schedule was kept; null for the scenarios without one.
	Generator *Generator `json:"generator"`
	// Lanes are what each of several sessions, or the one behind a queue, did.
	Lanes []Lane `json:"lanes,omitempty"`
	// Group ties runs together that were made at the same time on several devices; null for a run that was alone.
	Group *Group `json:"group"`
	// Trial is the place of the run in an interleaved comparison of two sides; null for other runs.
	Trial *Trial `json:"trial"`
	// IdleWatts is the device's power before anything was loaded. SystemWatts is that of the whole machine, as the user gave it.
	IdleWatts   *float64          `json:"idle_watts,omitempty"`
	SystemWatts *float64          `json:"system_watts,omitempty"`
	Readings    []devices.Reading `json:"readings"`
	Checks      *Checks           `json:"checks"`
	Peak        Peak              `json:"peak"`
	Validity    Validity          `json:"validity"`
	Noise       Noise             `json:"noise"`
	// Parts are the results of the devices that a result of all of them stands for. Such a one is made by a summary and never saved.
	Parts []Result `json:"-"`
	// Price and Charge are inputs of the report, as given or looked up when the run was made; Unpriced says why there is none.
	Price    *price.Price `json:"price"`
	Charge   price.Charge `json:"charge,omitempty"`
	Unpriced string       `json:"unpriced,omitempty"`
	// PassedOver lists devices that were there and not measured.
	PassedOver []PassedOver `json:"passed_over,omitempty"`
	// DevicesPresent counts the machine's devices of this device's kind.
	DevicesPresent int `json:"devices_present"`
}

// Tool is the program that measured.
type Tool struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Dirty   *bool  `json:"dirty"`
}

// WorkloadInfo is the workload at its effective shape.
type WorkloadInfo struct {
	Name           string   `json:"name"`
	Title          string   `json:"title"`
	Unit           string   `json:"unit"`
	UnitsPerSample int      `json:"units_per_sample"`
	Precision      string   `json:"precision"`
	Batch          int      `json:"batch"`
	SeqLen         *int     `json:"seq_len"`
	ISL            *int     `json:"isl"`
	OSL            *int     `json:"osl"`
	Parameters     *int64   `json:"params"`
	FLOPsPerUnit   *float64 `json:"flops_per_unit"`
	BytesPerUnit   *float64 `json:"bytes_per_unit"`
	MemoryBytes    *int64   `json:"memory_bytes"`
	Data           string   `json:"data"`
	Hash           string   `json:"hash"`
}

// Scenario holds the settings as they took effect.
type Scenario struct {
	Name            ScenarioName `json:"name"`
	DurationNS      int64        `json:"duration_ns"` // least
	MinQueries      int          `json:"min_queries"`
	SamplesPerQuery int          `json:"samples_per_query"`
	WarmupNS        *int64       `json:"warmup_ns"` // what the warm-up took
	WarmupQueries   *int         `json:"warmup_queries"`
	Seed            uint64       `json:"seed"`
	Batching        string       `json:"batching"`    // static or dynamic
	MaxWaitNS       *int64       `json:"max_wait_ns"` // of dynamic batching
	Replicas        int          `json:"replicas"`
	Concurrency     *int         `json:"concurrency"`
	Arrival         *Arrival     `json:"arrival"` // null for the scenarios without a schedule
	TargetInterval  *float64     `json:"target_interval"`
	MaxDurationNS   *int64       `json:"max_duration_ns"`
	Preset          string       `json:"preset,omitempty"`
	Probe           *Probe       `json:"probe"` // null unless the run is part of a search
}

// Arrival is the schedule of the server scenario as it took effect.
type Arrival struct {
	Process       string   `json:"process"`
	Shape         *float64 `json:"shape"` // of gamma arrivals
	RatePerSecond float64  `json:"rate_per_s"`
	// RateEndPerSecond is the rate at the end of a ramp.
	RateEndPerSecond *float64 `json:"rate_end_per_s"`
	Seed             uint64   `json:"seed"` // of this run
	// Wait is how the generator waited: [WaitSpin] or [WaitSleep].
	Wait string `json:"wait"`
}

// The ways to wait for the time of a query.
const (
	WaitSpin  = "sleep-then-spin"
	WaitSleep = "sleep"
)

// The reasons for which a run ends before its time: a limit was missed so often that nothing could make up for it, or more
// samples were waiting than there is room for.
const (
	EndedLimit   = "limit"
	EndedOverrun = "overrun"
)

// Generator is how the load generator kept the schedule. Times run from the start of the timed part.
type Generator struct {
	// Lateness is the time from schedule to issue of every query.
	Lateness *Latency `json:"lateness"`
	// ScheduledNS is the scheduled time of the last query, IssuedNS when it was issued.
	ScheduledNS int64 `json:"scheduled_ns"`
	IssuedNS    int64 `json:"issued_ns"`
	// Hash identifies the sequence of times and samples; the same plan has the same one on every machine.
	Hash string `json:"schedule_hash"`
	// AwakeNS is the time in which the generator did not sleep: what it took of one CPU, at most.
	AwakeNS int64 `json:"awake_ns"`
}

// Lane is what one session did.
type Lane struct {
	Samples int64 `json:"samples"`
	Batches int64 `json:"batches"`
	BusyNS  int64 `json:"busy_ns"`
}

// Group is the part of a run in a set of runs that began together.
type Group struct {
	ID    string `json:"id"`
	Size  int    `json:"size"`
	Index int    `json:"index"` // 0-based
}

// Trial is the place of a run in an interleaved comparison: every round has each pair of plans once per side, in random order.
type Trial struct {
	ID    string `json:"id"`    // of the comparison
	Side  string `json:"side"`  // base or head
	Pair  int    `json:"pair"`  // 1-based: which of the side's plans; plans of the same pair are compared
	Round int    `json:"round"` // 1-based
	Place int    `json:"place"` // 1-based, in the order in which the round's runs were made
}

// The sides of a comparison.
const (
	SideBase = "base"
	SideHead = "head"
)

// Counts are totals of the timed part.
type Counts struct {
	Queries int64 `json:"queries"`
	Samples int64 `json:"samples"`
	Units   int64 `json:"units"`
	Errors  int64 `json:"errors"`
	// MostInFlight is the largest number of samples that waited or were computed at once.
	MostInFlight int64 `json:"most_in_flight"`
}

// Setup is the time from an empty process to the first answer.
type Setup struct {
	SynthesisNS  int64 `json:"synthesis_ns"`
	CompileNS    int64 `json:"compile_ns"`
	LoadNS       int64 `json:"load_ns"`
	FirstQueryNS int64 `json:"first_query_ns"`
}

// Latency is a distribution of nanoseconds: an HDR histogram in V2 compressed base64 form, with exact extremes.
type Latency struct {
	Histogram string `json:"histogram"`
	Count     int64  `json:"count"`
	MinNS     int64  `json:"min_ns"`
	MaxNS     int64  `json:"max_ns"`
}

// Buckets counts the units completed in consecutive slices of the run.
type Buckets struct {
	WidthNS int64   `json:"width_ns"`
	Units   []int64 `json:"units"`
}

// Phases are the latencies of a decoder: time to first token, and time per output token as MLPerf defines it
// ((latency - TTFT) / (tokens - 1) per sample; null with one output token).
type Phases struct {
	TTFT *Latency `json:"ttft"`
	TPOT *Latency `json:"tpot"`
	// PrefillNS and DecodeNS are the times that the device computed either; null with several sessions, whose times overlap.
	PrefillNS *int64 `json:"prefill_ns"`
	DecodeNS  *int64 `json:"decode_ns"`
}

// Checks compare the outputs with golden values at the timed shape and batch, before, within and after the timed part.
type Checks struct {
	// Kind is "golden" (embedded float64 reference), "reference" (computed on this machine before the run), [CrossEngine] or
	// [Repeatable].
	Kind      string  `json:"kind"`
	Elements  int64   `json:"elements"`
	Error     float64 `json:"error"` // largest scaled error
	Tolerance float64 `json:"tolerance"`
	Passed    bool    `json:"passed"`
}

// Cross-engine checks compare with what another engine computed, where the reference was too dear. Repeatable is all that
// can be said of a model file: that its outputs are finite and come out alike when an input comes again; the error is then
// the largest difference, scaled as with golden values.
const (
	CrossEngine = "cross-engine"
	Repeatable  = "repeatable"
)

// FLOPsIn is the measured FLOP/s in a precision; nil if it was not measured.
func (m *MeasuredPeak) FLOPsIn(precision string) *float64 {
	if flops, ok := m.FLOPsByPrecision[precision]; ok {
		return &flops
	}
	if precision == workloads.Full {
		return m.FLOPs
	}
	return nil
}

// Peak holds the device's peaks: measured in the same invocation, and specified by its maker.
type Peak struct {
	Measured *MeasuredPeak     `json:"measured"`
	Spec     *devices.SpecPeak `json:"spec"`
}

// MeasuredPeak is what loops that share no code with any engine reached on a CPU, and programs of the engine's own on an accelerator.
type MeasuredPeak struct {
	FLOPs *float64 `json:"flops"` // FLOP/s in f32
	// FLOPsByPrecision is FLOP/s of products by the precision of workloads; those that are not in it were not measured.
	FLOPsByPrecision map[string]float64 `json:"flops_by_precision,omitempty"`
	// ReadBytesPerSecond is what a CPU reads of its memory, and what an accelerator reads and writes of its own.
	ReadBytesPerSecond *float64 `json:"read_bytes_per_second"`
	// HostToDeviceBytesPerSecond and DeviceToHostBytesPerSecond are copies from and to an accelerator.
	HostToDeviceBytesPerSecond *float64 `json:"host_to_device_bytes_per_second"`
	DeviceToHostBytesPerSecond *float64 `json:"device_to_host_bytes_per_second"`
	// LaunchNS is the time of a program that does nothing, from the call to its end.
	LaunchNS *int64 `json:"launch_ns"`
	Threads  int    `json:"threads"` // of a CPU
	Method   string `json:"method"`
	// CPUOverWall is the CPU time over wall time of the loops' threads, nil if unknown or none of a CPU: below 1 something else took CPUs,
	// and the peak is too low.
	CPUOverWall *float64 `json:"cpu_over_wall"`
}

// Validity is the verdict on a run.
type Validity struct {
	Valid   bool     `json:"valid"`
	Reasons []string `json:"reasons,omitempty"`
}

// Noise holds what may have disturbed a run.
type Noise struct {
	// CPUOverWall is the process's CPU time over wall time, to be held against the engine's threads.
	CPUOverWall *float64 `json:"cpu_over_wall"`
	// StealFraction and ThrottledFraction are the shares of the run in which the hypervisor took the CPU or a cgroup quota stopped it.
	StealFraction     *float64 `json:"steal_fraction"`
	ThrottledFraction *float64 `json:"throttled_fraction"`
	LoadAverage1      *float64 `json:"load_average_1"`
	// ClockChange is the relative change of the device's clock over the run.
	ClockChange *float64 `json:"clock_change"`
	// InvoluntarySwitches counts context switches forced on the process.
	InvoluntarySwitches *int64 `json:"involuntary_switches"`
	// RunQueueFraction is the time in which threads of the process were ready to run and waited for a CPU, over wall time
	// and the engine's threads (1 if it has none on the CPU).
	RunQueueFraction *float64 `json:"run_queue_fraction"`
	// OthersFraction is the CPU time of other processes on the CPUs that this one may use, over wall time and the engine's threads.
	OthersFraction *float64 `json:"others_fraction"`
	// ForeignProcesses counts the processes that used the device before the engine was loaded.
	ForeignProcesses *int `json:"foreign_processes"`
}

// PassedOver is a device that was there and not measured.
type PassedOver struct {
	Device string `json:"device"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
}
