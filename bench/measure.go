package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// ownThreadRate is the rate of queries per second up to which a spinning generator has a thread that the system prefers: it then
// sleeps at least half of the time, as such a thread must. Above it hardly sleeps, so that nobody takes its CPU.
const ownThreadRate = 200

// checkShare bounds the time for checks before the timed part, as a share of its least duration.
const checkShare = 0.25

// measure makes one run and sends its Result, whatever happened. It closes session and device after that: a library that
// hangs or crashes in its own end spoils nothing.
func (c Catalogue) measure(ctx context.Context, job Job, out *sink, start <-chan struct{}) error {
	m := measurement{job: job, Result: job.Result, out: out, start: start, cpus: runtime.GOMAXPROCS(0)}
	err := m.run(ctx, c)
	m.conclude(ctx, err)
	errs := []error{out.send(event{Result: m.Result})}
	switch {
	case m.sys != nil:
		errs = append(errs, m.sys.Close())
	default: // not all were loaded
		for _, lane := range m.lanes {
			errs = append(errs, lane.Close())
		}
	}
	if m.dev != nil {
		errs = append(errs, m.dev.Close())
	}
	return errors.Join(errs...)
}

// measurement is one run in the making.
type measurement struct {
	*Result
	job      Job
	out      *sink
	start    <-chan struct{} // closed when the runs of a group may begin
	dev      devices.Device
	workload *workloads.Workload
	lanes    []*devices.Batched
	sys      devices.System // the lane, or a queue before the lanes; nil before all are loaded
	checker  checker        // nil where nothing can be checked
	warmed   []devices.LaneCount
	products string // the precision in which the engine computes products, as it says; empty for the workload's
	cpus     int    // that this process may use
	threads  int    // that the engine computes with; 0 if that is not how it works
	invalid  []string
	lost     error // of the sensors: the device is gone
}

// run goes through the stages. What it has measured is in the Result, whether or not it returns an error.
func (m *measurement) run(ctx context.Context, c Catalogue) error {
	if err := m.open(ctx, c); err != nil {
		return err
	}
	if err := m.load(ctx, c); err != nil {
		return err
	}
	if limit := m.job.Plan.QueryDeadline; limit > 0 {
		defer m.guard(ctx, limit)()
	}
	if m.checker != nil {
		if err := m.checkBefore(ctx); err != nil {
			return err
		}
	}
	m.watch()
	generator, err := m.warmUp(ctx)
	if err != nil {
		return err
	}
	if m.job.Plan.QueryDeadline == 0 {
		defer m.guard(ctx, m.job.Plan.queryDeadline(time.Duration(m.Setup.FirstQueryNS)))()
	}
	outcome, err := m.timed(ctx, c, generator)
	switch {
	case err != nil:
		return err
	case outcome.Interrupted:
		return ctx.Err()
	case m.checker == nil, m.Ended != "":
		// A run that was ended claims nothing but that it missed something, and the session that was cut off may be of no more use.
		return nil
	}
	if err := m.checker.within(); err != nil {
		return err
	}
	return m.checker.after(ctx)
}

// open finds workload, device and engine.
func (m *measurement) open(ctx context.Context, c Catalogue) error {
	var err error
	if m.workload, err = c.workload(*m.job.Plan); err != nil {
		return err
	}
	if m.dev, err = c.open(ctx, m.job.Backend, m.job.Plan.Device); err != nil {
		return err
	}
	m.Device = m.dev.Info()
	m.Noise.ForeignProcesses = foreignProcesses(ctx, m.dev)
	m.IdleWatts = idlePower(ctx, m.dev, m.Noise.ForeignProcesses)
	return nil
}

func (m *measurement) checkBefore(ctx context.Context) error {
	limit := time.Duration(checkShare * float64(m.job.Plan.Duration))
	if err := m.out.stage(StageCheck, limit); err != nil {
		return err
	}
	first, err := m.checker.before(ctx, limit)
	m.Checks, m.Setup.FirstQueryNS = m.checker.result(), int64(first)
	return err
}

// arrival is the plan's scenario as the generator takes it.
func (m *measurement) arrival() (load.Arrival, error) {
	switch p := m.job.Plan; p.Scenario {
	case SingleStream:
		return load.Stream{Samples: 1}, nil
	case MultiStream:
		return load.Stream{Samples: MultiStreamSamples}, nil
	case Offline:
		return load.Offline{}, nil
	case Concurrency:
		return load.Concurrency{N: p.Concurrency}, nil
	case Server:
		how, wait, enter := WaitSleep, load.Wait(load.SleepWait), load.OwnThread
		// An accelerator needs one thread of the host for every session.
		devs := 1
		if m.Group != nil {
			devs = m.Group.Size // each with a generator that spins
		}
		if devs*(max(m.threads, len(m.lanes))+1) <= m.cpus {
			how, wait = WaitSpin, load.SpinWait(func() {})
			if max(p.Rate, p.RateEnd) > ownThreadRate {
				wait, enter = load.SpinWait(runtime.Gosched), nil
			}
		}
		m.Scenario.Arrival.Wait = how
		return load.Server{Schedule: p.schedule(), Wait: wait, Enter: enter}, nil
	}
	return nil, fmt.Errorf("scenario %q: %w", m.job.Plan.Scenario, devices.ErrUnsupported)
}

func (m *measurement) warmUp(ctx context.Context) (*load.Generator, error) {
	p, w := m.job.Plan, m.workload
	arrival, err := m.arrival()
	if err != nil {
		return nil, err
	}
	if p.Scenario == Server || p.Scenario == Concurrency {
		// The generator must not wait for a processor of the Go scheduler until an engine written in Go lets go of one.
		runtime.GOMAXPROCS(m.cpus + 1)
	}
	if err := m.out.stage(StageWarmup, time.Duration(load.WarmupFraction*float64(p.Duration))); err != nil {
		return nil, err
	}
	settings := load.Settings{Duration: p.Duration, MinQueries: p.MinQueries, Batch: w.Options.Batch, Lanes: len(m.lanes), Pool: w.Pool,
		UnitsPerSample: w.UnitsPerSample, Seed: p.Seed, Limits: p.generatorLimits()}
	if p.TargetInterval > 0 {
		settings.MaxDuration, settings.More = p.MaxDuration, wider(p.TargetInterval, w.UnitsPerSample*max(w.Options.Batch, 1))
	}
	generator := load.New(m.sys, arrival, settings)
	warm, err := generator.WarmUp(ctx)
	if err != nil {
		return nil, err
	}
	took := int64(warm.Elapsed)
	m.Scenario.WarmupNS, m.Scenario.WarmupQueries = &took, &warm.Queries
	switch p.Scenario {
	case Offline: // known when it is over
	case MultiStream:
		m.Scenario.SamplesPerQuery = MultiStreamSamples
	default:
		m.Scenario.SamplesPerQuery = 1
	}
	if m.Setup.FirstQueryNS == 0 {
		m.Setup.FirstQueryNS = int64(warm.FirstQuery)
	}
	return generator, nil
}

// together waits for the other runs of the group.
func (m *measurement) together(ctx context.Context) error {
	if m.Group == nil {
		return nil
	}
	if err := m.out.stage(StageReady, 0); err != nil {
		return err
	}
	select {
	case <-m.start:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// timed makes the timed part. The garbage of the set-up is collected before, so that it is not collected within.
func (m *measurement) timed(ctx context.Context, c Catalogue, g *load.Generator) (load.Outcome, error) {
	runtime.GC()
	if err := m.together(ctx); err != nil {
		return load.Outcome{}, err
	}
	if err := m.out.stage(StageMeasure, m.job.Plan.Duration); err != nil {
		return load.Outcome{}, err
	}
	for _, lane := range m.lanes {
		lane.Forget()
		lane.ResetPhaseTimes()
	}
	m.warmed = m.laneCounts()
	sensors := startSampler(ctx, m.dev, m.phase())
	around := surroundings{paced: m.job.Plan.Scenario == Server, foreign: m.Noise.ForeignProcesses, threads: m.Engine.Threads, cpus: runtime.NumCPU(),
		load: loadAverage(c.Machine.FS), before: usageNow(c.Machine.FS)}
	if m.threads > 0 {
		around.threads = &m.threads
	}
	start := time.Now()
	outcome := g.Run(ctx)
	around.wall, around.after = time.Since(start), usageNow(c.Machine.FS)
	around.readings = sensors.end(ctx)
	m.Readings, m.lost = sensors.lastTick(ctx, around.readings), sensors.gone()
	if sensors.silent {
		m.dev = nil // it cannot even be closed
	}
	m.unwatched()
	m.Noise = around.noise()
	m.invalid = append(m.invalid, around.disturbances(m.Noise)...)
	return outcome, m.record(outcome)
}

// phase tells which phase the device computes, for workloads of several phases on one session.
func (m *measurement) phase() func() string {
	if len(m.workload.Phases) < 2 || len(m.lanes) > 1 {
		return nil
	}
	return func() string {
		if i := m.lanes[0].Phase(); i >= 0 && i < len(m.workload.Phases) {
			return m.workload.Phases[i].Name
		}
		return ""
	}
}

// conclude sets status and validity.
func (m *measurement) conclude(ctx context.Context, err error) {
	err = m.blame(ctx, err)
	switch {
	case ctx.Err() != nil && err != nil && !errors.Is(err, errWrong):
		m.Status, m.Reason = Interrupted, "interrupted"
		if m.ElapsedNS != nil && m.job.Plan.Duration > time.Duration(*m.ElapsedNS) {
			m.Reason = fmt.Sprintf("interrupted after %s of %s", time.Duration(*m.ElapsedNS).Round(time.Millisecond), m.job.Plan.Duration)
		}
	case err == nil:
		m.Status = OK
	default:
		m.Status, m.Reason = statusOf(err), err.Error()
	}
	if m.Checks != nil {
		m.Checks = m.checker.result()
	}
	if m.Reason != "" {
		m.invalid = append([]string{m.Reason}, m.invalid...)
	}
	m.Validity = Validity{Valid: len(m.invalid) == 0, Reasons: m.invalid}
}
