package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/workloads"
)

// WorkloadsSchema names the form of the list of workloads in JSON.
const WorkloadsSchema = "accelbench.workloads/v1"

// WorkloadData is a workload in JSON, at its effective options.
type WorkloadData struct {
	Name         string            `json:"name"`
	Title        string            `json:"title"`
	Family       string            `json:"family"`
	Unit         string            `json:"unit"`
	Options      workloads.Options `json:"options"`
	Ranges       []RangeData       `json:"ranges"`
	Precisions   []string          `json:"precisions"`
	Parameters   int64             `json:"params"`
	FLOPsPerUnit float64           `json:"flops_per_unit"`
	BytesPerUnit float64           `json:"bytes_per_unit"`
	// MemoryBytes is the estimated need by precision, without the engine's workspace.
	MemoryBytes map[string]int64 `json:"memory_bytes"`
	Data        string           `json:"data"`
}

// RangeData is an option with its default and its inclusive bounds.
type RangeData struct {
	Option  string `json:"option"`
	Default int    `json:"default"`
	Min     int    `json:"min"`
	Max     int    `json:"max"`
}

// memoryPrecisions are those that memory is estimated for.
func memoryPrecisions() []string {
	return []string{workloads.Full, workloads.Half, workloads.BFloat16, workloads.Int8, workloads.Float8, workloads.Int4}
}

// Workloads lists workloads at the options they were built with.
func Workloads(ws []*workloads.Workload) Document {
	data := []WorkloadData{} // never null in JSON
	for _, w := range ws {
		data = append(data, workloadData(w))
	}
	what := []field[WorkloadData]{
		{"Workload", Left, func(w WorkloadData) string { return w.Name }},
		{"What it is", Left, func(w WorkloadData) string { return w.Title }},
		{"Unit", Left, func(w WorkloadData) string { return w.Unit }},
		{"Precisions", Left, func(w WorkloadData) string { return orNA(strings.Join(w.Precisions, ", ")) }},
		{"Options", Left, func(w WorkloadData) string { return orNone(rangesText(w.Ranges)) }},
	}
	size := []field[WorkloadData]{
		{"Workload", Left, func(w WorkloadData) string { return w.Name }},
		{"Shape", Left, func(w WorkloadData) string { return optionsText(w.Options) }},
		{"Parameters", Right, func(w WorkloadData) string { return decimal(float64(w.Parameters), "") }},
		{"Work per unit", Right, func(w WorkloadData) string { return decimal(w.FLOPsPerUnit, "FLOP") }},
		{"Traffic per unit", Right, func(w WorkloadData) string { return decimal(w.BytesPerUnit, "B") }},
	}
	keys := []key[WorkloadData]{
		{"workload", func(w WorkloadData) any { return w.Name }},
		{"title", func(w WorkloadData) any { return w.Title }},
		{"family", func(w WorkloadData) any { return w.Family }},
		{"unit", func(w WorkloadData) any { return w.Unit }},
		{"options", func(w WorkloadData) any { return rangesText(w.Ranges) }},
		{"batch", func(w WorkloadData) any { return w.Options.Batch }},
		{"seq_len", func(w WorkloadData) any { return unset(w.Options.SeqLen) }},
		{"isl", func(w WorkloadData) any { return unset(w.Options.ISL) }},
		{"osl", func(w WorkloadData) any { return unset(w.Options.OSL) }},
		{"params", func(w WorkloadData) any { return w.Parameters }},
		{"flops_per_unit", func(w WorkloadData) any { return w.FLOPsPerUnit }},
		{"bytes_per_unit", func(w WorkloadData) any { return w.BytesPerUnit }},
	}
	for _, p := range memoryPrecisions() {
		bytes := func(w WorkloadData) *int64 {
			if b, ok := w.MemoryBytes[p]; ok {
				return &b
			}
			return nil
		}
		size = append(size, field[WorkloadData]{"Memory " + p, Right, func(w WorkloadData) string { return maybe(bytes(w), asFloat[int64](binary)) }})
		keys = append(keys, key[WorkloadData]{"memory_" + p + "_bytes", func(w WorkloadData) any { return value(bytes(w)) }})
	}
	return Document{
		Title: "Workloads",
		Blocks: []Block{
			tableOf(data, what),
			Heading("Size"),
			tableOf(data, size),
			List{
				"Work counts a multiply-add as 2 FLOP and causal attention once; of a decoder it is that of a whole query, prefill included, " +
					"per output token.",
				"Traffic is the least that memory has to move per unit at this batch, every weight read once per call.",
				"Memory is an estimate for parameters, states and activations by the size of an element, without the engine's workspace; " +
					"the precisions that can be measured are in the first table.",
			},
		},
		Sheet: sheetOf(data, keys),
		Data: struct {
			Schema    string         `json:"schema"`
			Workloads []WorkloadData `json:"workloads"`
		}{WorkloadsSchema, data},
	}
}

func workloadData(w *workloads.Workload) WorkloadData {
	out := WorkloadData{
		Name: w.Name, Title: w.Title, Family: w.Family, Unit: w.Unit, Options: w.Options, Ranges: []RangeData{},
		Precisions: entry(w.Name).Precisions, Parameters: w.Parameters, FLOPsPerUnit: w.FLOPsPerUnit(), BytesPerUnit: w.BytesPerUnit(),
		MemoryBytes: map[string]int64{}, Data: w.Data,
	}
	if w.Options.OSL > 0 && out.Unit == "token" {
		out.Unit = "output token"
	}
	for _, r := range entry(w.Name).Options {
		out.Ranges = append(out.Ranges, RangeData(r))
	}
	for _, p := range out.Precisions {
		o := w.Options
		o.Precision = p
		if at, err := workloads.Find(w.Name, o); err == nil {
			out.MemoryBytes[p] = at.Memory().Total()
		}
	}
	return out
}

func rangesText(ranges []RangeData) string {
	var out []string
	for _, r := range ranges {
		out = append(out, fmt.Sprintf("%s %d (%d to %d)", r.Option, r.Default, r.Min, r.Max))
	}
	return strings.Join(out, ", ")
}

// optionsText are the options that are set.
func optionsText(o workloads.Options) string {
	var out []string
	for _, x := range []struct {
		name string
		n    int
	}{{"batch", o.Batch}, {"seq-len", o.SeqLen}, {"isl", o.ISL}, {"osl", o.OSL}} {
		if x.n != 0 {
			out = append(out, fmt.Sprintf("%s %d", x.name, x.n))
		}
	}
	return orNone(strings.Join(out, ", "))
}

// unset is nil for an option that a workload does not have.
func unset(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

func orNone(s string) string {
	if s == "" {
		return none
	}
	return s
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
