package reports

import (
	"fmt"
	"strings"

	"github.com/accelbench/accelbench/bench"
)

// energy is the table of what the devices took.
func (v view) energy() []Block {
	var rows []row
	phases := false
	for _, r := range v.rows {
		if r.Energy != nil {
			rows = append(rows, r)
			phases = phases || len(r.Energy.Phases) > 0
		}
	}
	if len(rows) == 0 {
		return nil
	}
	fields := append(v.identity(), []field[row]{
		{"Mean power", Right, func(r row) string { return number(r.Energy.Watts) + " W" }},
		{"Energy per unit", Right, func(r row) string { return joules(r.Energy.JoulesPerUnit) + "/" + orNA(unitName(r.First)) }},
		{"Units per joule", Right, func(r row) string { return number(1 / r.Energy.JoulesPerUnit) }},
	}...)
	if phases {
		fields = append(fields, field[row]{"Phases", Left, func(r row) string { return orNone(phaseText(r.Energy.Phases)) }})
	}
	fields = append(fields,
		field[row]{"Scope", Left, func(r row) string { return energyScope(r.First) }},
		field[row]{"Source", Left, func(r row) string { return energySource(r.Energy.Source) }})
	blocks := append([]Block{Heading("Energy")}, brief(rows, fields)...)
	note := "Energy is that of the timed parts, within the scope named: the rest of the machine, its fans and its power supply are not in it. " +
		"What the device takes when idle is not subtracted."
	if phases {
		note += " A phase has the mean of the power readings within it times the time that it took."
	}
	return append(blocks, Paragraph{Text: note})
}

func joules(j float64) string { return scaled(1e6*j, 1000, []string{"µJ", "mJ", "J", "kJ", "MJ"}) }

func phaseText(phases []bench.PhaseEnergy) string {
	var out []string
	for _, p := range phases {
		out = append(out, fmt.Sprintf("%s %s at %s W", p.Name, joules(p.Joules), number(p.Watts)))
	}
	return strings.Join(out, ", ")
}

// energyScope is what a device's sensors cover.
func energyScope(r bench.Result) string {
	if r.Device.Backend == "cpu" {
		return "CPU package"
	}
	return "accelerator only"
}

func energySource(source string) string {
	switch source {
	case "counter":
		return "energy counter"
	case "integrated":
		return "integrated power readings"
	}
	return orNA(source)
}
