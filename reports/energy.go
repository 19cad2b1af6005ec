package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/internal/english"
)

// energy is the table of what the devices took, and the machine where the user said what it takes.
func (v view) energy() []Block {
	var rows []row
	var why []string
	found, phases, system, checked := false, false, false, false
	for _, r := range v.rows {
		if r.Energy == nil && r.Unmetered == "" && r.System == nil {
			continue
		}
		rows = append(rows, r)
		system = system || r.System != nil
		switch e := r.Energy; {
		case e != nil:
			found = true
			phases, checked = phases || len(e.Phases) > 0, checked || e.CrossCheck != nil
		case r.Unmetered != "" && !slices.Contains(why, r.Unmetered):
			why = append(why, r.Unmetered)
		}
	}
	switch {
	case len(rows) == 0:
		return nil
	case !found && !system:
		return []Block{Heading("Energy"), Paragraph{Text: shorten("Energy per unit: " + NA + ", " + strings.Join(why, "; ") + ".")}}
	}
	fields := append(v.identity(), []field[row]{
		{"Mean power", Right, metered(func(r row) string { return watts(&r.Energy.Watts) })},
		{"Idle power", Right, metered(func(r row) string { return watts(r.Energy.IdleWatts) })},
		{"Energy per unit", Right, metered(func(r row) string { return joules(r.Energy.JoulesPerUnit) + "/" + orNA(unitName(r.First)) })},
		{"Units per joule", Right, metered(func(r row) string { return number(r.Energy.UnitsPerJoule) })},
		{"Units/s per MW", Right, metered(func(r row) string { return decimal(r.Energy.UnitsPerSecondPerMW, "") })},
	}...)
	if phases {
		fields = append(fields, field[row]{"Phases", Left, metered(func(r row) string { return orNone(phaseText(r.Energy.Phases)) })})
	}
	if checked {
		fields = append(fields, field[row]{"Integral of power", Right, metered(func(r row) string { return signedPercent(r.Energy.CrossCheck) })})
	}
	if system {
		fields = append(fields, field[row]{"Whole machine", Left, machineText})
	}
	fields = append(fields,
		field[row]{"Scope", Left, metered(func(r row) string { return r.First.Device.Metered() })},
		field[row]{"Source", Left, func(r row) string {
			if r.Energy == nil {
				return orNA(cut(r.Unmetered, 100, "…"))
			}
			return energySource(*r.Energy)
		}})
	blocks := append([]Block{Heading("Energy")}, brief(rows, fields)...)
	note := "Energy is that of the timed parts, within the scope named: the rest of the machine, its fans and its power supply are not in it. " +
		"What the device takes when idle is not subtracted. Units/s per MW are for a megawatt of that scope."
	if phases {
		note += " A phase has the mean of the power readings within it times the time that it took."
	}
	if checked {
		note += " The integral of the power readings is a cross-check of the counter: how much more it is."
	}
	if system {
		note += " The power of the whole machine is what the user gave, not measured."
	}
	return append(blocks, Paragraph{Text: note})
}

// metered writes a figure of a row's energy; NA where it has none.
func metered(of func(row) string) func(row) string {
	return func(r row) string {
		if r.Energy == nil {
			return NA
		}
		return of(r)
	}
}

func watts(w *float64) string { return maybe(w, func(x float64) string { return number(x) + " W" }) }

func signedPercent(x *float64) string {
	return maybe(x, func(x float64) string { return fmt.Sprintf("%+.1f %%", 100*x) })
}

func machineText(r row) string {
	s := r.System
	if s == nil {
		return none
	}
	unit := orNA(unitName(r.First))
	return fmt.Sprintf("%s W as given: %s/%s, %s %s/s per MW", number(s.Watts), joules(s.JoulesPerUnit), unit, decimal(s.UnitsPerSecondPerMW, ""),
		english.Plural(unit))
}

func joules(j float64) string { return scaled(1e6*j, 1000, []string{"µJ", "mJ", "J", "kJ", "MJ"}) }

func phaseText(phases []bench.PhaseEnergy) string {
	var out []string
	for _, p := range phases {
		out = append(out, fmt.Sprintf("%s %s at %s W", p.Name, joules(p.Joules), number(p.Watts)))
	}
	return strings.Join(out, ", ")
}

func energySource(e bench.Energy) string {
	source := orNA(e.Source)
	switch e.Source {
	case "counter":
		source = "energy counter"
	case "integrated":
		source = "integrated power readings"
	}
	if e.Ticked {
		source += ", from tick to tick"
	}
	if e.Method != "" {
		source += " (" + e.Method + ")"
	}
	return source
}
