package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// errWrong marks outputs that are not what they should be.
var errWrong = errors.New("wrong output")

// checker looks at the outputs of a run before, within and after its timed part. An error that wraps errWrong ends the run.
type checker interface {
	// before checks every sample of the pool, or as many as fit in the time, at least one batch. It returns how long the first
	// batch took.
	before(ctx context.Context, limit time.Duration) (first time.Duration, err error)
	// within checks what the last batch left.
	within() error
	after(ctx context.Context) error
	// result is the sum of what was seen, and goes on to change.
	result() *Checks
}

// goldenChecker compares outputs with golden values.
type goldenChecker struct {
	workload *workloads.Workload
	golden   *workloads.Golden
	calls    []int
	sys      *devices.Batched
	checks   Checks
	next     int // pool sample
}

func newGoldenChecker(w *workloads.Workload, g *workloads.Golden, kind string, calls []int, sys *devices.Batched) *goldenChecker {
	return &goldenChecker{workload: w, golden: g, calls: calls, sys: sys, checks: Checks{Kind: kind}}
}

// outputs checks what the last batch left in the kept calls. The error wraps errWrong.
func (c *goldenChecker) outputs(when string) error {
	for _, call := range c.calls {
		out, samples := c.sys.Outputs(call)
		if out == nil {
			continue
		}
		check, err := c.golden.Check(c.workload, call, samples, out)
		if err != nil {
			return err
		}
		c.checks.Elements += int64(check.Elements)
		c.checks.Error = max(c.checks.Error, check.Error)
		c.checks.Tolerance = check.Tolerance
		if check.CrossEngine {
			c.checks.Kind = CrossEngine
		}
		if !check.Passed {
			c.checks.Passed = false
			return fmt.Errorf("%w %s the timed part, call %d: %s", errWrong, when, call, cmp.Or(check.Reason, "nothing compared"))
		}
	}
	c.checks.Passed = c.checks.Elements > 0
	return nil
}

// batch runs one batch outside the timed part and checks it.
func (c *goldenChecker) batch(ctx context.Context, when string) error {
	var none ignore
	samples := make([]devices.Sample, c.workload.Options.Batch)
	for i := range samples {
		samples[i] = devices.Sample{ID: uint64(i), Index: c.next % c.workload.Pool}
		c.next++
	}
	c.sys.Forget()
	if err := c.sys.Issue(ctx, samples, none); err != nil {
		return err
	}
	return c.outputs(when)
}

func (c *goldenChecker) within() error { return c.outputs("within") }

func (c *goldenChecker) after(ctx context.Context) error { return c.batch(ctx, "after") }

func (c *goldenChecker) result() *Checks { return &c.checks }

func (c *goldenChecker) before(ctx context.Context, limit time.Duration) (first time.Duration, err error) {
	start := time.Now()
	for first == 0 || c.next < c.workload.Pool && time.Since(start) < limit {
		if err := c.batch(ctx, "before"); err != nil {
			return first, err
		}
		if first == 0 {
			first = max(time.Since(start), 1)
		}
	}
	return first, nil
}

// ignore is a Recorder for batches that are not measured.
type ignore struct{}

func (ignore) First(uint64)                    {}
func (ignore) Tokens(uint64, int)              {}
func (ignore) Done(uint64, error)              {}
func (ignore) DoneAll([]devices.Sample, error) {}
