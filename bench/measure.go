package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// checkShare bounds the time for checks before the timed part, as a share of its least duration.
const checkShare = 0.25

// measure makes one run and sends its Result, whatever happened. It closes session and device after that: a library that
// hangs or crashes in its own end spoils nothing.
func (c Catalogue) measure(ctx context.Context, job Job, out *sink) error {
	m := measurement{job: job, Result: job.Result, out: out}
	err := m.run(ctx, c)
	m.conclude(ctx, err)
	errs := []error{out.send(event{Result: m.Result})}
	if m.sys != nil {
		errs = append(errs, m.sys.Close())
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
	dev      devices.Device
	workload *workloads.Workload
	sys      *devices.Batched
	checker  checker // nil where nothing can be checked
	invalid  []string
}

// run goes through the stages. What it has measured is in the Result, whether or not it returns an error.
func (m *measurement) run(ctx context.Context, c Catalogue) error {
	if err := m.open(ctx, c); err != nil {
		return err
	}
	if err := m.load(ctx, c); err != nil {
		return err
	}
	if m.checker != nil {
		if err := m.checkBefore(ctx); err != nil {
			return err
		}
	}
	generator, err := m.warmUp(ctx)
	if err != nil {
		return err
	}
	outcome, err := m.timed(ctx, c, generator)
	switch {
	case err != nil:
		return err
	case outcome.Interrupted:
		return ctx.Err()
	case m.checker == nil:
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
	return nil
}

func (m *measurement) load(ctx context.Context, c Catalogue) error {
	i := slices.IndexFunc(c.Engines, func(e devices.Engine) bool { return e.Name() == m.job.Plan.Engine })
	if i < 0 {
		return fmt.Errorf("unknown engine %q", m.job.Plan.Engine)
	}
	engine, info := c.Engines[i], m.Device
	probed, err := engine.Probe(info)
	if err != nil {
		return fmt.Errorf("engine %s: %w", m.job.Plan.Engine, err)
	}
	m.Engine = probed
	if err := engine.Supports(info, m.workload); err != nil {
		return err
	}
	if err := m.out.stage(StageLoad, 0); err != nil {
		return err
	}
	loaded, err := engine.Load(ctx, m.dev, m.workload)
	if err != nil {
		return fmt.Errorf("loading %s: %w", m.workload.Name, err)
	}
	start := time.Now()
	var calls []int
	switch {
	case m.job.Golden != nil:
		calls = m.job.Golden.Calls(m.workload)
	case m.workload.File != nil:
		calls = []int{0}
	}
	m.sys = devices.NewSystem(loaded.Session, m.workload, calls...)
	m.Setup = &Setup{
		SynthesisNS: int64(loaded.Synthesis + time.Since(start)),
		CompileNS:   int64(loaded.Compile),
		LoadNS:      int64(loaded.Load),
	}
	switch unchecked := m.workload.Unchecked(calls); {
	case m.workload.File != nil:
		m.checker = newRepeatChecker(m.workload, m.sys)
	case len(calls) > 0:
		if len(unchecked) > 0 {
			m.invalid = append(m.invalid, fmt.Sprintf("outputs of %s not checked: no call of it ends at a position that has golden values",
				strings.Join(unchecked, ", ")))
		}
		m.checker = newGoldenChecker(m.workload, m.job.Golden, m.job.GoldenKind, calls, m.sys)
	case m.job.Golden != nil:
		m.invalid = append(m.invalid, "outputs not checked: no call of this run ends at a position that has golden values")
	default:
		m.invalid = append(m.invalid, "outputs not checked: "+m.job.Unchecked)
	}
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

func (m *measurement) warmUp(ctx context.Context) (*load.Generator, error) {
	var arrival load.Arrival
	w := m.workload
	perQuery := 1
	switch m.job.Plan.Scenario {
	case SingleStream:
		arrival = load.SingleStream{}
	case Offline:
		arrival, perQuery = load.Offline{}, 0
	default:
		return nil, fmt.Errorf("scenario %q: %w", m.job.Plan.Scenario, devices.ErrUnsupported)
	}
	if err := m.out.stage(StageWarmup, time.Duration(load.WarmupFraction*float64(m.job.Plan.Duration))); err != nil {
		return nil, err
	}
	generator := load.New(m.sys, arrival, load.Settings{Duration: m.job.Plan.Duration, MinQueries: m.job.Plan.MinQueries,
		Batch: w.Options.Batch, Pool: w.Pool, UnitsPerSample: w.UnitsPerSample, Seed: m.job.Plan.Seed})
	warm, err := generator.WarmUp(ctx)
	if err != nil {
		return nil, err
	}
	took := int64(warm.Elapsed)
	m.Scenario.SamplesPerQuery, m.Scenario.Batching = perQuery, "static"
	m.Scenario.WarmupNS, m.Scenario.WarmupQueries = &took, &warm.Queries
	if m.Setup.FirstQueryNS == 0 {
		m.Setup.FirstQueryNS = int64(warm.FirstQuery)
	}
	return generator, nil
}

// timed makes the timed part. The garbage of the set-up is collected before, so that it is not collected within.
func (m *measurement) timed(ctx context.Context, c Catalogue, g *load.Generator) (load.Outcome, error) {
	if err := m.out.stage(StageMeasure, m.job.Plan.Duration); err != nil {
		return load.Outcome{}, err
	}
	runtime.GC()
	m.sys.Forget()
	sensors := startSampler(ctx, m.dev)
	around := surroundings{threads: m.Engine.Threads, cpus: runtime.NumCPU(), load: loadAverage(c.Machine.FS), before: usageNow()}
	start := time.Now()
	outcome := g.Run(ctx)
	around.wall, around.after = time.Since(start), usageNow()
	m.Readings = sensors.end(ctx)
	around.readings = m.Readings
	m.Noise = around.noise()
	m.invalid = append(m.invalid, around.disturbances(m.Noise)...)
	return outcome, m.record(outcome)
}

// record puts an outcome into the Result.
func (m *measurement) record(o load.Outcome) error {
	m.Counts = Counts{Queries: o.Queries, Samples: o.Samples, Units: o.Units, Errors: o.Errors}
	elapsed := int64(o.Elapsed)
	m.ElapsedNS = &elapsed
	if m.job.Plan.Scenario == Offline && o.Queries > 0 {
		m.Scenario.SamplesPerQuery = int((o.Samples + o.Queries - 1) / o.Queries)
	}
	if len(o.Slices) > 0 {
		m.Buckets = &Buckets{WidthNS: int64(o.Width), Units: o.Slices}
	}
	var errs [3]error
	m.Latency, errs[0] = latency(o.Latency)
	if o.TTFT != nil || o.TPOT != nil {
		m.Phases = &Phases{}
		m.Phases.TTFT, errs[1] = latency(o.TTFT)
		m.Phases.TPOT, errs[2] = latency(o.TPOT)
	}
	if o.Errors > 0 {
		m.invalid = append(m.invalid, fmt.Sprintf("%d samples failed, the first with: %v", o.Errors, o.FirstError))
	}
	if o.Broken {
		errs[0] = errors.Join(o.FirstError, errs[0])
	}
	return errors.Join(errs[:]...)
}

func latency(h *stat.Histogram) (*Latency, error) {
	if h == nil || h.Count() == 0 {
		return nil, nil
	}
	text, err := h.Encode()
	if err != nil {
		return nil, err
	}
	return &Latency{Histogram: text, Count: h.Count(), MinNS: h.Min(), MaxNS: h.Max()}, nil
}

// conclude sets status and validity.
func (m *measurement) conclude(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil && err != nil && !errors.Is(err, errWrong):
		m.Status, m.Reason = Interrupted, "interrupted"
		if m.ElapsedNS != nil {
			m.Reason = fmt.Sprintf("interrupted after %s of %s", time.Duration(*m.ElapsedNS).Round(time.Millisecond), m.job.Plan.Duration)
		}
	case err == nil:
		m.Status = OK
	default:
		m.Status, m.Reason = statusOf(err), err.Error()
	}
	if m.Reason != "" {
		m.invalid = append([]string{m.Reason}, m.invalid...)
	}
	m.Validity = Validity{Valid: len(m.invalid) == 0, Reasons: m.invalid}
}
