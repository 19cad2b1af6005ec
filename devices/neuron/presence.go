package neuron

import (
	"cmp"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

const (
	pciBus       = "sys/bus/pci/devices"
	amazonVendor = "0x1d0f"
	moduleFolder = "sys/module/neuron"
)

// sysfsFolders are the places of the driver's tree: the real one, and the links to it.
var sysfsFolders = []string{"sys/devices/virtual/neuron_device", "sys/class/neuron_device"}

// presence is what can be seen without any tool.
type presence struct {
	chips       []pciChip
	otherAmazon int
	nodes       []node
	// loaded says that the driver's tree is in /sys, of whatever devices.
	loaded bool
	driver string
}

type pciChip struct {
	address string
	chip    *chip
}

// node is /dev/neuron<number>.
type node struct {
	number int
	// id is the device number as sysfs writes it, "major:minor"; empty where the file system does not tell.
	id string
}

// look reads the PCI bus, /dev and the module's folder. What cannot be read is not there.
func look(root fs.FS) presence {
	var p presence
	entries, _ := fs.ReadDir(root, pciBus)
	for _, e := range entries {
		if readWord(root, pciBus+"/"+e.Name()+"/vendor") != amazonVendor {
			continue
		}
		if c := chipsByPCI[readWord(root, pciBus+"/"+e.Name()+"/device")]; c != nil {
			p.chips = append(p.chips, pciChip{address: e.Name(), chip: c})
			continue
		}
		p.otherAmazon++
	}
	names, _ := fs.Glob(root, "dev/neuron[0-9]*")
	for _, n := range names {
		number, ok := numberAfter("dev/neuron", n)
		if !ok {
			continue
		}
		id := ""
		if info, err := fs.Stat(root, n); err == nil {
			id = sysfiles.DeviceNumber(info)
		}
		p.nodes = append(p.nodes, node{number: number, id: id})
	}
	slices.SortFunc(p.nodes, func(a, b node) int { return cmp.Compare(a.number, b.number) })
	p.driver = readWord(root, moduleFolder+"/version")
	_, err := fs.Stat(root, moduleFolder)
	p.loaded = err == nil || len(sysfsDevices(root)) > 0
	return p
}

// sysfsDevices gives the driver's folder of each device of the host, by the host's numbers.
func sysfsDevices(root fs.FS) map[int]string {
	for _, folder := range sysfsFolders {
		entries, _ := fs.ReadDir(root, folder)
		found := map[int]string{}
		for _, e := range entries {
			if n, ok := numberAfter("neuron", e.Name()); ok {
				found[n] = folder + "/" + e.Name()
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// match finds the sysfs folder of each node, by the node's number. In a container the numbers of nodes and folders differ;
// the device number tells which belong together. Without it, equal names are believed only if the whole set is equal.
func match(nodes []node, folders map[int]string, root fs.FS) map[int]string {
	byID := map[string]string{}
	for _, f := range folders {
		if id := readWord(root, f+"/dev"); id != "" {
			byID[id] = f
		}
	}
	same := len(nodes) == len(folders)
	for _, n := range nodes {
		same = same && folders[n.number] != ""
	}
	found := map[int]string{}
	for _, n := range nodes {
		switch {
		case n.id != "" && len(byID) > 0:
			if f := byID[n.id]; f != "" {
				found[n.number] = f
			}
		case same:
			found[n.number] = folders[n.number]
		}
	}
	return found
}

// numberAfter parses the decimal number that follows the prefix and ends the name.
func numberAfter(prefix, name string) (int, bool) {
	digits, ok := strings.CutPrefix(name, prefix)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	return int(n), err == nil
}
