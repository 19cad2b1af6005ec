package onnx

import (
	"slices"

	"github.com/accelbench/accelbench/workloads"
)

// shared is one graph that serves several phases: that of the first of them, in which some dimensions stand for a number of
// tokens that differs between the phases.
type shared struct {
	name   string
	phases []int
	graph  *workloads.Graph
	// free tells of each value which dimensions these are; values that are missing have none.
	free map[*workloads.Value][]bool
}

// group joins the phases whose graphs can be one model.
func group(w *workloads.Workload) ([]*shared, error) {
	var out []*shared
	for i, p := range w.Phases {
		if err := p.Graph.Validate(); err != nil {
			return nil, err
		}
		joined := slices.ContainsFunc(out, func(s *shared) bool { return s.join(w, i) })
		if !joined {
			out = append(out, &shared{name: p.Graph.Name, phases: []int{i}, graph: p.Graph, free: map[*workloads.Value][]bool{}})
		}
	}
	if len(out) == 1 {
		out[0].name = w.Name
	}
	return out, nil
}

// join adds phase i if its graph differs in nothing but the number of tokens.
func (s *shared) join(w *workloads.Workload, i int) bool {
	a, b := s.graph, w.Phases[i].Graph
	if len(a.Values) != len(b.Values) || len(a.Nodes) != len(b.Nodes) || !sameIDs(a.Outputs, b.Outputs) {
		return false
	}
	for j, n := range a.Nodes {
		if o := b.Nodes[j]; n.Op != o.Op || n.Attr != o.Attr || n.Out.ID != o.Out.ID || !sameIDs(n.In, o.In) {
			return false
		}
	}
	free := map[*workloads.Value][]bool{}
	tokens := [2]int{}
	for j, v := range a.Values {
		o := b.Values[j]
		if v.Name != o.Name || v.Kind != o.Kind || v.DType != o.DType || len(v.Shape) != len(o.Shape) {
			return false
		}
		if v.Kind == workloads.Param && v.Weights == nil && *v.Param != *o.Param {
			return false
		}
		free[v] = make([]bool, len(v.Shape))
		for axis, d := range v.Shape {
			pair := [2]int{d, o.Shape[axis]}
			if d == o.Shape[axis] {
				continue
			}
			if v.Kind == workloads.Param || v.Kind == workloads.State || tokens != [2]int{} && tokens != pair {
				return false
			}
			tokens = pair
			free[v][axis] = true
		}
	}
	s.add(i, free)
	return true
}

// add takes phase i in, with the dimensions in which it differs.
func (s *shared) add(i int, free map[*workloads.Value][]bool) {
	s.phases = append(s.phases, i)
	for v, axes := range free {
		if s.free[v] == nil {
			s.free[v] = axes
			continue
		}
		for axis, differs := range axes {
			s.free[v][axis] = s.free[v][axis] || differs
		}
	}
}

func sameIDs(a, b []*workloads.Value) bool {
	return slices.EqualFunc(a, b, func(x, y *workloads.Value) bool { return x.ID == y.ID })
}

// dims is the shape of v, with -1 for the number of tokens where it is not fixed.
func (s *shared) dims(v *workloads.Value) []int64 {
	out := make([]int64, len(v.Shape))
	for i, d := range v.Shape {
		out[i] = int64(d)
		if axes := s.free[v]; axes != nil && axes[i] {
			out[i] = -1
		}
	}
	return out
}
