package reference

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/accelbench/accelbench/workloads"
)

// Calibrate finds the ranges of the float inputs and of all computed values of a single-pass workload, over its pool.
// progress, if not nil, hears the done fraction of the work, in order.
func Calibrate(ctx context.Context, w *workloads.Workload, progress func(fraction float64)) (*workloads.Calibration, error) {
	c, err := w.Canonical()
	if err != nil {
		return nil, fmt.Errorf("finding ranges: %w", err)
	}
	if len(c.Phases) > 1 {
		return nil, fmt.Errorf("finding ranges of %s: want a single phase, it has %d", c.Name, len(c.Phases))
	}
	out := &workloads.Calibration{Workload: c.Name}
	if out.Key, err = c.GoldenKey(); err != nil {
		return nil, fmt.Errorf("finding ranges: %w", err)
	}
	graph := c.Phases[0].Graph
	ranges := map[*workloads.Value]workloads.ValueRange{}
	see := func(v *workloads.Value, x []float64) {
		r, seen := ranges[v]
		if !seen {
			r = workloads.ValueRange{Name: v.Name, Low: math.Inf(1), High: math.Inf(-1)}
		}
		r.Low, r.High = min(r.Low, slices.Min(x)), max(r.High, slices.Max(x))
		ranges[v] = r
	}
	for sample := range c.Pool {
		in := c.NewInputs(0)
		c.Fill(0, []int{sample}, in)
		r, err := newRun(graph, in, nil)
		if err != nil {
			return nil, fmt.Errorf("finding ranges of %s: %w", c.Name, err)
		}
		for _, v := range graph.Inputs() {
			if v.DType == workloads.F32 {
				see(v, r.value(v))
			}
		}
		for _, n := range graph.Nodes {
			if err := r.node(ctx, n); err != nil {
				return nil, fmt.Errorf("finding ranges of %s, sample %d: %w", c.Name, sample, err)
			}
			see(n.Out, r.value(n.Out))
		}
		if progress != nil {
			progress(float64(sample+1) / float64(c.Pool))
		}
	}
	for _, v := range graph.Values {
		if r, seen := ranges[v]; seen {
			out.Ranges = append(out.Ranges, r)
		}
	}
	return out, nil
}
