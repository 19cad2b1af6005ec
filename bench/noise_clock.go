package bench

import (
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/devices"
)

// The limits of a device's clock within a run. What is bound by arithmetic follows the clock in proportion.
const (
	// maxClockDrift is the relative change from the first to the last reading under load: beyond it the run joins two
	// devices into one figure, and more load would have shown the slower one. It is [NoisySpread], since a drift within a
	// run is no better than one between runs.
	maxClockDrift = NoisySpread
	// maxClockRange is the span of the readings under load over the largest. A reading is a moment or a few milliseconds,
	// hence twice the drift.
	maxClockRange = 2 * NoisySpread
	// leastBusyPercent is the utilisation from which on a reading counts as one under load. CPUs and GPUs lower the clock of
	// what idles, and a reading of the CPU is a mean over its cores: with a core idle it says nothing of those that work.
	leastBusyPercent = 90.0
)

// clocks are the device's clocks in MHz under load, in order. The first and the last reading were taken beside the timed
// part. Readings in which a limit that lasts held the clock are left out: at its power limit a GPU moves its clock all the
// time, in production as well.
func (s surroundings) clocks() []float64 {
	if len(s.readings) < 3 {
		return nil
	}
	var mhz []float64
	for _, r := range s.readings[1 : len(s.readings)-1] {
		idle := r.UtilizationPercent != nil && *r.UtilizationPercent < leastBusyPercent
		if r.ClockMHz != nil && *r.ClockMHz > 0 && !idle && !heldForGood(r) {
			mhz = append(mhz, *r.ClockMHz)
		}
	}
	return mhz
}

func heldForGood(r devices.Reading) bool {
	return slices.ContainsFunc(r.Throttle, func(reason string) bool { return slices.Contains(lasting, reason) })
}

// clockReason tells of clocks in MHz that changed too much; empty if they did not, or are too few to tell.
func clockReason(mhz []float64) string {
	if len(mhz) < 2 {
		return ""
	}
	const remedy = "let the device warm up longer or fix its clock"
	first, last := mhz[0], mhz[len(mhz)-1]
	least, most := slices.Min(mhz), slices.Max(mhz)
	drift := (last - first) / first
	switch {
	case drift > maxClockDrift || drift < -maxClockDrift:
		return fmt.Sprintf("clock changed: from %.0f to %.0f MHz under load, %+.1f %% (limit %.0f %%); %s",
			first, last, 100*drift, 100*maxClockDrift, remedy)
	case (most-least)/most > maxClockRange:
		return fmt.Sprintf("clock changed: between %.0f and %.0f MHz under load, by %.1f %% (limit %.0f %%); %s",
			least, most, 100*(most-least)/most, 100*maxClockRange, remedy)
	}
	return ""
}

// passing are the reasons for held-down clocks that do not last and that counters tell the time of.
var passing = []string{"thermal", "hardware-thermal", "hardware-power-brake"}

// maxHeld is the share of the time for which a passing reason may hold the clock down unseen by the readings: what it takes away is a
// part of that share, below what is told apart between runs.
const maxHeld = 0.01

// heldByCounters are the passing reasons that held the clock down for longer, by the device's own counters.
func (s surroundings) heldByCounters() []string {
	if len(s.readings) < 2 {
		return nil
	}
	first, last := s.readings[0], s.readings[len(s.readings)-1]
	span := last.Time.Sub(first.Time).Seconds()
	var held []string
	for _, reason := range passing {
		before, known := first.ThrottledSeconds[reason]
		after, still := last.ThrottledSeconds[reason]
		if share := (after - before) / span; known && still && span > 0 && share > maxHeld {
			held = append(held, fmt.Sprintf("%s for %.1f %% of the time", reason, 100*min(1, share)))
		}
	}
	return held
}
