package bench

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/internal/names"
)

// PlanFile is what a plan file says. What it does not say is zero or nil, and takes the default of the flag.
type PlanFile struct {
	Out      string
	Pricing  Pricing
	Software Software
	Entries  []PlanEntry
}

// Software are the words of a plan file about the libraries of engines: paths, seen from the folder of the file, that hold for all
// entries.
type Software struct {
	ONNXRuntime   string // ort-lib
	PJRTPlugin    string // pjrt-plugin
	NeuronRuntime string // nrt-lib
}

// Pricing are the words of a plan file about money; they hold for the instance, and so for all entries.
type Pricing struct {
	USDPerHour   *float64
	Provider     string
	InstanceType string
	Region       string
	Market       price.Market
	Charge       price.Charge
}

// PlanEntry is one entry of a plan file: every workload under every scenario.
type PlanEntry struct {
	// Line is where the entry begins, for errors about it.
	Line       int
	Device     string // id, backend or all
	Devices    []string
	Engines    []string
	Workloads  []string
	ModelFiles []string
	Inputs     []string
	Dims       []string
	Unit       string
	Weights    string
	Precision  string
	Batch      int
	SeqLen     int
	ISL        int
	OSL        int
	Scenarios  []ScenarioName
	Arrivals
	Service
	Length
	Sweep    *Sweep
	Limits   []Limit
	FindPeak bool
	Repeats  int
	Seed     *uint64
}

// ReadPlan reads a plan file. Its words are the flags of the run command. What stands at the top holds for every entry of
// runs that does not say otherwise; without runs, the top is the one entry. The words out, price, provider, instance-type,
// region, market, charge, ort-lib, pjrt-plugin and nrt-lib stand at the top only.
//
//	# Compare two models on one GPU.
//	device: nvml:0
//	precision: f32
//	duration: 10s
//	repeats: 3
//	price: 4.5
//	charge: used
//	out: nightly.jsonl
//	runs:
//	  - workload: [resnet50, bert-base]
//	    scenario: [single-stream, offline]
//	  - workload: smollm2-135m
//	    scenario: single-stream
//	    isl: 128
//	    osl: 64
//	    repeats: 6
//
// An unknown word, a value of another kind and a text that is no YAML are a [*SyntaxError] with what was expected. Names of
// devices, engines and workloads are not looked up here.
func ReadPlan(r io.Reader, name string) (PlanFile, error) {
	body, err := readYAML(r, name, "a plan")
	if err != nil {
		return PlanFile{}, err
	}
	out, err := readTop(body)
	if err != nil {
		return PlanFile{}, placed(name, err)
	}
	return out, nil
}

// fields lists the keys of a mapping in order.
func fields(n ast.Node, what string) ([]*ast.MappingValueNode, error) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, nil
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, nil
	}
	return nil, at(n, "expected %s: words with values, such as workload: resnet50; found %s", what, kind(n))
}

func readTop(body ast.Node) (PlanFile, error) {
	var out PlanFile
	var top PlanEntry
	var runs ast.Node
	all, err := fields(body, "a plan")
	if err != nil {
		return out, err
	}
	if len(all) == 0 {
		return out, at(body, "expected a plan, found nothing: it needs at least a workload")
	}
	known := slices.Concat(slices.Collect(maps.Keys(entryWords())), slices.Collect(maps.Keys(topWords())), []string{"runs"})
	for _, f := range all {
		key, err := keyOf(f, known)
		if err != nil {
			return out, err
		}
		switch set, forAll := topWords()[key]; {
		case key == "runs":
			runs = f.Value
		case forAll:
			err = set(&out, f.Value)
		default:
			err = entryWords()[key](&top, f.Value)
		}
		if err != nil {
			return out, fmt.Errorf("%s: %w", key, err)
		}
	}
	top.Line = all[0].Key.GetToken().Position.Line
	if runs == nil {
		out.Entries = []PlanEntry{top}
		return out, nil
	}
	list, ok := runs.(*ast.SequenceNode)
	if !ok || len(list.Values) == 0 {
		return out, at(runs, "runs: expected a list of at least one entry, found %s", kind(runs))
	}
	for _, n := range list.Values {
		entry, err := readEntry(n, top)
		if err != nil {
			return out, err
		}
		out.Entries = append(out.Entries, entry)
	}
	return out, nil
}

func readEntry(n ast.Node, entry PlanEntry) (PlanEntry, error) {
	all, err := fields(n, "an entry of runs")
	if err != nil {
		return entry, err
	}
	known := slices.Collect(maps.Keys(entryWords()))
	for i, f := range all {
		key := f.Key.GetToken().Value
		if _, ok := topWords()[key]; ok {
			return entry, at(f.Key, "%s stands at the top of the plan only, since it holds for all runs", key)
		}
		if key, err = keyOf(f, known); err != nil {
			return entry, err
		}
		if err := entryWords()[key](&entry, f.Value); err != nil {
			return entry, fmt.Errorf("%s: %w", key, err)
		}
		if i == 0 {
			entry.Line = f.Key.GetToken().Position.Line
		}
	}
	return entry, nil
}

func keyOf(f *ast.MappingValueNode, known []string) (string, error) {
	key := f.Key.GetToken().Value
	if slices.Contains(known, key) {
		return key, nil
	}
	slices.Sort(known)
	return "", at(f.Key, "unknown word %q; the nearest known: %s", key, strings.Join(names.Nearest(key, known)[:3], ", "))
}
