package main

import (
	"context"

	"github.com/accelbench/accelbench/bench"
)

// verdict is the exit code that the results deserve.
func (m *measurement) verdict(ctx context.Context) error {
	if ctx.Err() != nil {
		return codeError{code: exitInterrupted}
	}
	for _, r := range m.results {
		if bad(r) {
			return codeError{code: exitInvalid}
		}
	}
	for _, peak := range bench.LoadPeaks(m.results) {
		if peak.Status == bench.PeakUnfinished || peak.Doubtful {
			return codeError{code: exitInvalid}
		}
	}
	return nil
}

// bad tells whether a run lets the whole fail. That loads beyond its peak make a device's runs invalid is what a search looks for:
// such runs are judged with the search.
func bad(r bench.Result) bool {
	switch r.Status {
	case bench.Failed:
		return true
	case bench.Unsupported:
		return r.Asked
	case bench.OK:
		return !r.Validity.Valid && r.Scenario.Probe == nil
	}
	return false
}
