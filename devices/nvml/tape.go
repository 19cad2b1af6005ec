package nvml

import (
	"fmt"
	"sync"
)

// Tape is what NVML answered on some machine, so that Find and Read can be run again elsewhere. Set it in [Options] to record
// or to replay; the zero value is empty. As JSON it is part of a capture; codes are NVML's numbers.
type Tape struct {
	// Failed is the code with which the library did not start, and Why the loader's words; 0 if it did.
	Failed int    `json:"failed,omitempty"`
	Why    string `json:"why,omitempty"`
	// NotBuilt says that the program that recorded had no NVML inside.
	NotBuilt bool                `json:"not_built,omitempty"`
	Count    tapeNumber          `json:"count"`
	Versions map[string]tapeText `json:"versions,omitempty"`
	GPUs     map[int]*tapeGPU    `json:"gpus,omitempty"`

	mu      sync.Mutex
	started bool
}

// Untaped is the tape of a machine of which NVML's answers were not kept.
func Untaped() *Tape {
	return &Tape{Failed: int(codeLibraryNotFound), Why: "its answers were not captured"}
}

// Empty tells that NVML was not asked.
func (t *Tape) Empty() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.started && t.Failed == 0 && !t.NotBuilt
}

type tapeText struct {
	Value string `json:"value,omitempty"`
	Code  int    `json:"code,omitempty"`
}

type tapeNumber struct {
	Value uint64 `json:"value"`
	Code  int    `json:"code,omitempty"`
}

// tapeGPU is a GPU or a slice; an answer that is not there was not asked for.
type tapeGPU struct {
	Code      int                   `json:"code,omitempty"`
	Texts     map[string]tapeText   `json:"texts,omitempty"`
	Numbers   map[string]tapeNumber `json:"numbers,omitempty"`
	Slices    map[int]*tapeGPU      `json:"slices,omitempty"`
	Processes *tapeNumber           `json:"processes,omitempty"`
	// Fields are by "id" or "id/scope"; FieldsCode is that of the call.
	Fields     map[string]tapeNumber `json:"fields,omitempty"`
	FieldsCode int                   `json:"fields_code,omitempty"`
	// FaultCode and ActivityCode are those of the last question.
	FaultCode    *int          `json:"fault_code,omitempty"`
	ActivityCode *int          `json:"activity_code,omitempty"`
	Activity     *tapeActivity `json:"activity,omitempty"`
}

type tapeActivity struct {
	Cores     *float64 `json:"cores"`
	Tensor    *float64 `json:"tensor"`
	Bandwidth *float64 `json:"bandwidth"`
}

// maxTapeGPUs and maxTapeSlices bound what is believed of a tape.
const (
	maxTapeGPUs   = 1024
	maxTapeSlices = 64
)

var versionNames = map[version]string{driverVersion: "driver", cudaVersion: "cuda"}

var textNames = map[text]string{textName: "name", textUUID: "uuid", textPCIAddress: "pci_address"}

// numberNames are the names of numbers on a tape, which stay when constants come and go.
var numberNames = map[number]string{
	numMemoryTotal: "memory_total", numMemoryUsed: "memory_used", numCUDACores: "cuda_cores", numSliceMultiprocessors: "slice_multiprocessors",
	numComputeCapability: "compute_capability", numArchitecture: "architecture", numMIGMode: "mig_mode", numMaxSlices: "max_slices",
	numMaxSMClock: "max_sm_clock", numMaxMemoryClock: "max_memory_clock", numPowerLimit: "power_limit", numPowerMin: "power_min",
	numPowerMax: "power_max", numPowerDefault: "power_default", numECC: "ecc", numPersistence: "persistence", numComputeMode: "compute_mode",
	numPCIeGen: "pcie_generation", numPCIeGenMax: "pcie_generation_max", numPCIeWidth: "pcie_width", numPCIeWidthMax: "pcie_width_max",
	numPower: "power", numEnergy: "energy", numSMClock: "sm_clock", numMemoryClock: "memory_clock", numTemperature: "temperature",
	numUtilization: "utilization", numThrottle: "throttle", numMemoryUtilization: "memory_utilization", numECCUncorrected: "ecc_uncorrected",
	numFabricState: "fabric_state",
}

func (f field) key() string {
	if f.scope == 0 {
		return fmt.Sprint(f.id)
	}
	return fmt.Sprintf("%d/%d", f.id, f.scope)
}

// taped records what a library answers.
type taped struct {
	library
	tape *Tape
}

// Start starts the library under the tape.
func (l taped) Start() (driver, error) {
	d, err := l.library.Start()
	l.tape.mu.Lock()
	defer l.tape.mu.Unlock()
	if err != nil {
		l.tape.noteFailure(err)
		return nil, err
	}
	l.tape.started = true
	return tapedDriver{d, l.tape}, nil
}

type tapedDriver struct {
	driver
	tape *Tape
}

// Count notes the number of GPUs.
func (d tapedDriver) Count() (int, code) {
	n, c := d.driver.Count()
	d.tape.note(func() { d.tape.Count = tapeNumber{uint64(max(n, 0)), int(c)} })
	return n, c
}

// Version notes a version.
func (d tapedDriver) Version(of version) (string, code) {
	s, c := d.driver.Version(of)
	d.tape.note(func() { put(&d.tape.Versions, versionNames[of], tapeText{s, int(c)}) })
	return s, c
}

// GPU notes whether the GPU can be used, and records it.
func (d tapedDriver) GPU(index int) (gpu, code) {
	g, c := d.driver.GPU(index)
	on := &tapeGPU{Code: int(c)}
	d.tape.note(func() {
		if old := d.tape.GPUs[index]; old != nil {
			on = old
		}
		put(&d.tape.GPUs, index, on)
	})
	return tapedGPU{g, d.tape, on}, c
}

func (t *Tape) note(change func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change()
}

func put[K comparable, V any](to *map[K]V, key K, value V) {
	if *to == nil {
		*to = map[K]V{}
	}
	(*to)[key] = value
}

type tapedGPU struct {
	gpu
	tape *Tape
	on   *tapeGPU
}

// Text notes a text.
func (g tapedGPU) Text(what text) (string, code) {
	s, c := g.gpu.Text(what)
	g.tape.note(func() { put(&g.on.Texts, textNames[what], tapeText{s, int(c)}) })
	return s, c
}

// Number notes a number.
func (g tapedGPU) Number(what number) (uint64, code) {
	n, c := g.gpu.Number(what)
	g.tape.note(func() { put(&g.on.Numbers, numberNames[what], tapeNumber{n, int(c)}) })
	return n, c
}

// Slice notes whether there is a slice that can be used, and records it.
func (g tapedGPU) Slice(index int) (gpu, code) {
	s, c := g.gpu.Slice(index)
	on := &tapeGPU{Code: int(c)}
	g.tape.note(func() { put(&g.on.Slices, index, on) })
	return tapedGPU{s, g.tape, on}, c
}

// Sensors records the sensors.
func (g tapedGPU) Sensors() sensors { return tapedSensors{g.gpu.Sensors(), g.tape, g.on} }

type tapedSensors struct {
	sensors
	tape *Tape
	on   *tapeGPU
}

// Processes notes the number of processes, and nothing about them.
func (s tapedSensors) Processes() (int, code) {
	n, c := s.sensors.Processes()
	s.tape.note(func() { s.on.Processes = &tapeNumber{uint64(max(n, 0)), int(c)} })
	return n, c
}

// Fields notes every reply.
func (s tapedSensors) Fields(fields []field) ([]reply, code) {
	replies, c := s.sensors.Fields(fields)
	s.tape.note(func() {
		s.on.FieldsCode = int(c)
		for i, r := range replies {
			put(&s.on.Fields, fields[i].key(), tapeNumber{r.value, int(r.code)})
		}
	})
	return replies, c
}

// Record records what the driver remembers.
func (s tapedSensors) Record() recorder { return tapedRecorder{s.sensors.Record(), s.tape, s.on} }

type tapedRecorder struct {
	recorder
	tape *Tape
	on   *tapeGPU
}

// Fault notes the code alone: errors of the past are of no use elsewhere.
func (r tapedRecorder) Fault() (uint64, code) {
	xid, c := r.recorder.Fault()
	r.tape.note(func() { r.on.FaultCode = numberOf(c) })
	return xid, c
}

// Activity notes the answer.
func (r tapedRecorder) Activity() (activity, code) {
	a, c := r.recorder.Activity()
	r.tape.note(func() {
		r.on.ActivityCode = numberOf(c)
		if c == codeOK {
			r.on.Activity = &tapeActivity{a.cores, a.tensor, a.bandwidth}
		}
	})
	return a, c
}

func numberOf(c code) *int {
	n := int(c)
	return &n
}
