package bench

import (
	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
)

// The sources of an energy.
const (
	energyCounter    = "counter"
	energyIntegrated = "integrated"
)

// The phases of decoders, by their names in workloads.
const (
	prefillPhase = "prefill"
	decodePhase  = "decode"
)

// minPhaseReadings is the number of power readings in a phase from which on their mean stands for it.
const minPhaseReadings = 10

// energy adds up the energy of the runs; nil unless it is known of all of them, by the same means.
func energy(valid []*Result) *Energy {
	var sum Energy
	var seconds float64
	var units int64
	for _, r := range valid {
		watts, source, ok := power(r)
		if !ok || orZero(r.ElapsedNS) <= 0 || sum.Source != "" && sum.Source != source {
			return nil
		}
		elapsed := float64(*r.ElapsedNS) / 1e9
		sum.Source = source
		sum.Joules += watts * elapsed
		seconds += elapsed
		units += r.Counts.Units
	}
	if seconds == 0 || units == 0 {
		return nil
	}
	sum.Watts, sum.JoulesPerUnit = sum.Joules/seconds, sum.Joules/float64(units)
	sum.Phases = phaseEnergy(valid)
	return &sum
}

// power is the mean power of a run in watts, of all of its devices together.
func power(r *Result) (watts float64, source string, ok bool) {
	if len(r.Parts) == 0 {
		return meanPower(r.Readings)
	}
	for i := range r.Parts {
		x, from, known := meanPower(r.Parts[i].Readings)
		if !known || i > 0 && from != source {
			return 0, "", false
		}
		watts, source = watts+x, from
	}
	return watts, source, true
}

// meanPower is the mean power in watts between the first reading and the last one, which were taken just before and just after the
// timed part.
func meanPower(readings []devices.Reading) (watts float64, source string, ok bool) {
	if len(readings) < 2 {
		return 0, "", false
	}
	first, last := readings[0], readings[len(readings)-1]
	span := last.Time.Sub(first.Time).Seconds()
	if span <= 0 {
		return 0, "", false
	}
	if first.EnergyJoules != nil && last.EnergyJoules != nil && *last.EnergyJoules > *first.EnergyJoules { // a counter that stands still is too coarse for the run
		return (*last.EnergyJoules - *first.EnergyJoules) / span, energyCounter, true
	}
	joules := 0.0
	for i := 1; i < len(readings); i++ {
		a, b := readings[i-1], readings[i]
		if a.PowerWatts == nil || b.PowerWatts == nil {
			return 0, "", false
		}
		joules += (*a.PowerWatts + *b.PowerWatts) / 2 * b.Time.Sub(a.Time).Seconds()
	}
	return joules / span, energyIntegrated, true
}

// phaseEnergy is the energy of prefill and of decoding; nil where a phase was read too seldom.
func phaseEnergy(valid []*Result) []PhaseEnergy {
	out := []PhaseEnergy{{Name: prefillPhase}, {Name: decodePhase}}
	seconds := make([]float64, len(out))
	power := make([][]float64, len(out))
	for _, r := range valid {
		if r.Phases == nil || r.Phases.PrefillNS == nil || r.Phases.DecodeNS == nil {
			return nil
		}
		seconds[0] += float64(*r.Phases.PrefillNS) / 1e9
		seconds[1] += float64(*r.Phases.DecodeNS) / 1e9
		for _, reading := range r.Readings {
			for i := range out {
				if reading.Phase == out[i].Name && reading.PowerWatts != nil {
					power[i] = append(power[i], *reading.PowerWatts)
				}
			}
		}
	}
	for i := range out {
		mean, ok := stat.Mean(power[i])
		if !ok || len(power[i]) < minPhaseReadings {
			return nil
		}
		out[i].Watts, out[i].Joules, out[i].Readings = mean, mean*seconds[i], len(power[i])
	}
	return out
}
