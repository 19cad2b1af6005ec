package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/accelbench/accelbench/bench/selftest"
)

// selftestDeadline is how long a part may take before it counts as hanging; the longest takes 3 s on a quiet machine.
const selftestDeadline = 30 * time.Second

// Selftest measures the harness on this machine, each part in a fresh worker. A part that fails leaves its figures unknown,
// with the reason; the error is for a worker that could not be started and for the end of the context. hear gets the name of
// each part before it begins.
func (r *Runner) Selftest(ctx context.Context, hear func(part string)) (selftest.Report, error) {
	outcomes, failed := map[string]selftest.Outcome{}, map[string]string{}
	var lost *lostError
	for _, p := range selftest.Parts() {
		hear(p.Name)
		last, err := r.work(ctx, Job{Kind: JobSelftest, Part: p.Name}, selftestDeadline, nil)
		switch {
		case ctx.Err() != nil:
			return selftest.Report{}, fmt.Errorf("self-test: %w", ctx.Err())
		case errors.As(err, &lost):
			failed[p.Name] = err.Error()
		case err != nil:
			return selftest.Report{}, fmt.Errorf("self-test: %w", err)
		case last.Selftest == nil:
			failed[p.Name] = last.Error
		default:
			outcomes[p.Name] = *last.Selftest
		}
	}
	return selftest.NewReport(outcomes, failed), nil
}

// selftest measures one part in this process.
func (c Catalogue) selftest(ctx context.Context, part string, out *sink) error {
	load := loadAverage(c.Machine.FS)
	began, before := time.Now(), usageNow(c.Machine.FS)
	outcome, err := selftest.Measure(ctx, part, selftest.Machine{FS: c.Machine.FS, CPU: cpuTime})
	if err != nil {
		return out.send(event{Error: err.Error()})
	}
	outcome.LoadAverage1 = load
	// A tick of 10 ms says little about a part that is shorter.
	if took, wall := others(before, usageNow(c.Machine.FS)), time.Since(began); took != nil && wall >= time.Second {
		share := took.Seconds() / wall.Seconds()
		outcome.Others = &share
	}
	return out.send(event{Selftest: &outcome})
}

// cpuTime is the CPU time that this process has used so far.
func cpuTime() (time.Duration, bool) {
	u := usageNow(nil)
	if u == nil {
		return 0, false
	}
	return u.cpu, true
}
