package bench

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/accelbench/accelbench/bench/load/arrival"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/internal/names"
)

// ParseArrival reads the name of an arrival process. The error wraps ErrBadPlan.
func ParseArrival(text string) (arrival.Process, error) {
	return oneWord("arrival", text, arrival.Poisson, arrival.Constant, arrival.Gamma)
}

// ParseBatching reads the name of a way to form batches. The error wraps ErrBadPlan.
func ParseBatching(text string) (devices.Batching, error) {
	return oneWord("batching", text, devices.StaticBatching, devices.DynamicBatching)
}

func oneWord[T ~string](what, text string, words ...T) (T, error) {
	var known []string
	for _, w := range words {
		if text == string(w) {
			return w, nil
		}
		known = append(known, string(w))
	}
	return "", fmt.Errorf("%w: unknown %s %q: known are, nearest first, %s", ErrBadPlan, what, text, strings.Join(names.Nearest(text, known), ", "))
}

// ParseShare reads a percentage, such as 1%, as a share between 0 and 1. The error wraps ErrBadPlan.
func ParseShare(text string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	x, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !percent || !(x > 0 && x < 100) {
		return 0, fmt.Errorf("%w: %q is no percentage between 0 and 100 %%, such as 1%%", ErrBadPlan, text)
	}
	return x / 100, nil
}

func setNumber(dst *float64, n ast.Node) error {
	x, ok := number(n)
	if !ok || !(x > 0) {
		return at(n, "expected a number above 0, found %s", kind(n))
	}
	*dst = x
	return nil
}

func setSwitch(dst *bool, n ast.Node) error {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		return at(n, "expected true or false, found %s", kind(n))
	}
	*dst = b.Value
	return nil
}

func setLimits(dst *[]Limit, n ast.Node) error {
	var texts []string
	if err := setTexts(&texts, n); err != nil {
		return err
	}
	out := make([]Limit, len(texts))
	for i, text := range texts {
		var err error
		if out[i], err = ParseLimit(text); err != nil {
			return at(n, "%v", err)
		}
	}
	*dst = out
	return nil
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
