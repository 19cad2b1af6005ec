package onnx

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"

	"github.com/accelbench/accelbench/workloads"
)

// lowerRope rotates the halves of each head by rows of two tables, [positions, HeadDim/2], made in 64 bits.
func lowerRope(e *emitter, n *workloads.Node) {
	x, base, half := n.In[0], n.Out.Name, n.Attr.HeadDim/2
	cos, sin := e.rotation(n)
	dims := e.dims(x)
	split := e.reshape(base+".split", e.get(x), dims[0], dims[1], dims[2]/int64(2*half), 2, int64(half))
	at := func(i int64, part string) string {
		return e.op(base+part, "Gather", []string{split, e.integer(i)}, intAttr("axis", 3))
	}
	a, b := at(0, ".a"), at(1, ".b")
	times := func(x, y, part string) string { return e.op(base+part, "Mul", []string{x, y}) }
	first := e.op(base+".first", "Sub", []string{times(a, cos, ".a.cos"), times(b, sin, ".b.sin")})
	second := e.op(base+".second", "Add", []string{times(a, sin, ".a.sin"), times(b, cos, ".b.cos")})
	both := e.op(base+".both", "Concat", []string{first, second}, intAttr("axis", -1))
	e.set(n.Out, e.reshape(base, both, dims...))
}

// rotation is the cosines and sines of the rows of a call, [S,1,HeadDim/2]; calls of the same attributes share them.
func (e *emitter) rotation(n *workloads.Node) (cos, sin string) {
	cosTable, sinTable := e.ropeTables(n.Attr)
	rows := e.places(n.In[0], n.In[1])
	of := func(table string) string {
		return e.memo("rotation "+table+" "+rows, func() string {
			picked := e.op(table+".picked", "Gather", []string{table, rows})
			return e.op(table+".rows", "Unsqueeze", []string{picked, e.ints(1)})
		})
	}
	return of(cosTable), of(sinTable)
}

// ropeTables are the cosines and the sines of a rotation, [positions, HeadDim/2] each, of all positions that tokens can have.
func (e *emitter) ropeTables(a workloads.Attr) (cos, sin string) {
	frequencies, scale := a.Frequencies(), a.RopeScale()
	text, err := json.Marshal(frequencies)
	if err != nil {
		e.fail(fmt.Errorf("the frequencies of a rotation: %w", err))
	}
	sum := fnv.New32a()
	_, _ = sum.Write(text) // it never fails
	name := fmt.Sprintf("rope.%08x.%d", sum.Sum32(), e.positions)
	table := func(part string, of func(float64) float64) string {
		return e.floats(name+part, []int64{int64(e.positions), int64(len(frequencies))}, func(first int, dst []float32) error {
			for i := range dst {
				position, f := (first+i)/len(frequencies), frequencies[(first+i)%len(frequencies)]
				dst[i] = float32(of(float64(position)*f) * scale)
			}
			return nil
		})
	}
	return table(".cos", math.Cos), table(".sin", math.Sin)
}

// places is the positions of the rows of x [B,S,D], as a list of S 64-bit integers: position, a list of one 32-bit integer, and
// those that follow.
func (e *emitter) places(x, position *workloads.Value) string {
	count := e.rowCount(x)
	return e.memo("places "+position.Name+" "+count, func() string {
		scalar := e.op("rows.count", "Squeeze", []string{count})
		rows := e.op("rows.range", "Range", []string{e.integer(0), scalar, e.integer(1)})
		start := e.convert("rows.start", e.get(position), Int32, Int64)
		return e.op("rows.positions", "Add", []string{rows, start})
	})
}
