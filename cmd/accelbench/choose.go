package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench"
)

// chooseEach adds the plans of a wish, one for each device and engine that it is for.
func (m *rig) chooseEach(inventories []bench.Inventory, wish bench.Plan, target bench.Target) error {
	choice, err := bench.Choose(inventories, wish.Device, wish.Engine)
	if err != nil {
		return err
	}
	m.passOver(choice.PassedOver)
	for _, p := range choice.Preferred {
		if what, how := m.named(p.Name); how != "" {
			return fmt.Errorf("engine %s: the %s that %s names cannot be used: %s", p.Name, what, how, p.Reason)
		}
		m.say("accelbench: engine %s is not used: %s\n", p.Name, p.Reason)
	}
	for _, chosen := range choice.Chosen {
		target.Candidate, target.Present = chosen.Candidate, chosen.Present
		if err := m.add(wish, []bench.Target{target}, chosen.Engine.Name); err != nil {
			return err
		}
	}
	return nil
}

// chooseTogether adds the plans of a wish for several devices at the same time, one for each engine.
func (m *rig) chooseTogether(inventories []bench.Inventory, wish bench.Plan, target bench.Target) error {
	found, err := bench.ChooseTogether(inventories, wish.Peers, wish.Engine)
	if err != nil {
		return err
	}
	m.passOver(found.PassedOver)
	var targets []bench.Target
	for _, c := range found.Devices {
		target.Candidate, target.Present = c, found.Present[c.Info.ID]
		targets = append(targets, target)
	}
	for _, engine := range found.Engines {
		if err := m.add(wish, targets, engine); err != nil {
			return err
		}
	}
	return nil
}

// add adds a plan for the targets, which run at the same time if there are several.
func (m *rig) add(wish bench.Plan, targets []bench.Target, engine string) error {
	plan := wish
	plan.Device, plan.Engine, plan.Peers = targets[0].Info.ID, engine, nil
	plan.Asked = plan.Asked && wish.Engine != bench.AllEngines // what one of all engines lacks was not asked for by name
	for i, t := range targets {
		m.base.Targets[t.Info.ID] = t
		if i > 0 {
			plan.Peers = append(plan.Peers, t.Info.ID)
		}
	}
	m.plans = append(m.plans, plan)
	return plan.Validate() // now that the number of devices is known
}

// passOver notes, and says once, what is there and not measured.
func (m *rig) passOver(list []bench.PassedOver) {
	for _, p := range list {
		if !slices.Contains(m.base.PassedOver, p) {
			m.base.PassedOver = append(m.base.PassedOver, p)
			complain(m.err, "accelbench: passed over %s: %s\n", strings.TrimSpace(p.Name+" "+p.Device), p.Reason)
		}
	}
}

// say says something once.
func (m *rig) say(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(m.said, text) {
		m.said = append(m.said, text)
		complain(m.err, "%s", text)
	}
}
