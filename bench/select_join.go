package bench

import (
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/devices"
)

// joinedWish finds the devices of a wish such as "nvml:0+nvml:1" and makes one candidate of them; false if the wish names one device.
// Engines are usable on it that are on every member and span devices. The errors are those of [Choose].
func joinedWish(inventories []Inventory, wish, engine string) (c Candidate, of Inventory, several bool, err error) {
	ids := strings.Split(wish, devices.JoinSeparator)
	if len(ids) < 2 {
		return Candidate{}, Inventory{}, false, nil
	}
	var members []Candidate
	for i, id := range ids {
		inventory, member, ok := byID(inventories, id)
		if !ok && (id == "" || id == AllDevices || slices.ContainsFunc(inventories, func(v Inventory) bool { return v.Backend == id })) {
			return Candidate{}, Inventory{}, true, fmt.Errorf("%w device %q in %q: name each device by its id, as in nvml:0+nvml:1", ErrUnknownName, id, wish)
		}
		if err := knownNames(inventories, id, engine); err != nil {
			return Candidate{}, Inventory{}, true, err
		}
		switch {
		case !ok:
			return Candidate{}, Inventory{}, true, absent(inventories, id)
		case slices.Contains(ids[:i], id):
			return Candidate{}, Inventory{}, true, fmt.Errorf("%w: device %s: %s is named twice", ErrBadPlan, wish, id)
		case i > 0 && inventory.Backend != of.Backend:
			return Candidate{}, Inventory{}, true, fmt.Errorf("device %s: %w: devices of different kinds cannot compute together", wish, devices.ErrUnsupported)
		}
		of, members = inventory, append(members, member)
	}
	return joinCandidates(members), of, true, nil
}

// chooseJoined picks the engines for devices that compute together.
func chooseJoined(inventories []Inventory, together Candidate, of Inventory, engine string) (Choice, error) {
	infos, err := usable(together, engine)
	if err != nil {
		return Choice{}, fmt.Errorf("device %s: %w", together.Info.ID, err)
	}
	var c Choice
	for _, info := range infos {
		c.Chosen = append(c.Chosen, Chosen{Candidate: together, Engine: info, Present: len(of.Devices)})
	}
	if engine == "" {
		c.Preferred = preferred(together)
	}
	last := slices.IndexFunc(inventories, func(v Inventory) bool { return v.Backend == of.Backend })
	c.PassedOver = passedOver(inventories[:last+1], c.Chosen, together.Info.ID, engine)
	return c, nil
}

func byID(inventories []Inventory, id string) (Inventory, Candidate, bool) {
	for _, inventory := range inventories {
		for _, c := range inventory.Devices {
			if c.Info.ID == id {
				return inventory, c, true
			}
		}
	}
	return Inventory{}, Candidate{}, false
}

// joinCandidates is what devices are together. A workload is shared out evenly, so that the fullest member bounds the memory.
func joinCandidates(members []Candidate) Candidate {
	var infos []devices.Info
	var free *uint64
	for i, m := range members {
		infos = append(infos, m.Info)
		switch {
		case m.FreeBytes == nil || i > 0 && free == nil:
			free = nil
		case i == 0 || *m.FreeBytes < *free:
			free = m.FreeBytes
		}
	}
	c := Candidate{Info: devices.JoinedInfo(infos)}
	if free != nil {
		all := *free * uint64(len(members))
		c.FreeBytes = &all
	}
	for _, e := range members[0].Engines {
		c.Engines = append(c.Engines, joinedEngine(e, members))
	}
	return c
}

// joinedEngine is an engine on devices together.
func joinedEngine(e Probed, members []Candidate) Probed {
	for _, m := range members {
		i := slices.IndexFunc(m.Engines, func(o Probed) bool { return o.Name == e.Name })
		switch {
		case i < 0 || m.Engines[i].Info == nil:
			if i >= 0 {
				e.Reason, e.Unserved = m.Engines[i].Reason, m.Engines[i].Unserved
			}
			e.Info = nil
			return e
		case !m.Engines[i].Info.Spans:
			return Probed{Name: e.Name, Unserved: true, Reason: fmt.Sprintf("%s computes on one device at a time; with --devices each computes for itself", e.Name)}
		}
	}
	return e
}
