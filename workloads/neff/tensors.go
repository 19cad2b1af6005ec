package neff

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
)

// Signature are the inputs and outputs of a program, in the order of the file.
type Signature struct {
	Inputs, Outputs []Tensor
}

// Tensor is an input or an output. Type is the element type's name as the workloads' graphs have it, f32 say, or as the file
// gives it where it is another one.
type Tensor struct {
	Name  string
	Type  string
	Shape []int64
}

// graphJSON is the part of neff.json that tells inputs and outputs. It is the format of a TVM graph: a value is numbered by
// node_row_ptr of its node plus the index of the node's output, and attrs give every value a type and a shape.
type graphJSON struct {
	Nodes []struct {
		Name        string   `json:"name"`
		OutputNames []string `json:"output_names"`
		Attrs       struct {
			OutputNames []string `json:"output_names"`
		} `json:"attrs"`
	} `json:"nodes"`
	ArgNodes   []int   `json:"arg_nodes"`
	Heads      [][]int `json:"heads"`
	NodeRowPtr []int   `json:"node_row_ptr"`
	Attrs      struct {
		Types  []json.RawMessage `json:"dltype"` // "list_str", then the list
		Shapes []json.RawMessage `json:"shape"`  // "list_shape", then the list
	} `json:"attrs"`
	// Graphs is where the graph stands in files that wrap it.
	Graphs json.RawMessage `json:"graphs"`
}

const maxDims = 32

// parseGraph takes inputs and outputs from neff.json. The error says what is not as expected.
func parseGraph(content []byte) (*Signature, error) {
	var g graphJSON
	if err := json.Unmarshal(content, &g); err != nil {
		return nil, fmt.Errorf("its %s: %w", graphFile, err)
	}
	if len(g.Nodes) == 0 && len(g.Graphs) > 0 {
		var wrapped []struct {
			Definition graphJSON `json:"definition"`
		}
		if json.Unmarshal(g.Graphs, &wrapped) == nil && len(wrapped) == 1 {
			g = wrapped[0].Definition
		}
	}
	var types []string
	var shapes [][]int64
	if len(g.Attrs.Types) != 2 || json.Unmarshal(g.Attrs.Types[1], &types) != nil ||
		len(g.Attrs.Shapes) != 2 || json.Unmarshal(g.Attrs.Shapes[1], &shapes) != nil {
		return nil, fmt.Errorf("its %s has no list of types and shapes", graphFile)
	}
	value := func(name string, node, output int) (Tensor, error) {
		at := -1
		if node >= 0 && node < len(g.NodeRowPtr) && output >= 0 {
			at = g.NodeRowPtr[node] + output
		}
		if at < 0 || at >= len(types) || at >= len(shapes) {
			return Tensor{}, fmt.Errorf("its %s has no type and shape for %q", graphFile, name)
		}
		t := Tensor{Name: name, Type: typeName(types[at]), Shape: shapes[at]}
		return t, t.check()
	}
	s := &Signature{}
	for _, i := range g.ArgNodes {
		if i < 0 || i >= len(g.Nodes) {
			return nil, fmt.Errorf("its %s has no node %d", graphFile, i)
		}
		t, err := value(g.Nodes[i].Name, i, 0)
		if err != nil {
			return nil, err
		}
		s.Inputs = append(s.Inputs, t)
	}
	for _, head := range g.Heads {
		if len(head) < 2 || head[0] < 0 || head[0] >= len(g.Nodes) {
			return nil, fmt.Errorf("its %s has an output of no node", graphFile)
		}
		node := g.Nodes[head[0]]
		names := node.OutputNames
		if len(names) == 0 {
			names = node.Attrs.OutputNames
		}
		name := node.Name
		if head[1] >= 0 && head[1] < len(names) {
			name = names[head[1]]
		}
		t, err := value(name, head[0], head[1])
		if err != nil {
			return nil, err
		}
		s.Outputs = append(s.Outputs, t)
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Signature) check() error {
	if len(s.Outputs) == 0 {
		return fmt.Errorf("its %s names no outputs", graphFile)
	}
	for _, side := range [][]Tensor{s.Inputs, s.Outputs} {
		seen := map[string]bool{}
		for _, t := range side {
			if seen[t.Name] {
				return fmt.Errorf("its %s names %q twice", graphFile, t.Name)
			}
			seen[t.Name] = true
		}
	}
	return nil
}

func (t Tensor) check() error {
	if t.Name == "" || strings.ContainsRune(t.Name, 0) {
		return errors.New("a tensor of it has no usable name")
	}
	n := int64(1)
	for _, d := range t.Shape {
		if d < 0 || len(t.Shape) > maxDims || d > 0 && n > math.MaxInt64/8/d {
			return fmt.Errorf("its tensor %q has the shape %v, which no memory holds", t.Name, t.Shape[:min(len(t.Shape), maxDims)])
		}
		n *= d
	}
	return nil
}

// typeName is the workloads' name of a type; the file's own where there is none.
func typeName(name string) string {
	switch strings.ToLower(name) {
	case "float32", "fp32":
		return "f32"
	case "float16", "fp16":
		return "f16"
	case "bfloat16", "bf16":
		return "bf16"
	case "int8", "int16", "int32", "int64":
		return "i" + name[3:]
	case "uint8", "uint16", "uint32", "uint64":
		return "u" + name[4:]
	case "bool", "boolean":
		return "bool"
	}
	return text([]byte(name))
}
