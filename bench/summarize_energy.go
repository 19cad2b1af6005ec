package bench

import (
	"fmt"
	"math"
	"slices"
	"time"

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

// minWindow is the least time over which an energy is told: sensors of power look at the device for a part of the time only, a
// quarter of it on some GPUs, and counters are refreshed every 100 ms or less. docs/validity.md has the source.
const minWindow = 5 * time.Second

// minCovered is the least share of the timed part that readings must enclose: what is beyond them, because the sensors failed, is not
// made up from the rest.
const minCovered = 0.9

// maxCrossCheck is the difference between an energy and the integral of the power, over the energy, beyond which the row says so.
const maxCrossCheck = 0.10

// noWatts is said of devices whose vendor gives power as a share of a maximum.
const noWatts = "no watts: vendor publishes none"

// window is the energy between two readings that enclose the timed part of a run.
type window struct {
	joules, seconds float64
	source, method  string
	// cross is the energy by the other means, the integral of the power; nil if there is only one.
	cross *float64
	// ticked says that both ends are changes of the counter.
	ticked bool
}

// windowOf is the energy from the first reading to the last: by the counter, or else under the power.
func windowOf(readings []devices.Reading) (window, bool) {
	if len(readings) < 2 {
		return window{}, false
	}
	first, last := readings[0], readings[len(readings)-1]
	w := window{seconds: last.Time.Sub(first.Time).Seconds()}
	if w.seconds <= 0 {
		return window{}, false
	}
	power := powerIntegral(readings)
	// A counter that stands still is too coarse for the run.
	if first.EnergyJoules != nil && last.EnergyJoules != nil && *last.EnergyJoules > *first.EnergyJoules && !beganAnew(readings) {
		w.joules, w.cross, w.ticked = *last.EnergyJoules-*first.EnergyJoules, power, first.Ticked && last.Ticked
		w.source, w.method = energyCounter, first.EnergySource
		return w, true
	}
	if power == nil {
		return window{}, false
	}
	w.joules, w.source = *power, energyIntegrated
	if first.PowerSource != "" {
		w.method = first.PowerSource + "_integral"
	}
	return w, true
}

// beganAnew tells whether the counter went back within the readings, as it does when the driver is loaded anew: it may be above its
// first value again at the end.
func beganAnew(readings []devices.Reading) bool {
	least := 0.0
	for _, r := range readings {
		if r.EnergyJoules == nil {
			continue
		}
		if *r.EnergyJoules < least {
			return true
		}
		least = *r.EnergyJoules
	}
	return false
}

// powerIntegral is the energy under the power in joules: what the sampler added up, or trapezoids between the readings; nil if power is
// missing in one, or if the sampler gave up.
func powerIntegral(readings []devices.Reading) *float64 {
	first, last := readings[0], readings[len(readings)-1]
	if first.PowerIntegralJoules != nil {
		if last.PowerIntegralJoules == nil {
			return nil
		}
		joules := *last.PowerIntegralJoules - *first.PowerIntegralJoules
		return &joules
	}
	joules := 0.0
	for i := 1; i < len(readings); i++ {
		a, b := readings[i-1], readings[i]
		if a.PowerWatts == nil || b.PowerWatts == nil {
			return nil
		}
		joules += (*a.PowerWatts + *b.PowerWatts) / 2 * b.Time.Sub(a.Time).Seconds()
	}
	return &joules
}

// took is the energy of the timed part of a run, of all of its devices together; the text says why there is none, if something can be
// said. From tick to tick the window is as good as the timed part: all that is in it counts. Without ticks its ends are where the
// readings happened to be, and the mean power in it is taken for that of the timed part.
func (r *Result) took() (window, string) {
	if r.Status != OK || orZero(r.ElapsedNS) <= 0 {
		return window{}, ""
	}
	if len(r.Parts) > 0 {
		return r.partsTook()
	}
	w, ok := windowOf(r.Readings)
	elapsed := float64(*r.ElapsedNS) / 1e9
	switch {
	case ok && w.seconds < minWindow.Seconds():
		return window{}, fmt.Sprintf("needs %.0f s, had %.1f s: use --duration", minWindow.Seconds(), w.seconds)
	case !ok && r.Device.Unmetered != "":
		return window{}, r.Device.Unmetered
	case !ok && slices.ContainsFunc(r.Readings, func(x devices.Reading) bool { return x.PowerPercent != nil }):
		return window{}, noWatts
	case !ok:
		return window{}, ""
	case w.seconds < minCovered*elapsed:
		return window{}, fmt.Sprintf("the sensors told of %.1f s of %.1f s only", w.seconds, elapsed)
	case !w.ticked:
		share := elapsed / w.seconds
		w.joules, w.seconds = w.joules*share, elapsed
		if w.cross != nil {
			cross := *w.cross * share
			w.cross = &cross
		}
	}
	return w, ""
}

// partsTook adds up devices that began together; the time is that of the slowest.
func (r *Result) partsTook() (window, string) {
	var sum window
	for i := range r.Parts {
		w, why := r.Parts[i].took()
		if w.source == "" {
			return window{}, why
		}
		if i == 0 {
			sum = w
			continue
		}
		if w.source != sum.source || w.method != sum.method {
			return window{}, mixedMeters
		}
		sum.joules, sum.seconds = sum.joules+w.joules, max(sum.seconds, w.seconds)
		sum.cross, sum.ticked = plus(sum.cross, w.cross), sum.ticked && w.ticked
	}
	return sum, ""
}

const mixedMeters = "metered in different ways, which do not add up"

func plus(a, b *float64) *float64 {
	if a == nil || b == nil {
		return nil
	}
	sum := *a + *b
	return &sum
}

// energy adds up the energy of the runs. It is nil unless it is known of all of them, by the same means; the text says why, if
// something can be said.
func energy(valid []*Result) (*Energy, string) {
	sum := Energy{Ticked: true}
	var seconds float64
	var units int64
	cross := new(float64)
	for i, r := range valid {
		w, why := r.took()
		if w.source == "" {
			return nil, why
		}
		if i > 0 && (w.source != sum.Source || w.method != sum.Method) {
			return nil, mixedMeters
		}
		sum.Source, sum.Method, sum.Ticked = w.source, w.method, sum.Ticked && w.ticked
		sum.Joules += w.joules
		cross = plus(cross, w.cross)
		seconds += w.seconds
		units += r.Counts.Units
	}
	if seconds == 0 || units == 0 || sum.Joules <= 0 {
		return nil, ""
	}
	sum.Watts, sum.JoulesPerUnit = sum.Joules/seconds, sum.Joules/float64(units)
	sum.UnitsPerJoule = float64(units) / sum.Joules
	sum.UnitsPerSecondPerMW = 1e6 * sum.UnitsPerJoule
	if cross != nil {
		difference := (*cross - sum.Joules) / sum.Joules
		sum.CrossCheck = &difference
	}
	sum.IdleWatts = idleWatts(valid)
	sum.Phases = phaseEnergy(valid)
	return &sum, ""
}

// idleWatts is the lowest of the runs: what ran before, and clocks that take seconds to fall, can only add to it.
func idleWatts(valid []*Result) *float64 {
	var least *float64
	for _, r := range valid {
		idle := r.IdleWatts
		if len(r.Parts) > 0 {
			idle = r.Parts[0].IdleWatts
			for i := range r.Parts[1:] {
				idle = plus(idle, r.Parts[1+i].IdleWatts)
			}
		}
		if idle != nil && (least == nil || *idle < *least) {
			least = idle
		}
	}
	return least
}

// doubtEnergy warns of two ways to tell that do not agree.
func (s *Summary) doubtEnergy() {
	if e := s.Energy; e != nil && e.CrossCheck != nil && math.Abs(*e.CrossCheck) > maxCrossCheck {
		s.warn("the energy is doubtful: the integral of the power is %+.1f %% off the counter (limit %.0f %%)", 100**e.CrossCheck, 100*maxCrossCheck)
	}
}

// system is what the whole machine takes by the power that the user gave; nil without one, and for a device that ran beside others,
// which did not use the machine alone.
func (s *Summary) system(given *float64) *SystemEnergy {
	watts := s.First.SystemWatts
	if given != nil {
		watts = given
	}
	if watts == nil || s.Throughput == nil || s.Throughput.Value <= 0 {
		return nil
	}
	if g := s.First.Group; g != nil && g.Size > 1 && g.Index != Whole {
		return nil
	}
	rate := s.Throughput.Value
	return &SystemEnergy{Watts: *watts, JoulesPerUnit: *watts / rate, UnitsPerSecondPerMW: rate / *watts * 1e6}
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
