package amd

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/devices"
)

// maxGPUs bounds what is believed of a tool.
const maxGPUs = 1024

type object map[string]json.RawMessage

// document cuts off the warnings that the tools may print before the JSON.
func document(out []byte) []byte {
	for start := 0; start < len(out); {
		line := out[start:]
		if line[0] == '{' || line[0] == '[' {
			return line
		}
		end := bytes.IndexByte(line, '\n')
		if end < 0 {
			break
		}
		start += end + 1
	}
	return nil
}

// parseAMDSMI reads the output of amd-smi static and amd-smi metric with --json: an array with an object per GPU, or since
// ROCm 7 an object whose gpu_data is that array. What is of another form than expected counts as not said.
func parseAMDSMI(out []byte) ([]answer, error) {
	text := document(out)
	var list []object
	if err := json.Unmarshal(text, &list); err != nil {
		var wrapped struct {
			Data []object `json:"gpu_data"`
		}
		if err := json.Unmarshal(text, &wrapped); err != nil || wrapped.Data == nil {
			return nil, errors.New("reading the output of amd-smi: neither an array nor an object with gpu_data")
		}
		list = wrapped.Data
	}
	if len(list) > maxGPUs {
		return nil, fmt.Errorf("reading the output of amd-smi: %d GPUs", len(list))
	}
	var said []answer
	for i, o := range list {
		a := answer{index: i, source: "amd-smi"}
		if n := amount(o["gpu"], ""); n != nil && *n >= 0 && *n < maxGPUs {
			a.index = int(*n)
		}
		asic, bus, vram := inner(o, "asic"), inner(o, "bus"), inner(o, "vram")
		a.name = word(asic["market_name"])
		a.address = strings.ToLower(word(bus["bdf"]))
		a.memory = nonZero(asBytes(amount(vram["size"], "B")))
		a.reading = amdMetric(o)
		said = append(said, a)
	}
	return said, nil
}

// amdMetric takes the sensors out of one GPU's object.
func amdMetric(o object) devices.Reading {
	usage, power, heat, memory := inner(o, "usage"), inner(o, "power"), inner(o, "temperature"), inner(o, "mem_usage")
	clocks := inner(o, "clock")
	r := devices.Reading{
		PowerWatts:               within(amount(power["socket_power"], "W"), 1e5),
		EnergyJoules:             within(amount(inner(o, "energy")["total_energy_consumption"], "J"), math.MaxFloat64),
		UtilizationPercent:       within(amount(usage["gfx_activity"], "%"), 100),
		MemoryUtilizationPercent: within(amount(usage["umc_activity"], "%"), 100),
		TemperatureC:             temperature(heat["edge"], heat["hotspot"]),
		MemoryTemperatureC:       temperature(heat["mem"]),
		MemoryUsedBytes:          asBytes(amount(memory["used_vram"], "B")),
		ClockMHz:                 within(clockOf(clocks, "gfx_0", "gfx"), 1e5),
		MemoryClockMHz:           within(clockOf(clocks, "mem_0", "mem"), 1e5),
	}
	switch word(power["throttle_status"]) {
	case "UNTHROTTLED":
		r.Throttle = []string{}
	case "THROTTLED":
		r.Throttle = []string{devices.UntoldReason} // at full load it may be the power limit alone
	}
	if r.PowerWatts != nil {
		r.PowerSource = "amd_smi_socket_power"
	}
	if r.EnergyJoules != nil {
		r.EnergySource = "amd_smi_energy_counter"
	}
	return r
}

func clockOf(clocks object, names ...string) *float64 {
	for _, name := range names {
		if v := amount(inner(clocks, name)["clk"], "MHz"); v != nil {
			return v
		}
	}
	return nil
}

func temperature(candidates ...json.RawMessage) *float64 {
	for _, raw := range candidates {
		if v := amount(raw, "C"); v != nil && *v > -100 && *v < 1000 {
			return v
		}
	}
	return nil
}

// inner is a member that is an object; empty if it is none.
func inner(o object, key string) object {
	var in object
	if json.Unmarshal(o[key], &in) != nil {
		return nil
	}
	return in
}

// word is a member that is a text; empty if it is none, or stands for unknown.
func word(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil || strings.EqualFold(s, "N/A") {
		return ""
	}
	return strings.TrimSpace(s)
}

// units are the factors of what the tools write to what is asked for.
var units = map[string]map[string]float64{
	"B": {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30},
	"W": {"W": 1, "mW": 1e-3}, "J": {"J": 1, "kJ": 1e3, "mJ": 1e-3}, "MHz": {"MHz": 1, "GHz": 1e3}, "%": {"%": 1}, "C": {"C": 1, "°C": 1},
}

// defaultUnit is what a bare number counts, as releases before 6.1 wrote them.
var defaultUnit = map[string]string{"B": "MB"}

// amount reads a quantity: {"value": 142, "unit": "W"}, a bare number, or either as a text. "N/A" and the like are nil.
func amount(raw json.RawMessage, unit string) *float64 {
	var pair struct {
		Value json.RawMessage `json:"value"`
		Unit  string          `json:"unit"`
	}
	from := cmp.Or(defaultUnit[unit], unit)
	value := raw
	if json.Unmarshal(raw, &pair) == nil && pair.Value != nil {
		value, from = pair.Value, cmp.Or(strings.TrimSpace(pair.Unit), from)
	}
	var v float64
	if err := json.Unmarshal(value, &v); err != nil || string(value) == "null" {
		if v, err = strconv.ParseFloat(word(value), 64); err != nil {
			return nil
		}
	}
	if unit != "" {
		factor, known := units[unit][from]
		if !known {
			return nil
		}
		v *= factor
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func within(v *float64, most float64) *float64 {
	if v == nil || *v < 0 || *v > most {
		return nil
	}
	return v
}

func asBytes(v *float64) *uint64 {
	if within(v, 1<<50) == nil {
		return nil
	}
	n := uint64(*v)
	return &n
}

var cardKey = regexp.MustCompile(`^card(\d{1,4})$`)

// parseROCmSMI reads the output of rocm-smi --showallinfo --json: an object with a member per GPU, whose values are all
// texts and whose keys changed with the releases.
func parseROCmSMI(out []byte) ([]answer, error) {
	var cards map[string]json.RawMessage
	if err := json.Unmarshal(document(out), &cards); err != nil {
		return nil, fmt.Errorf("reading the output of rocm-smi: %w", err)
	}
	var said []answer
	for key, raw := range cards {
		m := cardKey.FindStringSubmatch(key)
		var card map[string]any
		if m == nil || json.Unmarshal(raw, &card) != nil {
			continue // "system", and what is no GPU
		}
		index, _ := strconv.Atoi(m[1])
		text := func(keys ...string) string {
			for _, k := range keys {
				if s, ok := card[k].(string); ok && s != "" && !strings.EqualFold(s, "N/A") {
					return s
				}
			}
			return ""
		}
		figure := func(most float64, keys ...string) *float64 {
			v, err := strconv.ParseFloat(text(keys...), 64)
			if err != nil || math.IsNaN(v) {
				return nil
			}
			return within(&v, most)
		}
		a := answer{index: index, source: "rocm-smi", name: text("Card Series", "Card series"), address: strings.ToLower(text("PCI Bus")),
			memory: nonZero(asBytes(figure(1<<50, "VRAM Total Memory (B)")))}
		a.reading = devices.Reading{
			PowerWatts:         figure(1e5, "Current Socket Graphics Package Power (W)", "Average Graphics Package Power (W)"), // the first unverified
			UtilizationPercent: figure(100, "GPU use (%)"),
			TemperatureC:       figure(999, "Temperature (Sensor edge) (C)", "Temperature (Sensor junction) (C)"),
			MemoryTemperatureC: figure(999, "Temperature (Sensor memory) (C)"),
			MemoryUsedBytes:    asBytes(figure(1<<50, "VRAM Total Used Memory (B)")),
		}
		if a.reading.PowerWatts != nil {
			a.reading.PowerSource = "rocm_smi_package_power"
		}
		said = append(said, a)
	}
	if len(said) == 0 {
		return nil, errors.New("reading the output of rocm-smi: no GPU in it")
	}
	slices.SortFunc(said, func(a, b answer) int { return cmp.Compare(a.index, b.index) })
	return said, nil
}
