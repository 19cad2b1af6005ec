package bench

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/internal/names"
)

// MaxPlanFile is the largest plan file, in bytes. It bounds the work of the YAML parser.
const MaxPlanFile = 64 << 10

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
	text, err := io.ReadAll(io.LimitReader(r, MaxPlanFile+1))
	if err != nil {
		return PlanFile{}, fmt.Errorf("reading plan %s: %w", name, err)
	}
	if len(text) > MaxPlanFile {
		return PlanFile{}, &SyntaxError{name, 1, 1, fmt.Errorf("expected a plan of at most %d bytes", MaxPlanFile)}
	}
	tokens := lexer.Tokenize(string(text))
	if t := tooDeep(tokens); t != nil {
		return PlanFile{}, &SyntaxError{name, t.Position.Line, t.Position.Column, errors.New("expected a plan, found lists within lists")}
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return PlanFile{}, yamlError(name, err)
	}
	body, err := document(file)
	if err != nil {
		return PlanFile{}, &SyntaxError{name, 1, 1, err}
	}
	out, err := readTop(body)
	if err != nil {
		return PlanFile{}, placed(name, err)
	}
	return out, nil
}

// tooDeep is the token with which a nesting begins that no plan needs. The time that the parser takes grows with the square
// of the depth.
func tooDeep(tokens token.Tokens) *token.Token {
	const most = 8
	brackets, dashes, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			dashes, line = 0, t.Position.Line
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			brackets++
		case token.SequenceEndType, token.MappingEndType:
			brackets--
		case token.SequenceEntryType, token.MappingKeyType:
			dashes++
		}
		if brackets > most || dashes > most {
			return t
		}
	}
	return nil
}

// yamlError takes place and text out of an error of the YAML parser.
func yamlError(name string, err error) error {
	var syntax interface {
		GetToken() *token.Token
		GetMessage() string
	}
	if errors.As(err, &syntax) {
		if t := syntax.GetToken(); t != nil && t.Position != nil {
			return &SyntaxError{name, t.Position.Line, t.Position.Column, fmt.Errorf("expected YAML: %s", syntax.GetMessage())}
		}
		return &SyntaxError{name, 1, 1, fmt.Errorf("expected YAML: %s", syntax.GetMessage())}
	}
	return &SyntaxError{name, 1, 1, fmt.Errorf("expected YAML: %w", err)}
}

func document(file *ast.File) (ast.Node, error) {
	var body ast.Node
	for _, d := range file.Docs {
		switch {
		case d.Body == nil:
		case d.Body.Type() == ast.CommentType: // a file of nothing but comments
		case body != nil:
			return nil, errors.New("expected one YAML document, found several")
		default:
			body = d.Body
		}
	}
	if body == nil {
		return nil, errors.New("expected a plan, found nothing: it needs at least a workload")
	}
	return body, nil
}

// nodeError is an error at a node.
type nodeError struct {
	node ast.Node
	text string
}

func (e *nodeError) Error() string { return e.text }

func at(n ast.Node, format string, args ...any) error {
	return &nodeError{n, fmt.Sprintf(format, args...)}
}

func placed(name string, err error) error {
	line, column := 1, 1
	var where *nodeError
	if errors.As(err, &where) && where.node != nil {
		if t := where.node.GetToken(); t != nil && t.Position != nil {
			line, column = t.Position.Line, t.Position.Column
		}
	}
	return &SyntaxError{name, line, column, err}
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
