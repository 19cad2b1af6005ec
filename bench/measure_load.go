package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/accelbench/accelbench/devices"
)

// load makes the sessions.
func (m *measurement) load(ctx context.Context, c Catalogue) error {
	p := m.job.Plan
	replicas := max(p.Replicas, 1)
	total := p.Threads
	if total == 0 {
		total = m.cpus
	}
	engines := c.Engines(max(total/replicas, 1))
	i := slices.IndexFunc(engines, func(e devices.Engine) bool { return e.Name() == p.Engine })
	if i < 0 {
		return fmt.Errorf("unknown engine %q", p.Engine)
	}
	engine, info := engines[i], m.Device
	probed, err := engine.Probe(info)
	if err != nil {
		return fmt.Errorf("engine %s: %w", p.Engine, err)
	}
	m.Engine, m.threads = probed, orZero(probed.Threads)*replicas
	if err := engine.Supports(info, m.workload); err != nil {
		return err
	}
	if err := m.out.stage(StageLoad, 0); err != nil {
		return err
	}
	calls := m.keptCalls()
	m.Setup = &Setup{}
	for range replicas {
		if err := m.addLane(ctx, engine, calls); err != nil {
			return err
		}
	}
	// An engine knows more of itself, and of its compiler, when it has loaded something.
	if probed, err := engine.Probe(info); err == nil {
		m.Engine = probed
	}
	if m.products != m.workload.Options.Precision {
		m.Engine.Products = m.products
	}
	m.serve()
	m.check(calls)
	return nil
}

// keptCalls are the calls whose outputs are checked.
func (m *measurement) keptCalls() []int {
	switch {
	case m.job.Golden != nil:
		return m.job.Golden.Calls(m.workload)
	case m.workload.File != nil:
		return []int{0}
	}
	return nil
}

func (m *measurement) addLane(ctx context.Context, engine devices.Engine, calls []int) error {
	loaded, err := engine.Load(ctx, m.dev, m.workload)
	if err != nil {
		return fmt.Errorf("loading %s, session %d: %w", m.workload.Name, len(m.lanes)+1, err)
	}
	m.products = loaded.Products
	start := time.Now()
	m.lanes = append(m.lanes, devices.NewSystem(loaded.Session, m.workload, calls...))
	m.Setup.SynthesisNS += int64(loaded.Synthesis + time.Since(start))
	m.Setup.CompileNS += int64(loaded.Compile)
	m.Setup.LoadNS += int64(loaded.Load)
	return nil
}

// serve puts the queue before the lanes that the scenario needs: one lane that gets one query after another needs none.
func (m *measurement) serve() {
	p := m.job.Plan
	batching := p.BatchingOf()
	m.Scenario.Batching, m.Scenario.Replicas = string(batching), len(m.lanes)
	if serial := p.Scenario == SingleStream || p.Scenario == MultiStream || p.Scenario == Offline; serial && len(m.lanes) == 1 &&
		batching == devices.StaticBatching {
		m.sys = m.lanes[0]
		return
	}
	m.sys = devices.NewQueue(m.lanes, devices.BatchPolicy{Batching: batching, MaxBatch: m.workload.Options.Batch, MaxWait: p.MaxWait})
}

// check finds out what the outputs can be compared with.
func (m *measurement) check(calls []int) {
	switch unchecked := m.workload.Unchecked(calls); {
	case m.workload.File != nil:
		m.checker = checkLanes(m.lanes, func(lane *devices.Batched) checker { return newRepeatChecker(m.workload, lane) })
	case len(calls) > 0:
		if len(unchecked) > 0 {
			m.invalid = append(m.invalid, fmt.Sprintf("outputs of %s not checked: no call of it ends at a position that has golden values",
				strings.Join(unchecked, ", ")))
		}
		m.checker = checkLanes(m.lanes, func(lane *devices.Batched) checker {
			return newGoldenChecker(m.workload, m.job.Golden, m.job.GoldenKind, calls, lane)
		})
	case m.job.Golden != nil:
		m.invalid = append(m.invalid, "outputs not checked: no call of this run ends at a position that has golden values")
	default:
		m.invalid = append(m.invalid, "outputs not checked: "+m.job.Unchecked)
	}
}
