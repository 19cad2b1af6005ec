package reports

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/internal/english"
)

// Schema names the form of a report in JSON.
const Schema = "accelbench.report/v1"

// Options are what a report says beside its rows.
type Options struct {
	// Command is the exact command line that made the results; empty if that is not known.
	Command string
	// Now is when the report is drawn: the age of prices is reckoned from it.
	Now time.Time
	// Files are the results files, as the user would name them.
	Files []string
	// Interrupted tells that the user stopped the measurements. Planned is the number of runs that were planned, 0 if that
	// is not known; Missing names what was planned and never begun.
	Interrupted bool
	Planned     int
	Missing     []string
	// Warnings are what reading and measuring had to say that belongs to no row.
	Warnings []string
}

// Data is a report in JSON. Readers accept unknown fields.
type Data struct {
	Schema      string          `json:"schema"`
	Headline    string          `json:"headline"`
	Command     string          `json:"command,omitempty"`
	Files       []string        `json:"files,omitempty"`
	Interrupted bool            `json:"interrupted"`
	PlannedRuns *int            `json:"planned_runs"`
	Missing     []string        `json:"missing,omitempty"`
	Rows        []bench.Summary `json:"rows"`
	// Peaks are the outcomes of searches; Curves those rows that differ in the load only.
	Peaks    []bench.LoadPeak `json:"peaks,omitempty"`
	Curves   []Curve          `json:"curves,omitempty"`
	Findings []Finding        `json:"findings"`
	Warnings []string         `json:"warnings"`
}

// The rows of a table that are shown open, and those in a section that few need in full; the others are folded away.
const (
	openRows  = 30
	briefRows = 20
)

// New draws the report of the rows, which keep their order.
func New(summaries []bench.Summary, opts Options) Document {
	v := newView(summaries, opts)
	findings := v.findings()
	headline := v.headline()
	curves := v.curves()
	d := Document{
		Alerts: alerts(v.passedOver()),
		Title:  "accelbench report",
		Badge:  v.badge(),
		Blocks: []Block{Paragraph{Text: headline, Strong: true}},
		Sheet:  v.sheet(),
		Data: Data{
			Schema: Schema, Headline: headline, Command: opts.Command, Files: opts.Files, Interrupted: opts.Interrupted,
			PlannedRuns: planned(opts.Planned), Missing: opts.Missing, Rows: append([]bench.Summary{}, summaries...),
			Peaks: v.loadPeaks(), Curves: curves, Findings: findings, Warnings: append([]string{}, opts.Warnings...),
		},
		Checks: v.checks(), Benchmarks: v.benchmarks(), Results: v.resultLines(),
	}
	if text := v.interruption(); text != "" {
		d.Blocks = append(d.Blocks, Paragraph{Text: text, Strong: true})
	}
	if len(v.all) > 0 {
		d.Blocks = append(d.Blocks, v.environment()...)
		d.Blocks = append(d.Blocks, v.peakBlocks()...)
	}
	if len(v.rows) > 0 {
		d.Blocks = append(d.Blocks, v.results()...)
		d.Blocks = append(d.Blocks, v.throughputs()...)
		d.Blocks = append(d.Blocks, v.latencies()...)
		d.Blocks = append(d.Blocks, v.limits()...)
	}
	d.Blocks = append(d.Blocks, v.curveBlocks(curves)...)
	d.Blocks = append(d.Blocks, v.load()...)
	d.Blocks = append(d.Blocks, v.tokens()...)
	d.Blocks = append(d.Blocks, v.mlperf()...)
	d.Blocks = append(d.Blocks, v.engines()...)
	if len(v.rows) > 0 {
		d.Blocks = append(d.Blocks, v.cost()...)
		d.Blocks = append(d.Blocks, v.paretos()...)
	}
	d.Blocks = append(d.Blocks, v.sensors()...)
	d.Blocks = append(d.Blocks, findingBlocks(findings)...)
	if len(v.all) > 0 {
		d.Blocks = append(d.Blocks, v.method())
	}
	d.Blocks = append(d.Blocks, v.reproduce()...)
	tellFiguresApart(d.Blocks)
	return d
}

// sensors are the sections of what sensors read, with its course in time under the last of them.
func (v view) sensors() []Block {
	blocks := append(v.energy(), v.underLoad()...)
	if len(blocks) == 0 {
		return nil
	}
	return append(blocks, v.timelines()...)
}

func planned(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

// view is a report in the making.
type view struct {
	all   []row
	rows  []row // without the probes of searches, which overload the device on purpose; those at a peak are among them
	peaks []peak
	opts  Options
	// What differs between rows has to be said in each of them.
	severalDevices, severalEngines bool
	labels                         map[string]string // short names of places, by their key
}

// row is a summary with its names.
type row struct {
	bench.Summary
	workload string // with the precision, and with what differs from the workload's defaults
	scenario string // with the load and how it was served
	engine   string
	name     string // what tells the row from the others
	atPeak   bool   // the highest load within limits that a search reached
}

func newView(summaries []bench.Summary, opts Options) view {
	v := view{opts: opts}
	seenEngines := map[string]bool{}
	for _, s := range summaries {
		seenEngines[engineName(s.First)] = true
	}
	v.labels = labels(summaries)
	v.severalDevices, v.severalEngines = len(v.labels) > 1, len(seenEngines) > 1
	engines := engineNames(summaries)
	for i, s := range summaries {
		r := row{Summary: s, workload: shortName(workloadName(s.First.Workload)), engine: engines[i]}
		r.scenario = r.scenarioName()
		r.name = v.nameOf(r, r.scenario)
		v.all = append(v.all, r)
	}
	tellApart(v.all)
	v.peaks = v.searches()
	for i := range v.all {
		r := &v.all[i]
		r.atPeak = slices.ContainsFunc(v.peaks, func(p peak) bool { return p.at == r })
		if r.First.Scenario.Probe == nil || r.atPeak {
			v.rows = append(v.rows, *r)
		}
	}
	return v
}

// nameOf is the name of a row with the scenario in those words.
func (v view) nameOf(r row, scenario string) string {
	name := r.workload + ", " + scenario
	if v.severalEngines {
		name += ", " + r.engine
	}
	if v.severalDevices {
		name += " on " + v.labels[place(r.First)]
	}
	return name
}

func (v view) loadPeaks() []bench.LoadPeak {
	var out []bench.LoadPeak
	for _, p := range v.peaks {
		out = append(out, p.LoadPeak)
	}
	return out
}

// runs are all results of a row.
func (r row) runs() []bench.Result {
	if len(r.Results) == 0 {
		return []bench.Result{r.First}
	}
	return r.Results
}

// total is the number of runs of a row, made as they were planned or not.
func (r row) total() int {
	return r.Valid + r.Ended + r.Invalid + r.Failed + r.Unsupported + r.Interrupted
}

// labels are the names that tell the places of the rows apart in a cell. Places that would have the same one are numbered.
func labels(summaries []bench.Summary) map[string]string {
	out, places := map[string]string{}, map[string][]string{}
	for _, s := range summaries {
		key, name := place(s.First), deviceName(s.First)
		if _, known := out[key]; !known {
			out[key] = name
			places[name] = append(places[name], key)
		}
	}
	for name, keys := range places {
		for i, key := range keys {
			if len(keys) > 1 {
				out[key] = fmt.Sprintf("%s, machine %d", name, i+1)
			}
		}
	}
	return out
}

// deviceName is short, for a cell.
func deviceName(r bench.Result) string {
	if r.Cloud.InstanceType != nil {
		return shortName(r.Device.ID + " of " + *r.Cloud.InstanceType)
	}
	return shortName(r.Device.ID)
}

func engineName(r bench.Result) string { return english.Joined(" ", r.Engine.Name, r.Engine.Version) }

func text(s string) string { return s }

// workloadName is the workload with its precision, and with the batch and the lengths that are not its defaults.
func workloadName(w bench.WorkloadInfo) string {
	name := english.Joined(" ", w.Name, w.Precision)
	usual := defaults(w.Name)
	for _, o := range []struct {
		option string
		value  *int
	}{{"batch", &w.Batch}, {"seq-len", w.SeqLen}, {"isl", w.ISL}, {"osl", w.OSL}} {
		if o.value != nil && *o.value != 0 && *o.value != usual[o.option] {
			name += fmt.Sprintf(", %s %d", o.option, *o.value)
		}
	}
	return name
}

// interruption says what an interrupted measurement lacks.
func (v view) interruption() string {
	made, lacking, open := 0, []string{}, false
	for _, r := range v.all {
		if r.First.Group != nil && r.First.Group.Index == bench.Whole {
			continue // its runs are those of its devices
		}
		made += r.total() - r.Interrupted
		if r.First.Scenario.Probe != nil { // how many runs a search takes is open
			open = true
			continue
		}
		if r.Interrupted > 0 || v.opts.Interrupted && r.Status == bench.OK && r.total() < r.First.Repeats {
			lacking = append(lacking, fmt.Sprintf("%s (%d of %d runs)", r.name, r.total()-r.Interrupted, r.First.Repeats))
		}
	}
	if !v.opts.Interrupted {
		return ""
	}
	out := "The measurement was interrupted"
	switch {
	case open:
		out += " after " + english.Count(made, "run")
	case v.opts.Planned > 0:
		out += fmt.Sprintf(" after %d of %s", made, english.Count(v.opts.Planned, "planned run"))
	}
	if lacking = append(lacking, v.opts.Missing...); len(lacking) > 0 {
		return shorten(out + ". Missing: " + strings.Join(lacking, "; ") + ".")
	}
	return out + "; this is what was measured until then."
}

// longest is the most characters of a sentence: reasons may quote what a dying library wrote.
const longest = 400

func shorten(s string) string { return cut(s, longest, " … (cut here; JSON has all of it)") }

// shortName keeps what may stand in a cell.
func shortName(s string) string { return cut(s, 60, "…") }

func cut(s string, most int, mark string) string {
	s = oneLine(s)
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + mark
	}
	return s
}
