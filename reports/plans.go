package reports

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/accelbench/accelbench/internal/english"
	"github.com/accelbench/accelbench/workloads"
)

// PlansSchema names the form of a list of plans in JSON.
const PlansSchema = "accelbench.plans/v1"

// PlanRow is one plan of a dry run.
type PlanRow struct {
	Device   string            `json:"device"`
	Engine   string            `json:"engine"`
	Workload string            `json:"workload"`
	Options  workloads.Options `json:"options"`
	Scenario string            `json:"scenario"`
	// Settings are the scenario with its load, batching and replicas, as [ScenarioWords] has them; empty says the scenario alone.
	Settings string `json:"settings,omitempty"`
	// Devices are all devices, Device among them, that run the plan at once; empty if it is alone. Replicas are the sessions on each.
	Devices  []string `json:"devices,omitempty"`
	Replicas int      `json:"replicas,omitempty"`
	Repeats  int      `json:"repeats"`
	// FindPeak tells that a search decides how many runs there are; Repeats is then the number of those that confirm.
	FindPeak bool `json:"find_peak,omitempty"`
	// Duration is the least length of the timed part of each run.
	Duration time.Duration `json:"duration_ns"`
	// Estimated is the time that all repeats take with everything around them; nil if unknown.
	Estimated *time.Duration `json:"estimated_ns"`
	// MemoryBytes is the need without the engine's workspace, FLOPsPerQuery the work of a query; nil if unknown.
	MemoryBytes   *int64   `json:"memory_bytes"`
	FLOPsPerQuery *float64 `json:"flops_per_query"`
	// Unsupported says why the plan cannot run; empty if it can.
	Unsupported string `json:"unsupported,omitempty"`
	// Unchecked tells that the outputs cannot be compared with anything, so that the runs would be invalid.
	Unchecked bool `json:"unchecked,omitempty"`
}

// PlansData is a list of plans in JSON. The total is that of the plans that can run and whose time is known.
type PlansData struct {
	Schema  string        `json:"schema"`
	Plans   []PlanRow     `json:"plans"`
	TotalNS time.Duration `json:"total_ns"`
	// Unknown is the number of plans that can run and whose time is not known.
	Unknown int `json:"unknown"`
}

func (p PlanRow) workload() string {
	name := english.Joined(" ", p.Workload, p.Options.Precision)
	if o := optionsText(p.Options); o != none {
		name += ", " + o
	}
	return name
}

func (p PlanRow) scenario() string {
	if p.Settings != "" {
		return p.Settings
	}
	return p.Scenario
}

func (p PlanRow) device() string {
	if len(p.Devices) > 1 {
		return shortName(fmt.Sprintf("%d at once: %s", len(p.Devices), strings.Join(p.Devices, ", ")))
	}
	return p.Device
}

func (p PlanRow) runs() string {
	runs := fmt.Sprintf("%d x %s", p.Repeats, nanoseconds(float64(p.Duration)))
	if p.FindPeak {
		return "a search, then " + runs
	}
	return runs
}

// Plans shows what a dry run would run, and how long it would take.
func Plans(rows []PlanRow) Document {
	data := PlansData{Schema: PlansSchema, Plans: append([]PlanRow{}, rows...)}
	var able []PlanRow
	var unable, unchecked List
	for _, p := range rows {
		if p.Unchecked {
			unchecked = append(unchecked, fmt.Sprintf("%s, %s: there are no reference values for this shape, and computing them is too much work",
				p.workload(), p.scenario()))
		}
		switch {
		case p.Unsupported != "":
			unable = append(unable, fmt.Sprintf("%s, %s with %s on %s: %s", p.workload(), p.scenario(), p.Engine, p.device(), p.Unsupported))
			continue
		case p.Estimated == nil:
			data.Unknown++
		default:
			data.TotalNS += *p.Estimated
		}
		able = append(able, p)
	}
	d := Document{Title: "What would run", Sheet: planSheet(rows), Data: data,
		Blocks: []Block{Paragraph{Text: totalText(data, len(able)), Strong: true}}}
	if len(able) > 0 {
		d.Blocks = append(d.Blocks, tableOf(able, []field[PlanRow]{
			{"Device", Left, PlanRow.device},
			{"Engine", Left, func(p PlanRow) string { return p.Engine }},
			{"Workload", Left, PlanRow.workload},
			{"Scenario", Left, PlanRow.scenario},
			{"Runs", Right, PlanRow.runs},
			{"Estimated time", Right, func(p PlanRow) string { return maybe(p.Estimated, span) }},
			{"Estimated memory", Right, func(p PlanRow) string { return maybe(p.MemoryBytes, asFloat[int64](binary)) }},
			{"Work per query", Right, func(p PlanRow) string {
				return maybe(p.FLOPsPerQuery, func(x float64) string { return decimal(x, "FLOP") })
			}},
		}))
	}
	if slices.ContainsFunc(able, func(p PlanRow) bool { return p.FindPeak }) {
		d.Blocks = append(d.Blocks, Paragraph{Text: "How many runs a search takes is open: it ends when the highest load within the limits is found and " +
			"confirmed. Its time is a guess."})
	}
	if len(unable) > 0 {
		d.Blocks = append(d.Blocks, Heading("Cannot run"), unable)
	}
	if len(unchecked) > 0 {
		d.Blocks = append(d.Blocks, Heading("Would be invalid: outputs cannot be checked"), unchecked)
	}
	return d
}

func totalText(data PlansData, able int) string {
	switch {
	case able == 0:
		return "Nothing would run."
	case able == data.Unknown:
		return english.Count(able, "plan") + ", of unknown duration."
	case data.Unknown > 0:
		return fmt.Sprintf("%s, at least about %s: the time of %d is not known.", english.Count(able, "plan"), span(data.TotalNS), data.Unknown)
	}
	return fmt.Sprintf("%s, about %s.", english.Count(able, "plan"), span(data.TotalNS))
}

func planSheet(rows []PlanRow) Sheet {
	return sheetOf(rows, []key[PlanRow]{
		{"device_id", func(p PlanRow) any { return p.Device }},
		{"engine", func(p PlanRow) any { return p.Engine }},
		{"workload", func(p PlanRow) any { return p.Workload }},
		{"precision", func(p PlanRow) any { return p.Options.Precision }},
		{"batch", func(p PlanRow) any { return unset(p.Options.Batch) }},
		{"seq_len", func(p PlanRow) any { return unset(p.Options.SeqLen) }},
		{"isl", func(p PlanRow) any { return unset(p.Options.ISL) }},
		{"osl", func(p PlanRow) any { return unset(p.Options.OSL) }},
		{"scenario", func(p PlanRow) any { return p.Scenario }},
		{"repeats", func(p PlanRow) any { return p.Repeats }},
		{"duration_s", func(p PlanRow) any { return p.Duration.Seconds() }},
		{"estimated_s", func(p PlanRow) any {
			if p.Estimated == nil {
				return nil
			}
			return p.Estimated.Seconds()
		}},
		{"memory_bytes", func(p PlanRow) any { return value(p.MemoryBytes) }},
		{"flops_per_query", func(p PlanRow) any { return value(p.FLOPsPerQuery) }},
		{"unsupported", func(p PlanRow) any { return p.Unsupported }},
		{"settings", func(p PlanRow) any { return p.scenario() }},
		{"devices", func(p PlanRow) any { return max(len(p.Devices), 1) }},
		{"replicas", func(p PlanRow) any { return max(p.Replicas, 1) }},
		{"find_peak", func(p PlanRow) any { return p.FindPeak }},
	})
}
