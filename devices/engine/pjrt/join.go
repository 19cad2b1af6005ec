package pjrt

import (
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/pjrt/client"
	"github.com/accelbench/accelbench/devices/engine/pjrt/plugin"
)

// join finds the asked devices among those of a client, each by its index, and is an error if the client computes on anything else: a
// client for the CPU must never pass for an accelerator. Platforms on which the environment has made devices the only ones must have
// these, in their order.
func join(dev devices.Info, platform plugin.Platform, name string, list []client.Device) ([]int, error) {
	if !strings.EqualFold(name, string(platform)) {
		return nil, fmt.Errorf("the plugin's client computes on platform %q, and device %s needs %q: another plugin was loaded, or it fell back to the host",
			name, dev.ID, platform)
	}
	members := devices.MemberInfos(dev)
	if platform == plugin.CUDA || platform == plugin.ROCm {
		if len(list) != len(members) {
			return nil, fmt.Errorf("the plugin has %d devices (%s) though only %s was made visible to it", len(list), kinds(list), dev.ID)
		}
	}
	var indexes []int
	for i, member := range members {
		index := i
		if platform == plugin.TPU {
			index = slices.IndexFunc(list, func(d client.Device) bool { return d.HardwareID == numberOf(member) })
		}
		if index < 0 || index >= len(list) {
			return nil, fmt.Errorf("the plugin has no device %d: it has %s", numberOf(member), kinds(list))
		}
		if err := same(member, platform, list[index]); err != nil {
			return nil, err
		}
		indexes = append(indexes, index)
	}
	return indexes, nil
}

// same is nil if what the plugin tells of a device is not against its being the asked one.
func same(dev devices.Info, platform plugin.Platform, found client.Device) error {
	if platform != plugin.CPU && strings.EqualFold(found.Kind, string(plugin.CPU)) {
		return fmt.Errorf("the plugin's device is of kind %q, the host's, and not %s", found.Kind, dev.ID)
	}
	if platform == plugin.CUDA && !alike(found.Kind, dev.Name) {
		return fmt.Errorf("the plugin's device is %q and device %s is %q", found.Kind, dev.ID, dev.Name)
	}
	return sameIdentity(dev, found)
}

// sameIdentity holds what the plugin tells of a device's identity against what detection knows.
func sameIdentity(dev devices.Info, found client.Device) error {
	address := ""
	for _, d := range dev.Details {
		if text, ok := d.Value.(string); ok && d.Name == "pci_address" {
			address = text
		}
	}
	for attribute, value := range found.Attributes {
		text, ok := value.(string)
		if !ok || text == "" {
			continue
		}
		known, equal := "", strings.EqualFold
		switch strings.ToLower(attribute) {
		case "uuid", "device_uuid":
			known = dev.UUID
		case "pci_bus_id", "pci_address":
			known, equal = address, sameAddress
		}
		if known != "" && !equal(known, text) {
			return fmt.Errorf("the plugin's device has another %s than device %s", attribute, dev.ID)
		}
	}
	return nil
}

// sameAddress compares PCI addresses, whose domain is written with four digits or with eight.
func sameAddress(a, b string) bool {
	return strings.EqualFold(strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0"))
}

// alike compares names of a product: one may have the maker before it.
func alike(a, b string) bool {
	plain := func(s string) string { return strings.TrimPrefix(strings.ToLower(oneLine(s)), "nvidia ") }
	return plain(a) == plain(b)
}

func kinds(list []client.Device) string {
	var out []string
	for _, d := range list {
		out = append(out, fmt.Sprintf("%d: %s", d.HardwareID, d.Kind))
	}
	return strings.Join(out, ", ")
}

// oneLine joins the words of a text by single spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
