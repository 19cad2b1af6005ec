package devicetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// TestEngine checks what every engine promises, by running a few queries of w on dev. Choose a workload that takes
// milliseconds. It skips the test, with the reason, where the engine is absent or does not support the device or the
// workload. Whether the values are right is not its matter: golden values tell.
//
// It demands that the same input gives the same bits, within a session and in a new one.
func TestEngine(t *testing.T, engine devices.Engine, dev devices.Device, w *workloads.Workload) {
	t.Helper()
	skip, err := checkEngine(t.Context(), engine, dev, w)
	if err != nil {
		t.Fatalf("engine %s with %s on %s: %v", engine.Name(), w.Name, dev.Info().ID, err)
	}
	if skip != "" {
		t.Skip(skip)
	}
}

// checkEngine returns the reason for which nothing could be checked, or what is wrong.
func checkEngine(ctx context.Context, engine devices.Engine, dev devices.Device, w *workloads.Workload) (skip string, err error) {
	info, err := engine.Probe(dev.Info())
	if errors.Is(err, devices.ErrAbsent) || errors.Is(err, devices.ErrUnsupported) {
		return err.Error(), nil
	}
	if err != nil {
		return "", fmt.Errorf("probe: error wraps neither ErrAbsent nor ErrUnsupported: %w", err)
	}
	if info.Name != engine.Name() || info.Name == "" || info.Version == "" {
		return "", fmt.Errorf("probe: name %q and version %q of engine %q", info.Name, info.Version, engine.Name())
	}
	if info.Kind != devices.Deployed && info.Kind != devices.Harness {
		return "", fmt.Errorf("probe: kind is %q", info.Kind)
	}
	if info.Threads != nil && *info.Threads <= 0 {
		return "", fmt.Errorf("probe: %d threads: what does not apply is nil", *info.Threads)
	}
	if err := engine.Supports(dev.Info(), w); errors.Is(err, devices.ErrUnsupported) {
		return err.Error(), nil
	} else if err != nil {
		return "", fmt.Errorf("supports: error does not wrap ErrUnsupported: %w", err)
	}
	return "", guard(func() error { return checkSessions(ctx, engine, dev, w) })
}

func checkSessions(ctx context.Context, engine devices.Engine, dev devices.Device, w *workloads.Workload) error {
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if loaded, err := engine.Load(cancelled, dev, w); err == nil {
		return errors.Join(errors.New("load with a cancelled context succeeds"), loaded.Session.Close())
	}

	s, err := load(ctx, engine, dev, w)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // once more after the closes below, or the only one after an error
	batch := w.Phases[0].Graph.Batch
	here, there := samplesFrom(0, batch), samplesFrom(batch, batch)
	prints, err := query(ctx, s, w, here)
	if err != nil {
		return fmt.Errorf("first query: %w", err)
	}
	others, err := query(ctx, s, w, there)
	if err != nil {
		return fmt.Errorf("second query: %w", err)
	}
	if err := checkDistinct(w, append(here, there...), append(append([]uint64(nil), prints...), others...)); err != nil {
		return err
	}
	again, err := query(ctx, s, w, here)
	if err != nil {
		return fmt.Errorf("third query: %w", err)
	}
	if err := same(prints, again); err != nil {
		return fmt.Errorf("the same samples again: %w", err)
	}
	if leaving, ok := s.(devices.Advancer); ok && len(w.Phases) > 1 {
		if err := checkAdvance(ctx, s, leaving, w, here, there); err != nil {
			return err
		}
	}
	if _, err := query(cancelled, s, w, here); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("run with a cancelled context returns %w, not its error", err)
	}
	if err := s.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	if _, err := query(ctx, s, w, here); err == nil {
		return errors.New("run after close succeeds")
	}
	_ = s.Close() // an error or not, but no panic

	fresh, err := load(ctx, engine, dev, w)
	if err != nil {
		return fmt.Errorf("second load: %w", err)
	}
	defer func() { _ = fresh.Close() }()
	if again, err = query(ctx, fresh, w, here); err != nil {
		return fmt.Errorf("query after the second load: %w", err)
	}
	if err := same(prints, again); err != nil {
		return fmt.Errorf("the same samples in a new session: %w", err)
	}
	if err := fresh.Close(); err != nil {
		return fmt.Errorf("second close: %w", err)
	}
	return nil
}

func load(ctx context.Context, engine devices.Engine, dev devices.Device, w *workloads.Workload) (devices.Session, error) {
	loaded, err := engine.Load(ctx, dev, w)
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	if loaded.Session == nil {
		return nil, errors.New("load: neither session nor error")
	}
	if loaded.Synthesis < 0 || loaded.Compile < 0 || loaded.Load < 0 {
		return nil, errors.Join(fmt.Errorf("load: negative time in %+v", loaded), loaded.Session.Close())
	}
	return loaded.Session, nil
}

func samplesFrom(first, n int) []int {
	samples := make([]int, n)
	for i := range samples {
		samples[i] = first + i
	}
	return samples
}

// query makes all calls of one query and returns a fingerprint of the outputs of each row.
func query(ctx context.Context, s devices.Session, w *workloads.Workload, samples []int) ([]uint64, error) {
	prints := make([]uint64, len(samples))
	for c := range w.Calls() {
		phase, _ := w.Phase(c)
		in, out := w.NewInputs(phase), w.NewOutputs(phase)
		w.Fill(c, samples, in)
		before := fingerprint(in)
		poison(out)
		if err := guard(func() error { return s.Run(ctx, phase, in, out) }); err != nil {
			return nil, fmt.Errorf("call %d: %w", c, err)
		}
		if fingerprint(in) != before {
			return nil, fmt.Errorf("call %d: the inputs were written to", c)
		}
		for o, t := range out {
			for i, x := range t.F32 {
				if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
					return nil, fmt.Errorf("call %d: element %d of output %d is %v or was not written", c, i, o, x)
				}
			}
			for r := range prints {
				prints[r] = hashRow(prints[r], t, r, len(prints))
			}
		}
	}
	return prints, nil
}

// poison makes elements recognisable that are not written.
func poison(list []workloads.Tensor) {
	for _, t := range list {
		for i := range t.F32 {
			t.F32[i] = float32(math.NaN())
		}
		for i := range t.I32 {
			t.I32[i] = math.MinInt32
		}
	}
}

func fingerprint(list []workloads.Tensor) uint64 {
	var h uint64
	for _, t := range list {
		h = hashRow(h, t, 0, len(t.F32)+len(t.I32)+1) // a batch that no shape has: the whole tensor
	}
	return h
}

func same(want, got []uint64) error {
	for r := range want {
		if want[r] != got[r] {
			return fmt.Errorf("row %d has another output than before", r)
		}
	}
	return nil
}

// checkDistinct finds an engine that computes one row for all, or does not look at its input.
func checkDistinct(w *workloads.Workload, samples []int, prints []uint64) error {
	by := map[uint64]int{}
	for i, p := range prints {
		sample := samples[i] % w.Pool
		if other, ok := by[p]; ok && other != sample {
			return fmt.Errorf("the samples %d and %d have the same output", other, sample)
		}
		by[p] = sample
	}
	return nil
}
