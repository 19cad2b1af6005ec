package onnx

import (
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/workloads"
)

// get is the name of v in the layout of the graph, channels last.
func (e *emitter) get(v *workloads.Value) string {
	switch v.Kind {
	case workloads.Param:
		return e.param(v)
	case workloads.State:
		if e.rows[v] == "" {
			e.rows[v] = e.stateIn(v, e.dims(v))
		}
	}
	e.decode(v)
	if e.rows[v] == "" && e.planes[v] == "" {
		e.fail(fmt.Errorf("%s is used before anything wrote it: %w", v.Name, ErrUnsupported))
		return ""
	}
	if e.rows[v] == "" {
		e.rows[v] = e.transpose(v.Name+".rows", e.planes[v], channelsLast(len(v.Shape))...)
	}
	return e.rows[v]
}

// getPlanes is the name of v with its channels on axis 1.
func (e *emitter) getPlanes(v *workloads.Value) string {
	switch {
	case len(v.Shape) < 3:
		return e.get(v)
	case v.Kind == workloads.Param:
		return e.permuted(v, channelsFirst(len(v.Shape))...)
	}
	e.decode(v)
	if e.planes[v] == "" {
		e.planes[v] = e.transpose(v.Name+".planes", e.get(v), channelsFirst(len(v.Shape))...)
	}
	return e.planes[v]
}

// set says that v, in the layout of the graph, is name.
func (e *emitter) set(v *workloads.Value, name string) {
	e.rows[v] = name
	e.infos = append(e.infos, Port{name, e.float, e.dims(v)})
}

// setPlanes says that v, with its channels on axis 1, is name.
func (e *emitter) setPlanes(v *workloads.Value, name string) {
	if len(v.Shape) < 3 {
		e.set(v, name)
		return
	}
	e.planes[v] = name
	e.infos = append(e.infos, Port{name, e.float, e.planeDims(v)})
}

// planeDims is the shape of v with its channels on axis 1.
func (e *emitter) planeDims(v *workloads.Value) []int64 {
	dims, out := e.dims(v), []int64{}
	for _, axis := range channelsFirst(len(dims)) {
		out = append(out, dims[axis])
	}
	return out
}

// inPlanes tells whether a node that does not care about the layout should use channels first, given those of its inputs that
// have channels: when that takes fewer transpositions of them, or as many and a node that wants planes comes next.
func (e *emitter) inPlanes(n *workloads.Node, vs ...*workloads.Value) bool {
	toRows, toPlanes := 0, 0
	for _, v := range vs {
		switch {
		case v.Kind == workloads.Param || len(v.Shape) < 3:
		case e.rows[v] == "" && (e.planes[v] != "" || e.coded(v)):
			toRows++
		case e.planes[v] == "":
			toPlanes++
		}
	}
	if toRows == 0 || toRows != toPlanes {
		return toRows > toPlanes
	}
	return slices.ContainsFunc(e.graph.Nodes, func(next *workloads.Node) bool {
		return wantsPlanes(next.Op) && slices.Contains(next.In, n.Out)
	})
}

func wantsPlanes(op workloads.Op) bool {
	switch op {
	case workloads.OpConv2D, workloads.OpConv1D, workloads.OpMaxPool, workloads.OpGlobalAvgPool, workloads.OpGroupNorm,
		workloads.OpUpsample, workloads.OpConcat:
		return true
	}
	return false
}

// channelsFirst is the permutation that moves the last axis to place 1.
func channelsFirst(rank int) []int {
	out := []int{0, rank - 1}
	for axis := 1; axis < rank-1; axis++ {
		out = append(out, axis)
	}
	return out
}

// channelsLast undoes channelsFirst.
func channelsLast(rank int) []int {
	out := []int{0}
	for axis := 2; axis < rank; axis++ {
		out = append(out, axis)
	}
	return append(out, 1)
}
