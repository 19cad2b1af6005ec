package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/internal/english"
)

// passed are devices of one name that were there and not measured for one reason.
type passed struct {
	ids          []string
	name, reason string
}

// passedOver is what was there and not measured. A device that another row did measure does not count.
func (v view) passedOver() []passed {
	measured := map[string]bool{}
	for _, r := range v.rows {
		if r.Status == bench.OK {
			measured[r.First.Device.ID] = true
		}
	}
	var all []bench.PassedOver
	for _, r := range v.rows {
		for _, x := range r.runs() {
			for _, p := range x.PassedOver {
				if !measured[p.Device] {
					all = append(all, p)
				}
			}
		}
	}
	return gather(all)
}

// gather joins devices that differ in their id alone, wherever the reason names it.
func gather(all []bench.PassedOver) []passed {
	var out []passed
	for _, p := range all {
		i := slices.IndexFunc(out, func(o passed) bool {
			return o.name == p.Name && without(o.reason, o.ids[0]) == without(p.Reason, p.Device)
		})
		switch {
		case i < 0:
			out = append(out, passed{ids: []string{p.Device}, name: p.Name, reason: p.Reason})
		case !slices.Contains(out[i].ids, p.Device):
			out[i].ids = append(out[i].ids, p.Device)
		}
	}
	return out
}

func without(reason, id string) string { return strings.ReplaceAll(reason, id, "\x00") }

// alerts are the sentences about the devices, the first few of them.
func alerts(all []passed) []string {
	const most = 4
	var out []string
	for _, p := range all[:min(len(all), most)] {
		out = append(out, p.sentence())
	}
	if left := len(all) - most; left > 0 {
		out = append(out, english.Count(left, "further kind")+" of device not measured: see the findings.")
	}
	return out
}

// sentence names the devices, or the kind of device whose hardware cannot be used.
func (p passed) sentence() string {
	name := strings.Join(p.ids, ", ")
	if p.name != "" {
		name = p.name + " (" + name + ")"
	}
	verb := "was"
	if len(p.ids) > 1 {
		name, verb = fmt.Sprintf("%d x %s", len(p.ids), name), "were"
	}
	return shorten(fmt.Sprintf("%s %s detected but not measured: %s", name, verb, p.reason))
}
