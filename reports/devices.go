package reports

import (
	"strings"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host"
	"github.com/accelbench/accelbench/internal/english"
)

// DevicesSchema names the form of the list of devices in JSON.
const DevicesSchema = "accelbench.devices/v1"

// Found is what one backend found.
type Found struct {
	Backend  string            `json:"backend"`
	Devices  []devices.Info    `json:"devices"`
	Problems []devices.Problem `json:"problems,omitempty"`
	// Absent says why nothing was found; empty if something was.
	Absent string `json:"absent,omitempty"`
	// Engines says by device id which engines can be used and why others cannot, as finished text; nil if nobody asked.
	Engines map[string][]string `json:"engines,omitempty"`
}

// DevicesData is the list of devices in JSON.
type DevicesData struct {
	Schema   string            `json:"schema"`
	Backends []Found           `json:"backends"`
	Host     host.Host         `json:"host"`
	Cloud    host.Cloud        `json:"cloud"`
	Problems []devices.Problem `json:"problems,omitempty"`
}

// line is a device, hidden or not, an absent backend, or a problem.
type line struct {
	backend, state, text string
	info                 devices.Info
}

// Devices lists what the backends found and what is wrong, then the machine around the devices. The problems are those of
// reading the machine.
func Devices(found []Found, h host.Host, c host.Cloud, problems []devices.Problem) Document {
	var lines []line
	var there []devices.Info
	var wrong, absent, hidden List
	backends := []Found{} // never null in JSON, and neither are its devices
	for _, f := range found {
		f.Devices = append([]devices.Info{}, f.Devices...)
		backends = append(backends, f)
		for _, info := range f.Devices {
			there = append(there, info)
			if info.Hidden != "" {
				hidden = append(hidden, info.ID+": "+info.Hidden)
				lines = append(lines, line{f.Backend, "hidden", info.Hidden, info})
				continue
			}
			lines = append(lines, line{f.Backend, "found", strings.Join(f.Engines[info.ID], "; "), info})
		}
		for _, p := range f.Problems {
			wrong = append(wrong, f.Backend+": "+problemText(p))
			lines = append(lines, line{backend: f.Backend, state: "problem", text: problemText(p)})
		}
		if f.Absent != "" {
			absent = append(absent, f.Backend+": "+f.Absent)
			lines = append(lines, line{backend: f.Backend, state: "absent", text: f.Absent})
		}
	}
	for _, p := range problems {
		wrong = append(wrong, problemText(p))
		lines = append(lines, line{backend: "host", state: "problem", text: problemText(p)})
	}
	d := Document{Title: "Devices", Sheet: deviceSheet(lines),
		Data: DevicesData{DevicesSchema, backends, h, c, problems}}
	d.Blocks = append(d.Blocks, deviceTable(there)...)
	for _, part := range []struct {
		name string
		list List
	}{{"Problems", wrong}, {"Hidden", hidden}, {"Not here", absent}, {"Engines", engineList(found)}} {
		if len(part.list) > 0 {
			d.Blocks = append(d.Blocks, Heading(part.name), part.list)
		}
	}
	d.Blocks = append(d.Blocks, Heading("Machine"), machineTable(h, c))
	for _, info := range there {
		d.Blocks = append(d.Blocks, factTable(info)...)
	}
	return d
}

// operations is the unit of a peak: those of integers are no floating-point operations.
func operations(precision string) string {
	if strings.HasPrefix(precision, "int") {
		return "OP/s"
	}
	return "FLOP/s"
}

func problemText(p devices.Problem) string { return english.Joined(": ", p.Text, p.Remedy) }

func deviceTable(there []devices.Info) []Block {
	if len(there) == 0 {
		return []Block{Paragraph{Text: "No device was found.", Strong: true}}
	}
	return []Block{tableOf(there, []field[devices.Info]{
		{"Device", Left, func(i devices.Info) string { return i.ID }},
		{"Name", Left, func(i devices.Info) string { return orNA(i.Name) }},
		{"Memory", Right, func(i devices.Info) string { return maybe(i.MemoryBytes, asFloat[uint64](binary)) }},
		{"Cores", Right, func(i devices.Info) string {
			return maybe(i.Cores, asFloat[int](func(x float64) string { return detailNumber(x, "") }))
		}},
		{"Driver", Left, func(i devices.Info) string {
			if i.Driver == "" && i.Backend == "cpu" {
				return none
			}
			return orNA(i.Driver)
		}},
	})}
}

func deviceSheet(lines []line) Sheet {
	return sheetOf(lines, []key[line]{
		{"backend", func(l line) any { return l.backend }},
		{"state", func(l line) any { return l.state }},
		{"device_id", func(l line) any { return l.info.ID }},
		{"name", func(l line) any { return l.info.Name }},
		{"uuid", func(l line) any { return l.info.UUID }},
		{"driver", func(l line) any { return l.info.Driver }},
		{"memory_bytes", func(l line) any { return value(l.info.MemoryBytes) }},
		{"cores", func(l line) any { return value(l.info.Cores) }},
		{"text", func(l line) any { return l.text }},
	})
}

func engineList(found []Found) List {
	var out List
	for _, f := range found {
		for _, info := range f.Devices {
			if engines, asked := f.Engines[info.ID]; asked && info.Hidden == "" {
				out = append(out, info.ID+": "+orNA(strings.Join(engines, "; ")))
			}
		}
	}
	return out
}

func machineTable(h host.Host, c host.Cloud) Table {
	return Table{Columns: []Column{{Name: "Machine"}, {Name: "Value"}}, Rows: [][]string{
		{"CPU", cpuText(h)},
		{"Memory", memoryText(h)},
		{"System", systemText(h)},
		{"Virtualisation", english.Joined(", container ", maybe(h.Virtualization, text), known(h.Container))},
		{"Cloud", orNA(cloudText(c))},
		{"Load average", maybe(h.LoadAverage1, two)},
	}}
}

// factTable is everything else that is known about a device, and its maker's peaks.
func factTable(info devices.Info) []Block {
	facts := info.Details
	if info.UUID != "" {
		facts = append([]devices.Detail{{Name: "uuid", Value: info.UUID}}, facts...)
	}
	var blocks []Block
	if len(facts) > 0 {
		blocks = append(blocks, tableOf(facts, []field[devices.Detail]{
			{"Fact", Left, func(d devices.Detail) string { return d.Name }},
			{"Value", Right, detailValue},
			{"Source", Left, func(d devices.Detail) string { return orNone(d.Source) }},
		}))
	}
	if p := info.Peak; p != nil {
		var peaks [][]string
		for _, precision := range sortedKeys(p.Flops) {
			peaks = append(peaks, []string{precision, decimal(p.Flops[precision], operations(precision))})
		}
		peaks = append(peaks, []string{"memory", maybe(p.BytesPerSecond, func(x float64) string { return decimal(x, "B/s") })})
		if p.TDPWatts != nil {
			peaks = append(peaks, []string{"design power", maybe(p.TDPWatts, func(x float64) string { return decimal(x, "W") })})
		}
		source := "Specified dense peaks; source: " + p.Source
		if p.Unverified {
			source += "; unverified"
		}
		blocks = append(blocks, Paragraph{Text: source + "."},
			Table{Columns: []Column{{Name: "Specified peak"}, {"Value", Right}}, Rows: peaks})
	}
	if len(blocks) == 0 {
		return nil
	}
	return []Block{Details{Summary: "All about " + english.Joined(", ", info.ID, info.Name), Blocks: blocks}}
}
