package bench

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/internal/names"
)

// ErrUnknownName marks a device or engine that no version of this program would find by that name.
var ErrUnknownName = errors.New("unknown")

// AllDevices asks for every device that has a usable engine, AllEngines for every usable engine of a device.
const (
	AllDevices = "all"
	AllEngines = "all"
)

// Choice is what to measure on, and what is not measured.
type Choice struct {
	Chosen     []Chosen
	PassedOver []PassedOver
	// Preferred are the engines that would have been chosen before the one that was, had their software been here.
	Preferred []Probed
}

// Chosen is a device with the engine to use on it. Present counts the machine's devices of its kind.
type Chosen struct {
	Candidate
	Engine  devices.EngineInfo
	Present int
}

// Choose picks devices and engines from what was found, both in order of preference. Without a wish (empty strings) that
// is the first device that has a usable engine, with the first such engine. A device can be asked for by its id, by the
// name of its backend (the first of that kind with a usable engine), or as AllDevices, and several that compute together by
// their ids with a plus between them; an engine by its name, or all of
// them as AllEngines.
//
// Passed over are devices of the kinds up to and including the last chosen one that were not chosen: those after it were
// not preferred. Hardware of such a kind that has only a problem is passed over as well. The error wraps ErrUnknownName
// for a word that names nothing, devices.ErrAbsent for what is not here, and devices.ErrUnsupported for an engine that
// does not serve the device asked for.
func Choose(inventories []Inventory, device, engine string) (Choice, error) {
	together, of, several, err := joinedWish(inventories, device, engine)
	switch {
	case err != nil:
		return Choice{}, err
	case several:
		return chooseJoined(inventories, together, of, engine)
	}
	if err := knownNames(inventories, device, engine); err != nil {
		return Choice{}, err
	}
	var c Choice
	last := -1
	var refused error
	for i, inventory := range inventories {
		for _, candidate := range inventory.Devices {
			if !wanted(inventory.Backend, candidate.Info.ID, device) || len(c.Chosen) > 0 && device != AllDevices {
				continue
			}
			infos, err := usable(candidate, engine)
			if err != nil {
				if refused == nil {
					refused = fmt.Errorf("device %s: %w", candidate.Info.ID, err)
				}
				continue
			}
			for _, info := range infos {
				c.Chosen = append(c.Chosen, Chosen{Candidate: candidate, Engine: info, Present: len(inventory.Devices)})
			}
			if engine == "" {
				c.Preferred = append(c.Preferred, preferred(candidate)...)
			}
			last = i
		}
	}
	switch {
	case last >= 0:
		c.PassedOver = passedOver(inventories[:last+1], c.Chosen, device, engine)
		return c, nil
	case refused != nil:
		return Choice{}, refused
	}
	return Choice{}, absent(inventories, device)
}

// NoEngine is what is said of a device that no engine of this program serves.
const NoEngine = "detected, no engine yet"

// wanted tells whether a device is meant by a wish.
func wanted(backend, id, wish string) bool {
	return wish == "" || wish == AllDevices || wish == id || wish == backend
}

// knownNames refuses words that name nothing, with the known ones, nearest first.
func knownNames(inventories []Inventory, device, engine string) error {
	devicesKnown, enginesKnown := []string{}, []string{}
	found := false
	for _, inventory := range inventories {
		devicesKnown = append(devicesKnown, inventory.Backend)
		// An id of this backend that was not found is absent, not unknown.
		found = found || strings.HasPrefix(device, inventory.Backend+":")
		for _, candidate := range inventory.Devices {
			devicesKnown = append(devicesKnown, candidate.Info.ID)
			for _, e := range candidate.Engines {
				enginesKnown = append(enginesKnown, e.Name)
			}
		}
	}
	if device != "" && !found {
		if err := oneOf("device", device, append(devicesKnown, AllDevices)); err != nil {
			return err
		}
	}
	if engine != "" && len(enginesKnown) > 0 {
		return oneOf("engine", engine, append(enginesKnown, AllEngines))
	}
	return nil
}

func oneOf(kind, word string, known []string) error {
	if slices.Contains(known, word) {
		return nil
	}
	var distinct []string
	for _, k := range names.Nearest(word, known) {
		if !slices.Contains(distinct, k) {
			distinct = append(distinct, k)
		}
	}
	return fmt.Errorf("%w %s %q: known are, nearest first, %s", ErrUnknownName, kind, word, strings.Join(distinct, ", "))
}

// preferred are the engines without their software that come before the first usable one.
func preferred(c Candidate) []Probed {
	var out []Probed
	for _, e := range c.Engines {
		if e.Info != nil {
			break
		}
		if !e.Unserved {
			out = append(out, e)
		}
	}
	return out
}

// usable are the engines to use on a device, or why there is none: one, unless all are asked for.
func usable(c Candidate, engine string) ([]devices.EngineInfo, error) {
	if c.Info.Hidden != "" {
		return nil, fmt.Errorf("%w: %s", devices.ErrAbsent, c.Info.Hidden)
	}
	var infos []devices.EngineInfo
	reasons, served := []string{}, false
	all := engine == AllEngines
	for _, e := range c.Engines {
		switch {
		case engine != "" && !all && e.Name != engine:
		case e.Info != nil:
			if infos = append(infos, *e.Info); !all {
				return infos, nil
			}
		case e.Unserved && engine != "" && !all:
			return nil, fmt.Errorf("engine %s: %w: %s", e.Name, devices.ErrUnsupported, e.Reason)
		case !e.Unserved:
			served = true
			reasons = append(reasons, fmt.Sprintf("engine %s: %s", e.Name, e.Reason))
		}
	}
	if len(infos) > 0 {
		return infos, nil
	}
	if !served {
		return nil, fmt.Errorf("%w: %s", devices.ErrUnsupported, NoEngine)
	}
	return nil, fmt.Errorf("%w: %s", devices.ErrAbsent, strings.Join(reasons, "; "))
}

// absent says why no device was there to choose.
func absent(inventories []Inventory, device string) error {
	var reasons []string
	for _, inventory := range inventories {
		if device != "" && device != AllDevices && device != inventory.Backend &&
			!strings.HasPrefix(device, inventory.Backend+":") {
			continue
		}
		var here []string
		for _, p := range inventory.Problems {
			here = append(here, describe(p))
		}
		switch {
		case inventory.Absent != "":
			here = append(here, inventory.Absent)
		case len(inventory.Devices) > 0:
			var ids []string
			for _, candidate := range inventory.Devices {
				ids = append(ids, candidate.Info.ID)
			}
			here = append(here, "found are "+strings.Join(ids, ", "))
		}
		if len(here) == 0 {
			here = append(here, "none found")
		}
		reasons = append(reasons, inventory.Backend+": "+strings.Join(here, "; "))
	}
	if device == "" || device == AllDevices {
		device = "any"
	}
	return fmt.Errorf("device %s: %w (%s)", device, devices.ErrAbsent, strings.Join(reasons, "; "))
}

func describe(p devices.Problem) string {
	if p.Remedy == "" {
		return p.Text
	}
	return p.Text + " (" + p.Remedy + ")"
}

// passedOver lists what is there and not chosen.
func passedOver(inventories []Inventory, chosen []Chosen, device, engine string) []PassedOver {
	var out []PassedOver
	for _, inventory := range inventories {
		if len(inventory.Devices) == 0 {
			for _, p := range inventory.Problems {
				out = append(out, PassedOver{Device: inventory.Backend, Reason: describe(p)})
			}
		}
		for _, candidate := range inventory.Devices {
			id := candidate.Info.ID
			if slices.ContainsFunc(chosen, func(c Chosen) bool { return c.Info.ID == id || slices.Contains(c.Info.Members, id) }) {
				continue
			}
			out = append(out, PassedOver{Device: candidate.Info.ID, Name: candidate.Info.Name,
				Reason: whyNot(inventory.Backend, candidate, device, engine)})
		}
	}
	return out
}

func whyNot(backend string, c Candidate, device, engine string) string {
	if _, err := usable(c, engine); err != nil {
		return err.Error()
	}
	if !wanted(backend, c.Info.ID, device) {
		return "not asked for: --device " + device
	}
	return "one device is measured unless --device all is given"
}
