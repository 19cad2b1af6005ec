package bench

import (
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/devices"
)

// Together is what runs at the same time: devices, in order of preference, and the engines that are usable on every one of them.
type Together struct {
	Devices    []Candidate
	Engines    []string
	Present    map[string]int // devices of each chosen one's kind, by its id
	PassedOver []PassedOver
}

// ChooseTogether picks the devices that words name: ids, names of backends for all of a kind, or AllDevices for all usable ones of
// the first kind that has any. The engine is the first that is usable on all of them, the named one, or with AllEngines every
// such. The errors are those of [Choose].
func ChooseTogether(inventories []Inventory, words []string, engine string) (Together, error) {
	for _, word := range words {
		if err := knownNames(inventories, word, engine); err != nil {
			return Together{}, err
		}
	}
	t := Together{Present: map[string]int{}}
	var refused error
	last := 0
	for i, inventory := range inventories {
		for _, candidate := range inventory.Devices {
			id := candidate.Info.ID
			named := slices.Contains(words, id) || slices.Contains(words, inventory.Backend)
			if !named && (!slices.Contains(words, AllDevices) || len(t.Devices) > 0 && i != last) {
				continue
			}
			if _, err := usable(candidate, engine); err != nil {
				err = fmt.Errorf("device %s: %w", id, err)
				if slices.Contains(words, id) {
					return Together{}, err
				}
				refused = err
				continue
			}
			t.Devices, t.Present[id], last = append(t.Devices, candidate), len(inventory.Devices), i
		}
	}
	for _, word := range words {
		if !slices.ContainsFunc(t.Devices, func(c Candidate) bool { return wanted(c.Info.Backend, c.Info.ID, word) }) {
			if refused != nil {
				return Together{}, refused
			}
			return Together{}, absent(inventories, word)
		}
	}
	t.Engines = common(t.Devices, engine)
	if len(t.Engines) == 0 {
		return Together{}, fmt.Errorf("no engine is usable on all of %d devices: %w: name fewer devices", len(t.Devices), devices.ErrUnsupported)
	}
	var chosen []Chosen
	for _, c := range t.Devices {
		chosen = append(chosen, Chosen{Candidate: c})
	}
	t.PassedOver = passedOver(inventories[:last+1], chosen, AllDevices, engine)
	return t, nil
}

// common are the engines that are usable on all devices: one, unless all are asked for.
func common(list []Candidate, engine string) []string {
	var out []string
	for _, e := range list[0].Engines {
		if engine != "" && engine != AllEngines && e.Name != engine {
			continue
		}
		everywhere := !slices.ContainsFunc(list, func(c Candidate) bool {
			return !slices.ContainsFunc(c.Engines, func(o Probed) bool { return o.Name == e.Name && o.Info != nil })
		})
		if !everywhere {
			continue
		}
		if out = append(out, e.Name); engine != AllEngines {
			break
		}
	}
	return out
}
