package bench

import (
	"maps"
	"slices"

	"github.com/accelbench/accelbench/devices"
)

// The sources of a share of throttled time.
const (
	throttleCounters = "counters"
	throttleReadings = "readings"
)

// idleReasons hold clocks down because there is nothing to do, which is no throttling.
var idleReasons = []string{"low-utilization"}

// UnderLoad is the state of a device within the timed parts of the valid runs of a row; nil is not known. Means are over the readings
// in which the device was busy for at least 90 % or does not tell; those of power and utilisation are over all, since a chip of which
// one core works is never so busy.
type UnderLoad struct {
	ClockMHz    *float64 `json:"clock_mhz"` // mean
	MaxClockMHz *float64 `json:"max_clock_mhz"`
	// Throttled are the shares of the time for which clocks were held down, by reason; nil if that is not known. Reasons overlap.
	// ThrottledSource is "counters", the device's own, or "readings" in which the reason was seen.
	Throttled       []ThrottledShare `json:"throttled"`
	ThrottledSource string           `json:"throttled_source,omitempty"`
	TemperatureC    *float64         `json:"temperature_c"` // highest
	// PCIeGeneration and PCIeWidth are the best that were seen, against what the link can do.
	PCIeGeneration    *int `json:"pcie_generation"`
	PCIeGenerationMax *int `json:"pcie_generation_max"`
	PCIeWidth         *int `json:"pcie_width"`
	PCIeWidthMax      *int `json:"pcie_width_max"`
	// PowerLimitWatts is the lowest that was in force.
	PowerLimitWatts        *float64 `json:"power_limit_watts"`
	PowerLimitDefaultWatts *float64 `json:"power_limit_default_watts"`
	PowerPercent           *float64 `json:"power_percent"` // mean
	UtilizationPercent     *float64 `json:"utilization_percent"`
	CoresActivePercent     *float64 `json:"cores_active_percent"`
	TensorActivePercent    *float64 `json:"tensor_active_percent"`
	MemoryBandwidthPercent *float64 `json:"memory_bandwidth_percent"`
	// DeviceLatency is the runtime's own, of its last period.
	DeviceLatency *devices.DeviceLatency `json:"device_latency"`
}

// ThrottledShare is the share of the time for which a reason held clocks down.
type ThrottledShare struct {
	Reason string  `json:"reason"`
	Share  float64 `json:"share"`
}

// known tells whether there is anything to show.
func (u UnderLoad) known() bool {
	return u.ClockMHz != nil || u.Throttled != nil || u.TemperatureC != nil || u.PCIeGeneration != nil || u.PowerLimitWatts != nil ||
		u.PowerPercent != nil || u.UtilizationPercent != nil || u.DeviceLatency != nil
}

// underLoad is nil for a group, whose devices have rows of their own.
func underLoad(valid []*Result) *UnderLoad {
	var within []devices.Reading
	for _, r := range valid {
		within = append(within, r.within()...)
	}
	if len(within) == 0 {
		return nil
	}
	busy := slices.DeleteFunc(slices.Clone(within), func(r devices.Reading) bool {
		return r.UtilizationPercent != nil && *r.UtilizationPercent < leastBusyPercent
	})
	info := valid[0].Device
	u := UnderLoad{
		ClockMHz:               meanOf(busy, func(r devices.Reading) *float64 { return r.ClockMHz }),
		MaxClockMHz:            detailFloat(info, "max_sm_clock", "max_clock"),
		TemperatureC:           extreme(within, func(r devices.Reading) *float64 { return r.TemperatureC }, func(a, b float64) float64 { return max(a, b) }),
		PCIeGeneration:         best(within, func(r devices.Reading) *int { return r.PCIeGeneration }),
		PCIeGenerationMax:      detailInt(info, "pcie_generation_max"),
		PCIeWidth:              best(within, func(r devices.Reading) *int { return r.PCIeWidth }),
		PCIeWidthMax:           detailInt(info, "pcie_width_max"),
		PowerLimitWatts:        extreme(within, func(r devices.Reading) *float64 { return r.PowerLimitWatts }, func(a, b float64) float64 { return min(a, b) }),
		PowerLimitDefaultWatts: times(detailFloat(info, "power_limit_default"), len(info.Members)),
		PowerPercent:           meanOf(within, func(r devices.Reading) *float64 { return r.PowerPercent }),
		UtilizationPercent:     meanOf(within, func(r devices.Reading) *float64 { return r.UtilizationPercent }),
		CoresActivePercent:     meanOf(busy, func(r devices.Reading) *float64 { return r.CoresActivePercent }),
		TensorActivePercent:    meanOf(busy, func(r devices.Reading) *float64 { return r.TensorActivePercent }),
		MemoryBandwidthPercent: meanOf(busy, func(r devices.Reading) *float64 { return r.MemoryBandwidthPercent }),
	}
	for _, r := range within {
		if r.DeviceLatency != nil {
			u.DeviceLatency = r.DeviceLatency
		}
	}
	if u.PowerLimitWatts == nil {
		u.PowerLimitWatts = times(detailFloat(info, "power_limit"), len(info.Members))
	}
	u.Throttled, u.ThrottledSource = throttled(valid)
	if !u.known() {
		return nil
	}
	return &u
}

// within are the readings between the first, taken before the timed part, and the last of all sensors, taken after it.
func (r *Result) within() []devices.Reading {
	readings := untilEnd(r.Readings)
	if len(readings) < 3 {
		return nil
	}
	return readings[1 : len(readings)-1]
}

// untilEnd leaves out the reading at the last tick, which has power and energy alone.
func untilEnd(readings []devices.Reading) []devices.Reading {
	if n := len(readings); n > 1 && readings[n-1].Ticked {
		return readings[:n-1]
	}
	return readings
}

// throttled are the shares by the counters of all runs, or by the readings of all; nil if neither is known.
func throttled(valid []*Result) ([]ThrottledShare, string) {
	counted, seen := map[string]float64{}, map[string]float64{}
	var seconds float64
	var readings int
	counters, polled := true, true
	for _, r := range valid {
		all := untilEnd(r.Readings)
		if len(all) < 2 {
			return nil, ""
		}
		first, last := all[0], all[len(all)-1]
		seconds += last.Time.Sub(first.Time).Seconds()
		counters = counters && first.ThrottledSeconds != nil && last.ThrottledSeconds != nil
		for reason, end := range last.ThrottledSeconds {
			if begin, known := first.ThrottledSeconds[reason]; known { // else it is the time since the driver was loaded
				counted[reason] += max(0, end-begin)
			}
		}
		for _, x := range all[1:] {
			polled = polled && x.Throttle != nil
			readings++
			for _, reason := range x.Throttle {
				seen[reason]++
			}
		}
	}
	switch {
	case counters && seconds > 0:
		return sharesOf(counted, seconds), throttleCounters
	case polled && readings > 0:
		return sharesOf(seen, float64(readings)), throttleReadings
	}
	return nil, ""
}

// sharesOf are those above 0, the largest first.
func sharesOf(sums map[string]float64, of float64) []ThrottledShare {
	shares := []ThrottledShare{} // known to be none, which is not nil
	for _, reason := range slices.Sorted(maps.Keys(sums)) {
		if sums[reason] > 0 && !slices.Contains(idleReasons, reason) {
			shares = append(shares, ThrottledShare{reason, min(1, sums[reason]/of)})
		}
	}
	slices.SortStableFunc(shares, func(a, b ThrottledShare) int {
		switch {
		case a.Share > b.Share:
			return -1
		case a.Share < b.Share:
			return 1
		}
		return 0
	})
	return shares
}

// doubtDevice warns of a device that was less than it is sold as.
func (s *Summary) doubtDevice(valid []*Result) {
	if u := s.UnderLoad; u != nil {
		if below(u.PCIeGeneration, u.PCIeGenerationMax) {
			s.warn("the PCIe link ran at generation %d of %d under load: look at the slot, its settings and the riser", *u.PCIeGeneration, *u.PCIeGenerationMax)
		}
		if below(u.PCIeWidth, u.PCIeWidthMax) {
			s.warn("the PCIe link had %d of %d lanes under load: look at the slot and the riser", *u.PCIeWidth, *u.PCIeWidthMax)
		}
		if below(u.PowerLimitWatts, u.PowerLimitDefaultWatts) {
			s.warn("the power limit was %.0f W, below the default of %.0f W: figures are of a device with less power than it is sold with",
				*u.PowerLimitWatts, *u.PowerLimitDefaultWatts)
		}
	}
	for _, r := range valid {
		if slices.ContainsFunc(r.Readings, func(x devices.Reading) bool { return x.RemapPending != nil && *x.RemapPending }) {
			s.warn("rows of the device's memory wait to be replaced: reset the device")
		}
	}
}

func below[T int | float64](x, most *T) bool { return x != nil && most != nil && *x < *most }

func meanOf(readings []devices.Reading, of func(devices.Reading) *float64) *float64 {
	sum, n := 0.0, 0
	for _, r := range readings {
		if x := of(r); x != nil {
			sum += *x
			n++
		}
	}
	if n == 0 {
		return nil
	}
	sum /= float64(n)
	return &sum
}

// extreme folds the values of a sensor; nil if none was read.
func extreme(readings []devices.Reading, of func(devices.Reading) *float64, fold func(a, b float64) float64) *float64 {
	var found *float64
	for _, r := range readings {
		x := of(r)
		switch {
		case x == nil:
		case found == nil:
			value := *x
			found = &value
		default:
			*found = fold(*found, *x)
		}
	}
	return found
}

func best(readings []devices.Reading, of func(devices.Reading) *int) *int {
	var found *int
	for _, r := range readings {
		if x := of(r); x != nil && (found == nil || *x > *found) {
			found = x
		}
	}
	return found
}

// detailFloat is the first of the details that is a number; one that was read back from a file is a float64 whatever it was.
func detailFloat(info devices.Info, names ...string) *float64 {
	for _, name := range names {
		for _, d := range info.Details {
			if d.Name != name {
				continue
			}
			switch v := d.Value.(type) {
			case float64:
				return &v
			case int:
				x := float64(v)
				return &x
			}
		}
	}
	return nil
}

// times is what so many devices that compute as one have together, of which each has x; a single device has no members.
func times(x *float64, members int) *float64 {
	if x == nil {
		return nil
	}
	sum := *x * float64(max(members, 1))
	return &sum
}

func detailInt(info devices.Info, name string) *int {
	x := detailFloat(info, name)
	if x == nil {
		return nil
	}
	n := int(*x)
	return &n
}
