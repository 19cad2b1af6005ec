package bench

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/internal/half"
	"github.com/accelbench/accelbench/workloads"
)

// repeatTolerance is the largest difference between two runs of one input. Engines sum in other orders when other threads
// are free, which costs a few times 1e-7 of a row's size in f32; a model that draws random numbers differs by its size.
const repeatTolerance = 1e-3

// repeatChecker checks a model file, of which nothing is known: its outputs are finite, and the same input gives the same
// outputs again.
type repeatChecker struct {
	workload *workloads.Workload
	sys      *devices.Batched
	first    [][]workloads.Tensor // by pool sample
	checks   Checks
	next     int
}

func newRepeatChecker(w *workloads.Workload, sys *devices.Batched) *repeatChecker {
	return &repeatChecker{workload: w, sys: sys, first: make([][]workloads.Tensor, w.Pool),
		checks: Checks{Kind: Repeatable, Tolerance: repeatTolerance}}
}

// before runs every sample twice.
func (c *repeatChecker) before(ctx context.Context, limit time.Duration) (first time.Duration, err error) {
	start := time.Now()
	for c.next < 2 || c.next < 2*c.workload.Pool && time.Since(start) < limit {
		if err := c.sample(ctx, c.next/2, "before"); err != nil {
			return first, err
		}
		if first == 0 {
			first = max(time.Since(start), 1)
		}
		c.next++
	}
	return first, nil
}

func (c *repeatChecker) within() error { return c.outputs("within") }

func (c *repeatChecker) after(ctx context.Context) error {
	if err := c.sample(ctx, 0, "after"); err != nil {
		return err
	}
	if c.checks.Elements == 0 {
		c.checks.Passed = false
		return fmt.Errorf("%w: all outputs are empty, so that nothing was compared: give inputs for which the model gives something, "+
			"--input name=file.npy", errWrong)
	}
	return nil
}

func (c *repeatChecker) result() *Checks { return &c.checks }

func (c *repeatChecker) sample(ctx context.Context, index int, when string) error {
	c.sys.Forget()
	if err := c.sys.Issue(ctx, []devices.Sample{{Index: index}}, ignore{}); err != nil {
		return err
	}
	return c.outputs(when)
}

// outputs looks at what the last batch left. The error wraps errWrong.
func (c *repeatChecker) outputs(when string) error {
	out, samples := c.sys.Outputs(0)
	if out == nil {
		return nil
	}
	if err := c.compare(samples[0]%c.workload.Pool, out); err != nil {
		c.checks.Passed = false
		return fmt.Errorf("%w %s the timed part: %w", errWrong, when, err)
	}
	return nil
}

func (c *repeatChecker) compare(sample int, out []workloads.Tensor) error {
	for i, t := range out {
		if at, bad := notFinite(t); bad {
			return fmt.Errorf("element %d of output %d is NaN or infinite with %s: "+
				"give ranges that suit the model, --input name:shape:type:low..high, or real data, --input name=file.npy",
				at, i, c.workload.Data)
		}
	}
	known := c.first[sample]
	if known == nil {
		for _, t := range out {
			known = append(known, clone(t))
		}
		c.first[sample] = known
		return nil
	}
	for i := range out {
		off, err := difference(known[i], out[i])
		c.checks.Error = max(c.checks.Error, off)
		c.checks.Elements += int64(workloads.Elements(out[i].Shape))
		if err == nil && off > repeatTolerance {
			err = fmt.Errorf("it is off by %.3g of its size (tolerance %.0e)", off, repeatTolerance)
		}
		if err != nil {
			return fmt.Errorf("output %d is not repeatable, the same input gave another result: %w", i, err)
		}
	}
	c.checks.Passed = c.checks.Elements > 0
	return nil
}

func clone(t workloads.Tensor) workloads.Tensor {
	t.Shape, t.F32, t.I32, t.Raw = slices.Clone(t.Shape), slices.Clone(t.F32), slices.Clone(t.I32), slices.Clone(t.Raw)
	return t
}

// notFinite is the first element that is NaN or infinite.
func notFinite(t workloads.Tensor) (at int, bad bool) {
	if !t.DType.Real() {
		return 0, false
	}
	for i := range workloads.Elements(t.Shape) {
		if x := element(t, i); math.IsNaN(x) || math.IsInf(x, 0) {
			return i, true
		}
	}
	return 0, false
}

// difference is the largest |a-b| / (rms + |a|) of finite reals, rms being that of a or b, whichever is larger. The error is
// for what has no size: another type or shape, or other integers.
func difference(a, b workloads.Tensor) (float64, error) {
	switch {
	case a.DType != b.DType || !slices.Equal(a.Shape, b.Shape):
		return 0, fmt.Errorf("it is %s %v after %s %v", b.DType, b.Shape, a.DType, a.Shape)
	case a.Equal(b):
		return 0, nil
	case !a.DType.Real():
		return 0, fmt.Errorf("its elements of %s differ", a.DType)
	}
	n := workloads.Elements(a.Shape)
	var largest, squareA, squareB, worst float64
	for i := range n {
		largest = max(largest, math.Abs(element(a, i)), math.Abs(element(b, i)))
	}
	if largest == 0 {
		return 0, nil // zeros of either sign
	}
	// By shares of the largest: squares of large float64 would overflow.
	for i := range n {
		x, y := element(a, i)/largest, element(b, i)/largest
		squareA, squareB = squareA+x*x/float64(n), squareB+y*y/float64(n)
	}
	rms := math.Sqrt(max(squareA, squareB))
	for i := range n {
		x, y := element(a, i)/largest, element(b, i)/largest
		worst = max(worst, math.Abs(x-y)/(rms+math.Abs(x)))
	}
	return worst, nil
}

// element is an element of a tensor of reals.
func element(t workloads.Tensor, i int) float64 {
	switch t.DType {
	case workloads.F32:
		return float64(t.F32[i])
	case workloads.F16:
		return float64(half.FromFloat16(binary.NativeEndian.Uint16(t.Raw[2*i:])))
	case workloads.BF16:
		return float64(half.FromBFloat16(binary.NativeEndian.Uint16(t.Raw[2*i:])))
	}
	return math.Float64frombits(binary.NativeEndian.Uint64(t.Raw[8*i:]))
}
