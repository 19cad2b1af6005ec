package selftest

import (
	"context"
	"time"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/load/arrival"
	"github.com/accelbench/accelbench/bench/stat"
)

// latenessTime is the length of a run whose lateness is measured, 2000 queries at the lowest rate.
const latenessTime = 2 * time.Second

// waitOf is the wait of that name.
func waitOf(name string) load.Wait {
	if name == spin {
		return load.SpinWait()
	}
	return load.SleepWait
}

// punctuality issues Poisson arrivals to a null system.
func punctuality(ctx context.Context, m Machine, wait string, r rate) ([]Measured, error) {
	a := load.Server{Schedule: arrival.Spec{Process: arrival.Poisson, Rate: r.perSecond, Seed: 1}, Wait: waitOf(wait)}
	g := load.New(null{}, a, load.Settings{Duration: latenessTime, Pool: pool, Seed: 1})
	if _, err := g.WarmUp(ctx); err != nil {
		return nil, err
	}
	began := time.Now()
	before, known := m.CPU()
	out := g.Run(ctx)
	after, _ := m.CPU()
	wall := time.Since(began)
	if err := sound(out); err != nil {
		return nil, err
	}
	cpu := Measured{Name: cpuName(wait, r)}
	if known {
		share := float64(after-before) / float64(wall)
		cpu.Value = &share
	} else {
		cpu.Reason = "the system does not tell the CPU time of a process"
	}
	late := out.Schedule.Lateness
	return []Measured{
		quantile(latenessName(wait, "p50", r), late, 0.50),
		quantile(latenessName(wait, "p90", r), late, 0.90),
		quantile(latenessName(wait, "p99", r), late, 0.99),
		cpu}, nil
}

// quantile is the figure of a histogram that is not empty.
func quantile(name string, h *stat.Histogram, p float64) Measured {
	ns, ok := h.Quantile(p)
	if !ok {
		return Measured{Name: name, Reason: "nothing was recorded"}
	}
	x := time.Duration(ns).Seconds()
	return Measured{Name: name, Value: &x}
}
