package nvml

import (
	"fmt"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/visible"
)

const (
	envVisible = "CUDA_VISIBLE_DEVICES"
	envOrder   = "CUDA_DEVICE_ORDER"
	orderPCI   = "PCI_BUS_ID"
)

// hide marks the devices that CUDA does not show to this process. NVML shows all of them, in the order of the PCI bus; CUDA
// counts its fastest GPU first unless it is told otherwise. UUIDs say the same to both. So an index names a GPU here only in
// PCI order, or where all GPUs are alike, which CUDA then leaves in that order (unverified).
//
// An index or the UUID of a GPU that is cut up leaves its slices visible.
func hide(m devices.Machine, inv devices.Inventory, gpus int) []devices.Problem {
	list := visible.Read(m, envVisible)
	order, ordered := m.Lookup(envOrder)
	var found []*device
	for _, d := range inv.Devices {
		d := d.(*device)
		found = append(found, d)
		if list.Set {
			d.info.Details = append(d.info.Details, list.Detail())
		}
		if ordered {
			d.info.Details = append(d.info.Details, visible.List{Name: envOrder, Value: order}.Detail())
		}
	}
	if !list.Set || len(found) == 0 {
		return nil
	}
	indexed := false
	choice := list.Pick(func(entry string) []int {
		if at := visible.Index(entry, gpus); at != nil {
			indexed = true
			return at
		}
		return named(entry, found, gpus)
	})
	doubt := indexed && order != orderPCI && !alike(found, gpus) && !all(choice, gpus)
	for i, d := range found {
		switch {
		case choice.Has(d.at.index) && !doubt, choice.Has(gpus + i):
		case doubt:
			d.info.Hidden = fmt.Sprintf("%s counts the fastest GPU first, and these are unlike, so that it cannot be told whether it hides this one: set %s=%s or name UUIDs",
				list.Text(), envOrder, orderPCI)
		default:
			d.info.Hidden = list.Reason()
		}
	}
	return list.Problem(choice, "GPU")
}

// named matches the UUID of a GPU, which gives its index, or that of a slice, which gives its place among the devices
// after the indices of all GPUs.
func named(entry string, found []*device, gpus int) []int {
	owners := make([]string, gpus)
	slices := make([]string, len(found))
	for i, d := range found {
		owners[d.at.index] = d.at.owner.UUID
		if d.parent != nil {
			slices[i] = d.info.UUID
		}
	}
	at := visible.Prefix(entry, "GPU-", owners)
	for _, i := range visible.Prefix(entry, "MIG-", slices) {
		at = append(at, gpus+i)
	}
	return at
}

// alike tells whether all GPUs are there and of one name.
func alike(found []*device, gpus int) bool {
	seen := map[int]bool{}
	for _, d := range found {
		seen[d.at.index] = true
		if d.at.owner.Name != found[0].at.owner.Name {
			return false
		}
	}
	return len(seen) == gpus
}

func all(c visible.Choice, gpus int) bool {
	for i := range gpus {
		if !c.Has(i) {
			return false
		}
	}
	return true
}
