package selftest

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/load/arrival"
	"github.com/accelbench/accelbench/bench/stat"
)

const (
	// latenessTime is the length of a run whose lateness is measured: at the lowest rate 500 queries, which is enough for a
	// 99th percentile.
	latenessTime = 500 * time.Millisecond
	latenessRuns = 5
)

// waitOf is the wait of that name.
func waitOf(name string) load.Wait {
	if name == spin {
		return load.SpinWait(runtime.Gosched)
	}
	return load.SleepWait
}

// percentile is a percentile of lateness by its name.
type percentile struct {
	name string
	p    float64
}

func percentiles() []percentile { return []percentile{{"p50", 0.50}, {"p90", 0.90}, {"p99", 0.99}} }

// punctuality issues Poisson arrivals to a null system, in several runs. A figure is the median over the runs of the run's
// percentile, or of its share of a CPU.
func punctuality(ctx context.Context, m Machine, wait string, r rate) ([]Measured, error) {
	late := map[string][]float64{}
	var shares []float64
	waits := waitOf(wait)
	for i := range latenessRuns {
		a := load.Server{Schedule: arrival.Spec{Process: arrival.Poisson, Rate: r.perSecond, Seed: uint64(i)}, Wait: waits}
		if wait == sleep {
			a.Enter = load.OwnThread // as a run does
		}
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
		if known {
			shares = append(shares, float64(after-before)/float64(wall))
		}
		for _, p := range percentiles() {
			x, err := seconds(out.Schedule.Lateness, p.p)
			if err != nil {
				return nil, err
			}
			late[p.name] = append(late[p.name], x)
		}
	}
	var list []Measured
	for _, p := range percentiles() {
		list = append(list, median(latenessName(wait, p.name, r), late[p.name]))
	}
	if len(shares) == 0 {
		return append(list, Measured{Name: cpuName(wait, r), Reason: "the system does not tell the CPU time of a process"}), nil
	}
	return append(list, median(cpuName(wait, r), shares)), nil
}

var errNothing = errors.New("no query was recorded")

// seconds is a quantile of a histogram of nanoseconds.
func seconds(h *stat.Histogram, p float64) (float64, error) {
	ns, ok := h.Quantile(p)
	if !ok {
		return 0, errNothing
	}
	return time.Duration(ns).Seconds(), nil
}
