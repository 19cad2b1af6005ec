package nvml

import (
	"errors"
	"math"
)

// noteFailure keeps why the library did not start.
func (t *Tape) noteFailure(err error) {
	var failed *failure
	switch {
	case errors.Is(err, errNotBuilt):
		t.NotBuilt = true
	case errors.As(err, &failed):
		t.Failed, t.Why = int(failed.code), failed.why
	default:
		t.Failed, t.Why = int(codeUnknown), err.Error()
	}
}

// replay answers from a tape as the library did. What was not asked then has no answer now.
type replay struct{ tape *Tape }

// Start starts as the library did.
func (r replay) Start() (driver, error) {
	switch {
	case r.tape.NotBuilt:
		return nil, errNotBuilt
	case r.tape.Failed != 0:
		return nil, &failure{code: code(r.tape.Failed), why: r.tape.Why}
	}
	return r, nil
}

// Count gives the number of GPUs.
func (r replay) Count() (int, code) {
	if r.tape.Count.Value > maxTapeGPUs {
		return 0, codeNoData
	}
	return int(r.tape.Count.Value), code(r.tape.Count.Code)
}

// GPU gives a GPU of the tape.
func (r replay) GPU(index int) (gpu, code) {
	g := r.tape.GPUs[index]
	if g == nil {
		return nil, codeNotFound
	}
	return replayedGPU{g}, code(g.Code)
}

// Version gives a version.
func (r replay) Version(of version) (string, code) {
	return answerText(r.tape.Versions, versionNames[of])
}

// Shutdown has nothing to stop.
func (replay) Shutdown() code { return codeOK }

func answerText(from map[string]tapeText, name string) (string, code) {
	t, asked := from[name]
	if !asked {
		return "", codeNotSupported
	}
	return t.Value, code(t.Code)
}

func answerNumber(from map[string]tapeNumber, name string) (uint64, code) {
	n, asked := from[name]
	if !asked {
		return 0, codeNotSupported
	}
	return n.Value, code(n.Code)
}

type replayedGPU struct{ on *tapeGPU }

// Text gives a text.
func (g replayedGPU) Text(what text) (string, code) { return answerText(g.on.Texts, textNames[what]) }

// Number gives a number.
func (g replayedGPU) Number(what number) (uint64, code) {
	n, c := answerNumber(g.on.Numbers, numberNames[what])
	if what == numMaxSlices && n > maxTapeSlices {
		return 0, codeNoData
	}
	return n, c
}

// Slice gives a slice.
func (g replayedGPU) Slice(index int) (gpu, code) {
	s := g.on.Slices[index]
	if s == nil {
		return nil, codeNotFound
	}
	return replayedGPU{s}, code(s.Code)
}

// Sensors gives the sensors, which stand still.
func (g replayedGPU) Sensors() sensors { return g }

// Processes gives the number of processes.
func (g replayedGPU) Processes() (int, code) {
	if g.on.Processes == nil || g.on.Processes.Value > math.MaxInt32 {
		return 0, codeNotSupported
	}
	return int(g.on.Processes.Value), code(g.on.Processes.Code)
}

// Fields gives the replies that there were.
func (g replayedGPU) Fields(fields []field) ([]reply, code) {
	if g.on.FieldsCode != 0 {
		return nil, code(g.on.FieldsCode)
	}
	out := make([]reply, len(fields))
	for i, f := range fields {
		out[i].value, out[i].code = answerNumber(g.on.Fields, f.key())
	}
	return out, codeOK
}

// Record gives what the driver remembered.
func (g replayedGPU) Record() recorder { return g }

// Fault tells that there is none, or that none can be told.
func (g replayedGPU) Fault() (uint64, code) {
	if g.on.FaultCode == nil {
		return 0, codeNotSupported
	}
	if c := code(*g.on.FaultCode); c != codeOK {
		return 0, c
	}
	return 0, codeTimeout // there was one then, of which nothing was kept
}

// Activity gives how much of the GPU was at work.
func (g replayedGPU) Activity() (activity, code) {
	if g.on.ActivityCode == nil {
		return activity{}, codeNotSupported
	}
	c := code(*g.on.ActivityCode)
	if c != codeOK || g.on.Activity == nil {
		return activity{}, c
	}
	return activity{g.on.Activity.Cores, g.on.Activity.Tensor, g.on.Activity.Bandwidth}, codeOK
}

// Close has nothing to close.
func (replayedGPU) Close() {}
