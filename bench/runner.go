package bench

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host"
	"github.com/accelbench/accelbench/workloads"
)

// Runner starts a worker process per job and turns whatever becomes of it into a value. The process that it runs in loads
// no vendor library.
type Runner struct {
	// Command is how to start a worker: this program and its hidden command. Env is added to the environment.
	Command []string
	Env     []string
	// Progress, if not nil, hears what goes on; it is called from one goroutine at a time and should return soon.
	Progress func(Progress)
	// Deadline is how long a run may take before it counts as hanging; nil stands for [RunDeadline].
	Deadline func(Plan, *workloads.Workload) time.Duration
	// PeakDeadline is how long measuring the peaks of a device may take before it counts as hanging; nil stands for [PeakDeadline].
	PeakDeadline func(devices.Info) time.Duration
	// Grace is how long a worker may take to end its run after an interruption; 0 stands for 3 s.
	Grace time.Duration
	// Workload builds the workload of a plan; nil stands for [FindWorkload].
	Workload func(Plan) (*workloads.Workload, error)
}

// Progress tells where a sequence of runs is.
type Progress struct {
	Plan Plan
	// Index is the plan's place among the plans.
	Index int
	// Run counts the runs from 0 to Runs-1 in the order in which they are made; Runs is 0 where their number is open. A run on
	// several devices counts once.
	Run, Runs int
	Repeat    int
	Stage     Stage
	// Expected is how long the stage is expected to take; 0 is unknown.
	Expected time.Duration
	// Fraction is the done part of the stage, nil if unknown.
	Fraction *float64
}

// Base is what all runs of one invocation share.
type Base struct {
	Session string
	Tool    Tool
	// Command is the command line that repeats the invocation; empty if there is none.
	Command    string
	Host       host.Host
	Cloud      host.Cloud
	PassedOver []PassedOver
	// SystemWatts is the power of the whole machine, as the user gave it; nil if not.
	SystemWatts *float64
	// Targets are the devices to run on, by id.
	Targets map[string]Target
}

// Target is a device to run on and what results say about it.
type Target struct {
	Candidate
	// Present counts the machine's devices of its kind.
	Present int
	// Measured are its peaks as measured in this invocation; nil if they were not.
	Measured *MeasuredPeak
	Price    *price.Price
	Charge   price.Charge
	Unpriced string
}

const (
	findDeadline = 25 * time.Second // neuron-ls alone may take 10 s, and is tried again
	defaultGrace = 3 * time.Second
	// teardown is how long a worker may take to exit after its last event before it is killed.
	teardown = 5 * time.Second
)

// PeakDeadline is that of measuring peaks where nothing is compiled for minutes.
func PeakDeadline(devices.Info) time.Duration { return 2 * time.Minute }

// RunDeadline is generous, because it only tells a hanging worker from a slow one: two minutes, ten times the duration,
// 100 ns per parameter and session, and the time that the queries that must be made, or are scheduled, take at half a GFLOP/s.
func RunDeadline(p Plan, w *workloads.Workload) time.Duration {
	const slowest = 0.5e9
	length, spread := max(p.Duration, p.MaxDuration).Seconds(), 0.0
	if p.Scenario == Server && p.Rate > 0 { // a schedule may take longer than the duration for its queries
		spread = 2 * float64(p.MinQueries) / p.lastRate()
	}
	if w.File != nil {
		return seconds(1800 + 10*length + spread) // how much work a file is nobody knows
	}
	batch := max(w.Options.Batch, 1)
	queries := float64(p.MinQueries+4*batch) + max(p.Rate, p.RateEnd)*length
	perQuery := w.FLOPsPerUnit() * float64(w.UnitsPerSample) / slowest
	switch p.Scenario {
	case SingleStream, Server, Concurrency:
		perQuery *= float64(batch) // filled up by repetition
	case MultiStream:
		perQuery *= float64(max(batch, MultiStreamSamples))
	}
	return seconds(120 + 10*length + spread + 100e-9*float64(w.Parameters)*float64(max(p.Replicas, 1)) + queries*perQuery)
}

// seconds is a duration that does not overflow: a year is as good as forever.
func seconds(x float64) time.Duration {
	const forever = 365 * 24 * time.Hour
	return time.Duration(min(x, forever.Seconds()) * float64(time.Second))
}

// NewID is a random identity for a result or a session.
func NewID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// Find asks one backend in a worker. A worker that dies or hangs while it probes an engine makes that engine unusable, and another
// worker goes on; in any other place it is a problem in the inventory. The error is for a worker that could not be started and for
// the end of the context.
func (r *Runner) Find(ctx context.Context, backend string) (Inventory, error) {
	job := Job{Kind: JobFind, Backend: backend, Skip: map[string]string{}}
	last, err := event{}, error(nil)
	var lost *lostError
	for {
		at := Stage("")
		last, err = r.work(ctx, job, findDeadline, func(e stageEvent) { at = e.Stage })
		engine, probed := strings.CutPrefix(string(at), probeStage)
		_, again := job.Skip[engine]
		if !errors.As(err, &lost) || lost.stopped || !probed || again {
			break
		}
		job.Skip[engine] = fmt.Sprintf("engine %s could not be probed: %s", engine, lost.reason)
	}
	switch {
	case errors.As(err, &lost) && !lost.stopped:
		return Inventory{Backend: backend, Problems: []devices.Problem{{
			Text: fmt.Sprintf("looking for %s devices: %s", backend, lost.reason)}}}, nil
	case err != nil:
		return Inventory{}, fmt.Errorf("looking for %s devices: %w", backend, err)
	case last.Inventory == nil:
		return Inventory{}, fmt.Errorf("looking for %s devices: %s", backend, last.Error)
	}
	return *last.Inventory, nil
}

// Peak measures the peaks of a device in a worker.
func (r *Runner) Peak(ctx context.Context, dev devices.Info) (*MeasuredPeak, error) {
	deadline := PeakDeadline
	if r.PeakDeadline != nil {
		deadline = r.PeakDeadline
	}
	last, err := r.work(ctx, Job{Kind: JobPeak, Backend: dev.Backend, Device: dev.ID}, deadline(dev), nil)
	switch {
	case err != nil:
		return nil, fmt.Errorf("measuring the peaks of %s: %w", dev.ID, err)
	case last.Peak == nil:
		return nil, fmt.Errorf("measuring the peaks of %s: %s", dev.ID, last.Error)
	}
	return last.Peak, nil
}

// Run makes the runs of the plans, each in a fresh process, and yields one Result for each. The order is repeat by
// repeat: the first run of every plan, then the second of every plan. A slow drift of the machine so spreads over all
// plans, and an interrupted sequence has something of everything. A plan with peers yields a Result for each device; one that
// searches a peak makes all its runs when its turn first comes; runs that a target for the interval asks for come last.
//
// Nothing that happens to a run ends the sequence, but the end of the context: the run in flight, or the one that would
// have been next, is yielded as interrupted. Plans that cannot run, or whose worker hung, are not repeated. A consumer
// may stop at any Result.
func (r *Runner) Run(ctx context.Context, plans []Plan, base Base) iter.Seq[Result] {
	return func(yield func(Result) bool) {
		s := &sequence{Runner: r, base: base, golden: map[string]golden{}, yield: yield}
		repeats := 0
		for i := range plans {
			s.plans = append(s.plans, planned{Plan: plans[i], index: i})
			s.runs += plans[i].Repeats
			s.open = s.open || plans[i].FindPeak || plans[i].TargetInterval > 0
			repeats = max(repeats, plans[i].Repeats)
		}
		for repeat := range repeats {
			for i := range s.plans {
				p := &s.plans[i]
				if repeat < p.Repeats && !s.turn(ctx, p, repeat) {
					return
				}
			}
		}
		s.extend(ctx)
	}
}
