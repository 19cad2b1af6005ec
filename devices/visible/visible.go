// Package visible reads the variables with which people hide devices from programs: CUDA_VISIBLE_DEVICES and its like.
//
// The flow: [Read] takes a variable from the machine's environment -> [List.Pick] matches its entries with what a backend
// found -> the backend marks the rest as hidden, with the [List]'s words as the reason.
//
// The room's one rule: what vendors do counts, not what would be sensible: the first entry that names nothing ends the
// list, and an empty list hides everything.
package visible

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/devices"
)

// maxText bounds what is shown of a variable.
const maxText = 200

// List is such a variable: entries with commas between them.
type List struct {
	Name, Value string
	// Set tells an empty value, which hides all devices, from a variable that is not there.
	Set bool
}

// Read takes the variable from the machine's environment.
func Read(m devices.Machine, name string) List {
	value, set := m.Lookup(name)
	return List{Name: name, Value: value, Set: set}
}

// Text is the variable as an assignment, short enough to be shown.
func (l List) Text() string {
	value := strings.ToValidUTF8(l.Value, "?")
	if len(value) > maxText {
		value = strings.ToValidUTF8(value[:maxText], "") + "..."
	}
	if strings.TrimSpace(value) == "" {
		return l.Name + ` (set and empty)`
	}
	return l.Name + "=" + value
}

// Reason says why a device that the list does not name is hidden.
func (l List) Reason() string { return "hidden by " + l.Text() }

// Detail is the variable among the facts of a device.
func (l List) Detail() devices.Detail {
	_, value, _ := strings.Cut(l.Text(), "=")
	return devices.Detail{Name: l.Name, Value: value, Source: "env"}
}

// Choice is what a list leaves.
type Choice struct {
	// Devices are the numbers that match gave, in the list's order and each once.
	Devices []int
	// Unknown is the entry that named nothing, or more than one device, and so ended the list; empty if none did.
	Unknown string
}

// Has tells whether the list leaves a device.
func (c Choice) Has(device int) bool { return slices.Contains(c.Devices, device) }

// nothing are the usual words for no device at all.
var nothing = []string{"", "-1", "none", "void", "nodevfiles"}

// Pick matches the entries in turn. match gives the devices that an entry may mean.
func (l List) Pick(match func(entry string) []int) Choice {
	var c Choice
	for entry := range strings.SplitSeq(l.Value, ",") {
		entry = strings.TrimSpace(entry)
		found := match(entry)
		if len(found) != 1 {
			if !slices.Contains(nothing, strings.ToLower(entry)) {
				c.Unknown = entry
			}
			break
		}
		if !slices.Contains(c.Devices, found[0]) {
			c.Devices = append(c.Devices, found[0])
		}
	}
	return c
}

// Index matches an entry that is the number of one of n devices.
func Index(entry string, n int) []int {
	i, err := strconv.ParseUint(entry, 10, 31)
	if err != nil || int(i) >= n {
		return nil
	}
	return []int{int(i)}
}

// Prefix matches an entry with the beginnings of identities. An entry without the kind that identities begin with, as
// "GPU-", matches none.
func Prefix(entry, kind string, identities []string) []int {
	if !strings.HasPrefix(entry, kind) {
		return nil
	}
	var found []int
	for i, id := range identities {
		if id == entry {
			return []int{i}
		}
		if strings.HasPrefix(id, entry) {
			found = append(found, i)
		}
	}
	return found
}

// Problem reports the entry that named nothing; nil if there was none.
func (l List) Problem(c Choice, what string) []devices.Problem {
	if c.Unknown == "" {
		return nil
	}
	return []devices.Problem{{
		Text:   fmt.Sprintf("%s: %q names no %s here, or more than one, so that it and what follows it are not seen", l.Text(), List{Value: c.Unknown}.short(), what),
		Remedy: "correct the variable or unset it",
	}}
}

func (l List) short() string { return strings.TrimPrefix(l.Text(), "=") }
