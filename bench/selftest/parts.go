package selftest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// Machine is what a part knows of its surroundings.
type Machine struct {
	// FS is the file system from the root.
	FS fs.FS
	// CPU is the CPU time that this process has used so far, false if the system does not say.
	CPU func() (time.Duration, bool)
}

// Part is what one process measures.
type Part struct {
	Name string
	// Figures are the names of what it measures.
	Figures []string
	measure func(context.Context, Machine) ([]Measured, error)
}

// ErrUnknownPart is wrapped by the error of [Measure] about a name that is none of [Parts].
var ErrUnknownPart = errors.New("no such part")

// Parts are all parts, in the order in which they are to be measured.
func Parts() []Part {
	list := []Part{
		{"clock", []string{"clock_read_seconds", "clock_resolution_seconds"}, clock},
		{"single-stream", []string{"single_stream_overhead_seconds"}, singleStream},
		{"server", []string{"server_overhead_seconds"}, server},
		{"offline", []string{"offline_overhead_seconds_per_sample"}, offline},
		{"memory", []string{"memory_bytes_10m_queries", "after_run_seconds_10m_queries"}, memory},
		{"queue", []string{"queue_handover_p50_seconds", "queue_handover_p90_seconds",
			"queue_handover_sleep_p50_seconds", "queue_handover_sleep_p90_seconds"}, handOver},
	}
	for _, wait := range []string{spin, sleep} {
		for _, r := range rates() {
			var names []string
			for _, f := range lateness(wait, r) {
				names = append(names, f.Name)
			}
			list = append(list, Part{fmt.Sprintf("%s-%.0f", wait, r.perSecond), names,
				func(ctx context.Context, m Machine) ([]Measured, error) { return punctuality(ctx, m, wait, r) }})
		}
	}
	return list
}

// Measure measures the part of that name in this process, which should have done nothing else before.
func Measure(ctx context.Context, name string, m Machine) (Outcome, error) {
	for _, p := range Parts() {
		if p.Name != name {
			continue
		}
		figures, err := p.measure(ctx, m)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return Outcome{}, fmt.Errorf("measuring %s: %w", name, err)
		}
		return Outcome{Figures: figures}, nil
	}
	return Outcome{}, fmt.Errorf("measuring %s: %w", name, ErrUnknownPart)
}
