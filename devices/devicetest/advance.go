package devicetest

import (
	"context"
	"fmt"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// checkAdvance holds a session that can leave outputs on the device to the one that fetches all: what the calls before it left in
// the states shows in the outputs of the last one.
func checkAdvance(ctx context.Context, s devices.Session, leaving devices.Advancer, w *workloads.Workload, samples, others []int) error {
	fetched, err := lastOutputs(ctx, w, samples, func(ctx context.Context, phase int, in, out []workloads.Tensor) error {
		if out == nil {
			out = w.NewOutputs(phase)
		}
		return s.Run(ctx, phase, in, out)
	})
	if err != nil {
		return fmt.Errorf("run: %w", err)
	}
	// The states are to hold something else in between.
	if _, err := query(ctx, s, w, others); err != nil {
		return fmt.Errorf("run: %w", err)
	}
	left, err := lastOutputs(ctx, w, samples, func(ctx context.Context, phase int, in, out []workloads.Tensor) error {
		if out == nil {
			return leaving.Advance(ctx, phase, in)
		}
		return s.Run(ctx, phase, in, out)
	})
	if err != nil {
		return fmt.Errorf("advance: %w", err)
	}
	if err := same(fetched, left); err != nil {
		return fmt.Errorf("the last call after others whose outputs were left on the device: %w", err)
	}
	return nil
}

// lastOutputs makes the calls of one query and returns a fingerprint of each row of the last one's outputs. Without out nobody reads
// those of the others.
func lastOutputs(ctx context.Context, w *workloads.Workload, samples []int,
	run func(ctx context.Context, phase int, in, out []workloads.Tensor) error) ([]uint64, error) {
	prints := make([]uint64, len(samples))
	for c := range w.Calls() {
		phase, _ := w.Phase(c)
		in := w.NewInputs(phase)
		w.Fill(c, samples, in)
		var out []workloads.Tensor
		if c == w.Calls()-1 {
			out = w.NewOutputs(phase)
			poison(out)
		}
		if err := run(ctx, phase, in, out); err != nil {
			return nil, fmt.Errorf("call %d: %w", c, err)
		}
		for _, t := range out {
			for r := range prints {
				prints[r] = hashRow(prints[r], t, r, len(prints))
			}
		}
	}
	return prints, nil
}
