package nrt

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/devices"
)

// The runtime's variables that choose cores.
const (
	visibleCores = "NEURON_RT_VISIBLE_CORES"
	numberCores  = "NEURON_RT_NUM_CORES"
)

// maxCores bounds what is believed of a variable: 64 chips of 1024 cores.
const maxCores = 1 << 16

// recorded are the variables that change what is measured, to be told in results.
func recorded() []string {
	return []string{"NEURON_RT_EXEC_TIMEOUT", "NEURON_RT_STOCHASTIC_ROUNDING_EN", "NEURON_RT_MULTI_INSTANCE_SHARED_WEIGHTS",
		"NEURON_RT_VALIDATE_HASH", "NEURON_RT_ALLOW_LEGACY_NEFF"}
}

// settings are what the user's environment says to the runtime.
type settings struct {
	visible []int // nil if not set
	number  int   // 0 if not set
	err     error // of a value that cannot be understood
	details []devices.Detail
}

func readSettings(getenv func(string) string) settings {
	var s settings
	if text := getenv(visibleCores); text != "" {
		if s.visible, s.err = parseCores(text); s.err != nil {
			s.err = fmt.Errorf("%s=%q: %w: write core numbers, as 0-3 or 4", visibleCores, strings.ToValidUTF8(text, "?"), s.err)
		}
	} else if text := getenv(numberCores); text != "" {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if s.number = n; err != nil || n < 0 {
			s.err = fmt.Errorf("%s=%q is no number of cores", numberCores, strings.ToValidUTF8(text, "?"))
		}
	}
	for _, name := range recorded() {
		if value := getenv(name); value != "" {
			s.details = append(s.details, devices.Detail{Name: name, Value: strings.ToValidUTF8(value, "?"), Source: "env"})
		}
	}
	return s
}

// parseCores reads "3", "0-3", or a list of these with commas; sorted, without repeats.
func parseCores(text string) ([]int, error) {
	ids := []int{}
	for part := range strings.SplitSeq(text, ",") {
		low, high, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			high = low
		}
		from, errFrom := strconv.ParseUint(low, 10, 16)
		to, errTo := strconv.ParseUint(high, 10, 16)
		if errFrom != nil || errTo != nil || to < from || to >= maxCores {
			return nil, fmt.Errorf("%q are no cores", part)
		}
		for id := from; id <= to; id++ {
			ids = append(ids, int(id))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// writeCores is the inverse of parseCores for what is sorted.
func writeCores(ids []int) string {
	var parts []string
	for i := 0; i < len(ids); {
		end := i + 1
		for end < len(ids) && ids[end] == ids[end-1]+1 {
			end++
		}
		part := strconv.Itoa(ids[i])
		if end-i > 1 {
			part += "-" + strconv.Itoa(ids[end-1])
		}
		parts = append(parts, part)
		i = end
	}
	return strings.Join(parts, ",")
}

// cores are the logical cores of a device, by the numbers that the runtime has for all of the machine.
type cores struct {
	ids    []int // those to use
	hidden int   // those that the environment takes away
}

func (c cores) details() []devices.Detail {
	list := []devices.Detail{{Name: "cores reserved", Value: writeCores(c.ids)}}
	if c.hidden > 0 {
		list = append(list, devices.Detail{Name: "cores hidden by the environment", Value: c.hidden})
	}
	return list
}

// cores are those of the device that the environment leaves.
func (e *engine) cores(dev devices.Info) (cores, error) {
	if e.user.err != nil {
		return cores{}, fmt.Errorf("%w: %w", e.user.err, devices.ErrAbsent)
	}
	all, err := coresOf(dev)
	if err != nil {
		return cores{}, err
	}
	ids := all
	if e.user.visible != nil {
		ids = slices.DeleteFunc(slices.Clone(all), func(id int) bool { return !slices.Contains(e.user.visible, id) })
	}
	if n := e.user.number; n > 0 && n < len(ids) {
		ids = ids[:n]
	}
	if len(ids) == 0 {
		return cores{}, fmt.Errorf("%s=%s leaves none of its cores %s: unset it, or choose another device: %w", visibleCores,
			writeCores(e.user.visible), writeCores(all), devices.ErrAbsent)
	}
	return cores{ids, len(all) - len(ids)}, nil
}

// coresOf are the numbers of a device's logical cores: as neuron-ls gives them, else counted through the devices, which are
// alike on every machine that there is.
func coresOf(dev devices.Info) ([]int, error) {
	if text, ok := detail(dev, "neuroncore_ids").(string); ok {
		if ids, err := parseCores(text); err == nil {
			return ids, nil
		}
	}
	number, err := strconv.Atoi(strings.TrimPrefix(dev.ID, backend+":"))
	if err != nil || number < 0 || number >= maxCores || dev.Cores == nil || *dev.Cores < 1 || *dev.Cores > maxCores {
		return nil, fmt.Errorf("which logical cores are those of %s is not known: install aws-neuronx-tools, whose neuron-ls tells: %w", dev.ID,
			devices.ErrUnsupported)
	}
	ids := make([]int, *dev.Cores)
	for i := range ids {
		ids[i] = number**dev.Cores + i
	}
	return ids, nil
}

// coreSize is the number of physical cores in a logical one; 0 if it is not known.
func coreSize(dev devices.Info) int {
	switch n := detail(dev, "logical_nc_config").(type) {
	case int:
		return n
	case float64: // after JSON
		return int(n)
	}
	return 0
}

func detail(dev devices.Info, name string) any {
	for _, d := range dev.Details {
		if d.Name == name {
			return d.Value
		}
	}
	return nil
}
