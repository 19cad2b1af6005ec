package neuron

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/devices"
)

const (
	envVisible = "NEURON_RT_VISIBLE_CORES"
	envNumber  = "NEURON_RT_NUM_CORES"
	envLNC     = "NEURON_LOGICAL_NC_CONFIG"
	envTag     = "NEURON_PROCESS_TAG"
	// lncFile has been seen in public code, not in the documentation.
	lncFile = "opt/aws/neuron/etc/neuron-logical-nc-config"
)

// settings is what the environment says about cores.
type settings struct {
	details  []devices.Detail
	problems []devices.Problem
	visible  []int
	number   *int
	// lnc is the configured size of a logical core, 0 if nothing configures it.
	lnc       int
	lncSource string
	// tag is what this process calls itself for neuron-monitor.
	tag string
}

func readSettings(m devices.Machine) settings {
	var e settings
	e.tag, _ = m.Lookup(envTag)
	for _, name := range []string{envVisible, envNumber, envLNC} {
		value, _ := m.Lookup(name)
		if value == "" {
			continue
		}
		e.details = append(e.details, devices.Detail{Name: name, Value: strings.ToValidUTF8(value, "?"), Source: "env"})
		if !e.take(name, value) {
			e.problems = append(e.problems, devices.Problem{
				Text:   fmt.Sprintf("%s=%q cannot be understood", name, value),
				Remedy: "correct the variable or unset it",
			})
		}
	}
	if e.lnc == 0 && m.FS != nil {
		if n, ok := parseLNC(readWord(m.FS, lncFile)); ok {
			e.lnc, e.lncSource = n, "file"
		}
	}
	return e
}

func (e *settings) take(name, value string) bool {
	switch name {
	case envVisible:
		ids, ok := parseCores(value)
		e.visible = ids
		return ok
	case envNumber:
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || n < 0 {
			return false
		}
		if n > 0 { // 0 means all
			e.number = &n
		}
		return true
	default:
		n, ok := parseLNC(value)
		if ok {
			e.lnc, e.lncSource = n, "env"
		}
		return ok
	}
}

func parseLNC(value string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(value))
	return n, err == nil && (n == 1 || n == 2)
}

// hidden warns when the environment lets a program use fewer cores than there are. Which cores are visible takes
// precedence over their number.
func (e *settings) hidden(total int) []devices.Problem {
	name, usable := "", total
	switch {
	case e.visible != nil:
		name, usable = envVisible, 0
		for _, id := range e.visible {
			if id < total {
				usable++
			}
		}
	case e.number != nil:
		name, usable = envNumber, min(*e.number, total)
	}
	if usable >= total {
		return nil
	}
	return []devices.Problem{{
		Text:   fmt.Sprintf("%s hides %d of %d logical NeuronCores", name, total-usable, total),
		Remedy: "unset it to measure every core",
	}}
}

// limit gives the variable that counts and the number of cores that it lets a process take; nil if there is no limit.
func (e *settings) limit() (name string, allowed func(core int) bool) {
	switch {
	case e.visible != nil:
		return envVisible, func(core int) bool { return slices.Contains(e.visible, core) }
	case e.number != nil:
		// The runtime takes so many free ones, from the first on (unverified).
		return envNumber, func(core int) bool { return core < *e.number }
	}
	return "", nil
}

// leaves gives those of the cores that this process may take.
func (e *settings) leaves(cores []int) []int {
	_, allowed := e.limit()
	if allowed == nil {
		return cores
	}
	var out []int
	for _, c := range cores {
		if allowed(c) {
			out = append(out, c)
		}
	}
	return out
}

// hides says why a device is hidden: none of its cores may be taken. Empty if it is not, or its cores are not known.
func (e *settings) hides(cores []int) string {
	if len(cores) == 0 || len(e.leaves(cores)) > 0 {
		return ""
	}
	name, _ := e.limit()
	for _, d := range e.details {
		if d.Name == name {
			return fmt.Sprintf("hidden by %s=%v, which leaves none of its cores (%s)", name, d.Value, joined(cores))
		}
	}
	return "hidden by " + name
}

// parseCores reads "3", "0-3" or a list of these, sorted and without repeats.
func parseCores(value string) ([]int, bool) {
	ids := []int{}
	for part := range strings.SplitSeq(value, ",") {
		low, high, isRange := strings.Cut(strings.TrimSpace(part), "-")
		from, err := strconv.ParseUint(low, 10, 31)
		if err != nil {
			return nil, false
		}
		to := from
		if isRange {
			if to, err = strconv.ParseUint(high, 10, 31); err != nil || to < from {
				return nil, false
			}
		}
		if to >= maxDevices*maxCores || to-from >= maxCores*64 {
			return nil, false
		}
		for id := from; id <= to; id++ {
			ids = append(ids, int(id))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), true
}
