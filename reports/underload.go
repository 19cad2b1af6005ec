package reports

import (
	"fmt"
	"strings"

	"github.com/accelbench/accelbench/bench"
)

// underLoad is the table of the state of the accelerators while they worked. Of CPUs the findings have it.
func (v view) underLoad() []Block {
	var rows []row
	active, latency, limited := false, false, false
	for _, r := range v.rows {
		if u := r.UnderLoad; u != nil && r.First.Device.Backend != "cpu" {
			rows = append(rows, r)
			active = active || activityText(*u) != ""
			latency, limited = latency || u.DeviceLatency != nil, limited || u.PowerLimitWatts != nil
		}
	}
	if len(rows) == 0 {
		return nil
	}
	of := func(write func(bench.UnderLoad) string) func(row) string {
		return func(r row) string { return write(*r.UnderLoad) }
	}
	fields := append(v.identity(), []field[row]{
		{"Clock", Right, of(func(u bench.UnderLoad) string { return ofMost(u.ClockMHz, u.MaxClockMHz, "MHz") })},
		{"Held down", Left, of(throttledText)},
		{"Hottest", Right, of(func(u bench.UnderLoad) string {
			return maybe(u.TemperatureC, func(x float64) string { return number(x) + " °C" })
		})},
		{"PCIe", Left, of(pcieText)},
	}...)
	if limited {
		fields = append(fields, field[row]{"Power limit", Right, of(func(u bench.UnderLoad) string { return ofMost(u.PowerLimitWatts, u.PowerLimitDefaultWatts, "W") })})
	}
	if active {
		fields = append(fields, field[row]{"At work", Left, of(func(u bench.UnderLoad) string { return orNA(activityText(u)) })})
	}
	if latency {
		fields = append(fields, field[row]{"Device's own latency", Left, of(func(u bench.UnderLoad) string {
			if u.DeviceLatency == nil {
				return NA
			}
			return fmt.Sprintf("p50 %s, p99 %s", nanoseconds(1e9*u.DeviceLatency.P50Seconds), nanoseconds(1e9*u.DeviceLatency.P99Seconds))
		})})
	}
	blocks := append([]Block{Heading("Devices under load")}, brief(rows, fields)...)
	note := "Clocks are means over the readings in which the device was busy, of the highest clock that it has. Held down is the share of the time " +
		"for which a reason held the clock down, by the device's counters, or of the readings where it says so; reasons overlap. The link is the best that was seen, of what it can do."
	return append(blocks, Paragraph{Text: note})
}

// ofMost writes a figure and what it could be: 1600 of 1980 MHz.
func ofMost(x, most *float64, unit string) string {
	switch {
	case x == nil:
		return NA
	case most == nil:
		return number(*x) + " " + unit
	}
	return number(*x) + " of " + number(*most) + " " + unit
}

// throttledText is "power-cap 63 %", "no", or NA.
func throttledText(u bench.UnderLoad) string {
	if u.Throttled == nil {
		return NA
	}
	var out []string
	for _, t := range u.Throttled {
		out = append(out, t.Reason+" "+percent(t.Share))
	}
	if len(out) == 0 {
		return "no"
	}
	text := strings.Join(out, ", ")
	if u.ThrottledSource == "readings" {
		text += " of the readings"
	}
	return text
}

// pcieText is "gen 4 of 5, 16 of 16 lanes".
func pcieText(u bench.UnderLoad) string {
	of := func(x, most *int) string {
		if most == nil {
			return fmt.Sprint(*x)
		}
		return fmt.Sprintf("%d of %d", *x, *most)
	}
	var out []string
	if u.PCIeGeneration != nil {
		out = append(out, "gen "+of(u.PCIeGeneration, u.PCIeGenerationMax))
	}
	if u.PCIeWidth != nil {
		out = append(out, of(u.PCIeWidth, u.PCIeWidthMax)+" lanes")
	}
	return orNA(strings.Join(out, ", "))
}

// activityText is how much of the device was at work, as far as it tells.
func activityText(u bench.UnderLoad) string {
	var out []string
	for _, a := range []struct {
		name string
		x    *float64
	}{
		{"busy", u.UtilizationPercent}, {"processors", u.CoresActivePercent}, {"matrix units", u.TensorActivePercent},
		{"memory bandwidth", u.MemoryBandwidthPercent}, {"power", u.PowerPercent},
	} {
		if a.x != nil {
			out = append(out, a.name+" "+percent(*a.x/100))
		}
	}
	return strings.Join(out, ", ")
}
