package bench

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/accelbench/accelbench/bench/price"
)

// topWords are the words that stand at the top of a plan only.
func topWords() map[string]func(*PlanFile, ast.Node) error {
	return map[string]func(*PlanFile, ast.Node) error{
		"out":           func(p *PlanFile, n ast.Node) error { return setText(&p.Out, n) },
		"provider":      func(p *PlanFile, n ast.Node) error { return setText(&p.Pricing.Provider, n) },
		"instance-type": func(p *PlanFile, n ast.Node) error { return setText(&p.Pricing.InstanceType, n) },
		"region":        func(p *PlanFile, n ast.Node) error { return setText(&p.Pricing.Region, n) },
		"market": func(p *PlanFile, n ast.Node) error {
			return setParsed(&p.Pricing.Market, n, price.ParseMarket)
		},
		"charge": func(p *PlanFile, n ast.Node) error {
			return setParsed(&p.Pricing.Charge, n, price.ParseCharge)
		},
		"price": func(p *PlanFile, n ast.Node) error {
			x, ok := number(n)
			if !ok {
				return at(n, "expected USD per hour, a number such as 4.5, found %s", kind(n))
			}
			if _, err := price.Custom(x); err != nil {
				return at(n, "%v", err)
			}
			p.Pricing.USDPerHour = &x
			return nil
		},
	}
}

// entryWords are the words of an entry.
func entryWords() map[string]func(*PlanEntry, ast.Node) error {
	return map[string]func(*PlanEntry, ast.Node) error{
		"device":      func(p *PlanEntry, n ast.Node) error { return setText(&p.Device, n) },
		"engine":      func(p *PlanEntry, n ast.Node) error { return setTexts(&p.Engines, n) },
		"model-file":  func(p *PlanEntry, n ast.Node) error { return setTexts(&p.ModelFiles, n) },
		"input":       func(p *PlanEntry, n ast.Node) error { return setTexts(&p.Inputs, n) },
		"dim":         func(p *PlanEntry, n ast.Node) error { return setTexts(&p.Dims, n) },
		"unit":        func(p *PlanEntry, n ast.Node) error { return setText(&p.Unit, n) },
		"weights":     func(p *PlanEntry, n ast.Node) error { return setText(&p.Weights, n) },
		"precision":   func(p *PlanEntry, n ast.Node) error { return setText(&p.Precision, n) },
		"workload":    func(p *PlanEntry, n ast.Node) error { return setTexts(&p.Workloads, n) },
		"batch":       func(p *PlanEntry, n ast.Node) error { return setCount(&p.Batch, n) },
		"seq-len":     func(p *PlanEntry, n ast.Node) error { return setCount(&p.SeqLen, n) },
		"isl":         func(p *PlanEntry, n ast.Node) error { return setCount(&p.ISL, n) },
		"osl":         func(p *PlanEntry, n ast.Node) error { return setCount(&p.OSL, n) },
		"min-queries": func(p *PlanEntry, n ast.Node) error { return setCount(&p.MinQueries, n) },
		"repeats":     func(p *PlanEntry, n ast.Node) error { return setCount(&p.Repeats, n) },
		"scenario":    func(p *PlanEntry, n ast.Node) error { return setScenarios(&p.Scenarios, n) },
		"duration":    func(p *PlanEntry, n ast.Node) error { return setDuration(&p.Duration, n) },
		"seed": func(p *PlanEntry, n ast.Node) error {
			x, ok := whole(n)
			if !ok {
				return at(n, "expected a whole number of 0 or more, found %s", kind(n))
			}
			p.Seed = &x
			return nil
		},
	}
}

func setText(dst *string, n ast.Node) error {
	s, ok := n.(*ast.StringNode)
	if !ok || s.Value == "" {
		return at(n, "expected a text, found %s", kind(n))
	}
	*dst = s.Value
	return nil
}

func setTexts(dst *[]string, n ast.Node) error {
	nodes := []ast.Node{n}
	if list, ok := n.(*ast.SequenceNode); ok {
		nodes = list.Values
	}
	if len(nodes) == 0 {
		return at(n, "expected a text or a list of texts, found an empty list")
	}
	out := make([]string, len(nodes))
	for i := range nodes {
		if err := setText(&out[i], nodes[i]); err != nil {
			return err
		}
	}
	*dst = out
	return nil
}

func setScenarios(dst *[]ScenarioName, n ast.Node) error {
	var texts []string
	if err := setTexts(&texts, n); err != nil {
		return err
	}
	out := make([]ScenarioName, len(texts))
	for i, s := range texts {
		out[i] = ScenarioName(s)
		if slices.Contains(Scenarios(), out[i]) {
			continue
		}
		if list, ok := n.(*ast.SequenceNode); ok {
			n = list.Values[i]
		}
		return at(n, "unknown scenario %q; known: %s", s, strings.Trim(fmt.Sprint(Scenarios()), "[]"))
	}
	*dst = out
	return nil
}

func setParsed[T any](dst *T, n ast.Node, parse func(string) (T, error)) error {
	var text string
	if err := setText(&text, n); err != nil {
		return err
	}
	x, err := parse(text)
	if err != nil {
		return at(n, "%v", err)
	}
	*dst = x
	return nil
}

func setCount(dst *int, n ast.Node) error {
	x, ok := whole(n)
	if !ok || x < 1 || x > math.MaxInt32 {
		return at(n, "expected a whole number of 1 or more, found %s", kind(n))
	}
	*dst = int(x)
	return nil
}

func setDuration(dst *time.Duration, n ast.Node) error {
	s, ok := n.(*ast.StringNode)
	if !ok {
		return at(n, "expected a duration with its unit, such as 10s, found %s", kind(n))
	}
	d, err := time.ParseDuration(s.Value)
	if err != nil || d <= 0 {
		return at(n, "expected a duration above 0 with its unit, such as 10s or 1m30s, found %q", s.Value)
	}
	*dst = d
	return nil
}

func whole(n ast.Node) (uint64, bool) {
	i, ok := n.(*ast.IntegerNode)
	if !ok {
		return 0, false
	}
	switch x := i.Value.(type) {
	case uint64:
		return x, true
	case int64:
		return uint64(x), x >= 0
	}
	return 0, false
}

func number(n ast.Node) (float64, bool) {
	if f, ok := n.(*ast.FloatNode); ok {
		return f.Value, true
	}
	x, ok := whole(n)
	return float64(x), ok
}

// kind names what stands in the text, for errors.
func kind(n ast.Node) string {
	if n == nil {
		return "nothing"
	}
	switch n := n.(type) {
	case *ast.NullNode:
		return "nothing"
	case *ast.StringNode:
		return fmt.Sprintf("the text %q", n.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "the number " + n.GetToken().Value
	case *ast.BoolNode:
		return n.GetToken().Value
	case *ast.SequenceNode:
		if len(n.Values) == 0 {
			return "an empty list"
		}
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "words with values"
	}
	return "YAML that plans do not use (" + n.Type().String() + ")"
}
