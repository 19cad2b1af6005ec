package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices/host"
)

// rig is what runs need: the machine with its devices and its price, the software of engines, and workers. Its plans are made of wishes.
type rig struct {
	streams
	software
	pay     pricing
	power   *float64 // of the whole machine in watts; nil if the user did not say
	wishes  []bench.Plan
	command string
	runner  *bench.Runner
	plans   []bench.Plan
	base    bench.Base
	// used is the software that a run has to be with: all of it, or what no other rig shares.
	used   software
	said   []string
	strict bool // the machine must be fit
}

// prepare finds the machine, its devices and its price, and turns wishes into plans.
func (m *rig) prepare(ctx context.Context) error {
	info, cloud, problems := host.Read(ctx, host.Live(), m.pay.flags())
	for _, p := range problems {
		complain(m.err, "accelbench: %s\n", problemText(p))
	}
	cost, unpriced, err := m.pay.find(cloud, time.Now())
	if err != nil {
		return err
	}
	inventories, err := findAll(ctx, m.runner)
	if err != nil {
		return err
	}
	if err := m.usableNRT(inventories); err != nil {
		return err
	}
	m.base = bench.Base{Session: bench.NewID(), Tool: tool(), Host: info, Cloud: cloud, Command: m.command, SystemWatts: m.power,
		Targets: map[string]bench.Target{}}
	for _, wish := range m.wishes {
		choose := m.chooseEach
		if len(wish.Peers) > 0 {
			choose = m.chooseTogether
		}
		if err := choose(inventories, wish, bench.Target{Price: cost, Charge: m.pay.charge, Unpriced: unpriced}); err != nil {
			return err
		}
	}
	if err := m.used.unused(m.plans); err != nil {
		return err
	}
	if !m.strict {
		return nil
	}
	checks, err := preflight(ctx, info, m.chosen(inventories))
	if err != nil {
		return err
	}
	return fit(checks)
}

// chosen are the inventories with the devices that will run alone.
func (m *rig) chosen(inventories []bench.Inventory) []bench.Inventory {
	var out []bench.Inventory
	for _, i := range inventories {
		i.Devices = slices.DeleteFunc(slices.Clone(i.Devices), func(c bench.Candidate) bool {
			_, runs := m.base.Targets[c.Info.ID]
			return !runs
		})
		if len(i.Devices) > 0 {
			out = append(out, i)
		}
	}
	return out
}

// peaks measures the peaks of every device that will run. A device whose peaks cannot be measured has none.
func (m *rig) peaks(ctx context.Context) error {
	for id, target := range m.base.Targets {
		if !hasPeaks(target.Candidate) || target.Measured != nil {
			continue
		}
		complain(m.err, "accelbench: measuring the peaks of %s%s\n", id, peakNote(target.Info))
		measured, err := m.runner.Peak(ctx, target.Info)
		if ctx.Err() != nil {
			return codeError{exitInterrupted, fmt.Errorf("interrupted before the first run: nothing was measured")}
		}
		if err != nil {
			complain(m.err, "accelbench: %v\n", err)
			continue
		}
		target.Measured = measured
		m.base.Targets[id] = target
	}
	return nil
}

// takePeaks takes from another rig the peaks of the devices that both have, as far as both measure them by the same software.
func (m *rig) takePeaks(other *rig) {
	for id, target := range m.base.Targets {
		from, both := other.base.Targets[id]
		if both && (m.software == other.software || isCPU(target.Info)) {
			target.Measured = from.Measured
			m.base.Targets[id] = target
		}
	}
}
