package bench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/reference"
)

// sequence is the state of one [Runner.Run].
type sequence struct {
	*Runner
	base      Base
	plans     []planned
	run, runs int
	open      bool              // there may be more runs
	hearing   sync.Mutex        // of Progress, by the devices of a run
	golden    map[string]golden // by golden key
	yield     func(Result) bool
}

// planned is a plan and what was found out about it before its first run.
type planned struct {
	Plan
	ready    bool
	workload *workloads.Workload
	golden   golden
	err      error     // why it cannot run
	over     bool      // no further repeat
	index    int       // among the plans
	made     int       // runs
	members  []planned // for each device, if there are several
	rates    []float64 // units per second of the valid runs, of all devices of a run together
}

// golden are golden values with their kind, or the reason why there are none.
type golden struct {
	values *workloads.Golden
	kind   string
	none   string
}

// turn makes what one repeat of a plan asks for, and reports whether the sequence goes on.
func (s *sequence) turn(ctx context.Context, p *planned, repeat int) bool {
	switch {
	case p.over:
	case p.FindPeak:
		more := s.search(ctx, p)
		p.over = true // all its runs are made
		return more
	default:
		if _, more := s.make(ctx, p, repeat); !more {
			return false
		}
	}
	s.run++
	return true
}

// make makes a run, on each device of the plan, yields the results and reports whether the sequence goes on.
func (s *sequence) make(ctx context.Context, p *planned, repeat int) (results []Result, more bool) {
	p.made++
	if len(p.Peers) > 0 {
		results = s.together(ctx, p, repeat)
	} else {
		results = []Result{s.once(ctx, p, repeat)}
	}
	more, rate, valid := true, 0.0, true
	for i := range results {
		results[i] = publishable(results[i])
		x, ok := results[i].Throughput()
		rate, valid = rate+x, valid && ok && results[i].Status == OK && results[i].Validity.Valid
		if !s.yield(results[i]) {
			return results, false // who has stopped hears no more, not even of the same run
		}
		more = more && results[i].Status != Interrupted
	}
	if valid {
		p.rates = append(p.rates, rate)
	}
	return results, more
}

// hopeless is the number of further runs after which a plan without a valid one gets no more.
const hopeless = 3

// extend adds runs to the plans whose interval over runs is wider than was asked for.
func (s *sequence) extend(ctx context.Context) {
	for made := true; made; {
		made = false
		for i := range s.plans {
			p := &s.plans[i]
			if p.over || p.FindPeak || p.TargetInterval <= 0 || p.made >= p.MaxRepeats || len(p.rates) == 0 && p.made >= p.Repeats+hopeless || tight(p.rates, p.TargetInterval) {
				continue
			}
			made = true
			if !s.turn(ctx, p, p.made) {
				return
			}
		}
	}
}

// tight tells whether the interval over runs is within so large a part of the mean on either side.
func tight(rates []float64, target float64) bool {
	low, high, ok := stat.MeanInterval(rates, stat.Confidence)
	return ok && high-low <= target*(high+low) // both sides are half of the difference, the mean is half of the sum
}

// once makes one run.
func (s *sequence) once(ctx context.Context, p *planned, repeat int) Result {
	s.prepare(ctx, p, repeat)
	return s.measure(ctx, p, s.skeleton(p, repeat), nil)
}

// measure makes a run in a worker of its own, at a gate if it has one.
func (s *sequence) measure(ctx context.Context, p *planned, result Result, g *gate) Result {
	result = s.attempt(ctx, p, result, g)
	result.withoutIdentities()
	g.leave(result.Device.ID + ": " + result.Reason)
	return result
}

func (s *sequence) attempt(ctx context.Context, p *planned, result Result, g *gate) Result {
	if ctx.Err() != nil {
		return ended(result, Interrupted, "interrupted before it began")
	}
	if p.err != nil {
		p.over = true
		return ended(result, statusOf(p.err), p.err.Error())
	}
	plan := p.ofRun(result.Repeat)
	job := Job{Kind: JobMeasure, Backend: result.Device.Backend, Device: p.Device, Plan: &plan,
		Golden: p.golden.values, GoldenKind: p.golden.kind, Unchecked: p.golden.none, Result: &result}
	deadline := RunDeadline
	if s.Deadline != nil {
		deadline = s.Deadline
	}
	last, err := s.workAt(ctx, job, deadline(p.Plan, p.workload), func(e stageEvent) { s.tell(p, result.Repeat, e, nil) }, g)
	var lost *lostError
	switch {
	case errors.As(err, &lost) && lost.stopped:
		return ended(result, Interrupted, lost.reason)
	case err != nil:
		p.over = lost != nil && lost.hung
		return ended(result, Failed, err.Error())
	case last.Hung != "":
		p.over = true
		return ended(result, Failed, last.Hung)
	case last.Result == nil:
		return ended(result, Failed, last.Error)
	case last.Result.ID != result.ID:
		return ended(result, Failed, "the worker answered for another run")
	}
	p.over = last.Result.Status == Unsupported
	return *last.Result
}

// statusOf tells what is not there from what broke.
func statusOf(err error) Status {
	if errors.Is(err, devices.ErrUnsupported) || errors.Is(err, devices.ErrAbsent) || errors.Is(err, workloads.ErrPrecision) {
		return Unsupported
	}
	return Failed
}

// ended is a run without figures.
func ended(r Result, status Status, reason string) Result {
	r.Status, r.Reason = status, reason
	r.Validity = Validity{Reasons: []string{reason}}
	return r
}

func (s *sequence) tell(p *planned, repeat int, e stageEvent, fraction *float64) {
	runs := s.runs
	if s.open {
		runs = 0
	}
	if s.Progress != nil {
		s.hearing.Lock()
		defer s.hearing.Unlock()
		s.Progress(Progress{Plan: p.Plan, Index: p.index, Run: s.run, Runs: runs, Repeat: repeat, Stage: e.Stage, Expected: e.Expected,
			Fraction: fraction})
	}
}

// prepare finds workload, memory and golden values before the first run of a plan.
func (s *sequence) prepare(ctx context.Context, p *planned, repeat int) {
	if p.ready || ctx.Err() != nil {
		return
	}
	p.ready = true
	target, ok := s.base.Targets[p.Device]
	if !ok {
		p.err = fmt.Errorf("device %s: %w", p.Device, devices.ErrAbsent)
		return
	}
	find := s.Workload
	if find == nil {
		find = FindWorkload
	}
	if p.workload, p.err = find(p.Plan); p.err != nil {
		return
	}
	if p.err = fits(p.workload, p.Replicas, target.Candidate); p.err != nil {
		return
	}
	if p.workload.File == nil {
		p.golden, p.err = s.resolve(ctx, p, target, repeat)
	}
}

// EngineOn names an engine on a kind of device, as golden values name their maker.
func EngineOn(engine, backend string) string { return engine + " on " + backend }

// resolve finds the golden values of a plan's workload: embedded, computed for another plan, or computed now if that is
// not too much work.
func (s *sequence) resolve(ctx context.Context, p *planned, target Target, repeat int) (golden, error) {
	if values, ok := p.workload.Golden(); ok {
		if values, ok = values.Independent(EngineOn(p.Engine, target.Info.Backend)); ok {
			return golden{values: values, kind: "golden"}, nil
		}
		return golden{none: "the golden values for this shape were made by engine " + p.Engine + " itself"}, nil
	}
	if unchecked := p.workload.UncheckedPhases(); len(unchecked) > 0 {
		return golden{none: fmt.Sprintf("no call of %s ends at a position of which reference values are made (up to %d)",
			strings.Join(unchecked, ", "), slices.Max(p.workload.GoldenPositions()))}, nil
	}
	key, err := p.workload.GoldenKey()
	if err != nil {
		return golden{}, err
	}
	if g, ok := s.golden[key]; ok {
		return g, nil
	}
	work, err := p.workload.ReferenceFLOPs()
	if err != nil {
		return golden{}, err
	}
	if work > workloads.MaxReferenceFLOPs {
		return golden{none: fmt.Sprintf("no golden values for this shape, and computing them takes %.3g FLOP (limit %.0e)",
			work, float64(workloads.MaxReferenceFLOPs))}, nil
	}
	started := time.Now()
	values, err := reference.Compute(ctx, p.workload, func(fraction float64) {
		var left time.Duration
		if fraction > 0 {
			left = time.Duration(float64(time.Since(started)) / fraction)
		}
		s.tell(p, repeat, stageEvent{StageReference, left}, &fraction)
	})
	if ctx.Err() != nil {
		p.ready = false
		return golden{}, nil
	}
	if err != nil {
		return golden{}, fmt.Errorf("computing reference values: %w", err)
	}
	s.golden[key] = golden{values: values, kind: "reference"}
	return s.golden[key], nil
}

// skeleton is a Result with all that is known without running.
func (s *sequence) skeleton(p *planned, repeat int) Result {
	t := s.base.Targets[p.Device]
	r := Result{
		Schema:         Schema,
		ID:             NewID(),
		Session:        s.base.Session,
		StartedAt:      time.Now().UTC(),
		Tool:           s.base.Tool,
		Command:        s.base.Command,
		Host:           s.base.Host,
		Cloud:          s.base.Cloud,
		Device:         t.Info,
		Engine:         devices.EngineInfo{Name: p.Engine},
		Workload:       WorkloadInfo{Name: p.Workload, Precision: p.Options.Precision, Batch: p.Options.Batch},
		Scenario:       p.ofRun(repeat).Settings(),
		Repeat:         repeat,
		Repeats:        p.Repeats,
		Asked:          p.Asked,
		SystemWatts:    s.base.SystemWatts,
		Peak:           Peak{Measured: t.Measured, Spec: t.Info.Peak},
		Price:          t.Price,
		Charge:         t.Charge,
		Unpriced:       t.Unpriced,
		PassedOver:     s.base.PassedOver,
		DevicesPresent: t.Present,
	}
	if r.Device.ID == "" {
		r.Device.ID = p.Device
	}
	for _, e := range t.Engines {
		if e.Name == p.Engine && e.Info != nil {
			r.Engine = *e.Info
		}
	}
	if p.workload != nil {
		r.Workload = Describe(p.workload)
	}
	return r
}

// Settings are those of a scenario that are known before it runs.
func (p Plan) Settings() Scenario {
	s := Scenario{Name: p.Scenario, DurationNS: int64(p.Duration), MinQueries: p.MinQueries, Seed: p.Seed,
		Batching: string(p.BatchingOf()), Replicas: max(p.Replicas, 1), Preset: p.Preset, Probe: p.Probe}
	if p.Scenario == Concurrency && p.Concurrency > 0 {
		s.Concurrency = &p.Concurrency
	}
	if p.BatchingOf() == devices.DynamicBatching {
		wait := int64(p.MaxWait)
		s.MaxWaitNS = &wait
	}
	if p.TargetInterval > 0 {
		s.TargetInterval, s.MaxDurationNS = &p.TargetInterval, positive(int64(p.MaxDuration))
	}
	if p.Scenario == Server {
		s.Arrival = &Arrival{Process: string(p.process()), Shape: positive(p.Shape), RatePerSecond: p.Rate,
			RateEndPerSecond: positive(p.RateEnd), Seed: p.schedule().Seed}
	}
	return s
}

// Describe is a workload as results show it.
func Describe(w *workloads.Workload) WorkloadInfo {
	info := WorkloadInfo{
		Name: w.Name, Title: w.Title, Unit: w.Unit, UnitsPerSample: w.UnitsPerSample,
		Precision: w.Options.Precision, Batch: w.Options.Batch,
		SeqLen: positive(w.Options.SeqLen), ISL: positive(w.Options.ISL), OSL: positive(w.Options.OSL),
		Parameters: &w.Parameters, Data: w.Data,
	}
	if w.File != nil && w.File.Format == workloads.NEFF {
		info.Parameters = nil // the file does not tell
	}
	if w.File != nil {
		// What goes in, and what one execution is said to complete, is as much a part of the task as the file.
		task := sha256.Sum256([]byte(strings.Join([]string{w.File.SHA256, w.Data, w.Unit, strconv.Itoa(w.UnitsPerSample)}, "\n")))
		info.Hash = hex.EncodeToString(task[:8])
		return info
	}
	flops, bytes := w.FLOPsPerUnit(), w.BytesPerUnit()
	info.FLOPsPerUnit, info.BytesPerUnit = &flops, &bytes
	if memory := w.Memory().Total(); memory > 0 {
		info.MemoryBytes = &memory
	}
	var hashes []string
	for _, p := range w.Phases {
		hashes = append(hashes, p.Graph.Hash())
	}
	if w.WeightsDigest != "" {
		hashes = append(hashes, w.WeightsDigest)
	}
	info.Hash = strings.Join(hashes, "+")
	return info
}

func positive[T int | int64 | float64](n T) *T {
	if n <= 0 {
		return nil
	}
	return &n
}
