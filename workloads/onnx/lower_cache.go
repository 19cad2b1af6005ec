package onnx

import (
	"math"

	"github.com/accelbench/accelbench/workloads"
)

// lowerCached writes attention with a cache. The new rows take their place between those before them and those after; of
// the whole only the first position+S rows are attended to. States keep the layout of the workload, [B,T,KVHeads*HeadDim].
func lowerCached(e *emitter, n *workloads.Node) {
	k := e.append(n, n.In[1], n.In[3])
	v := e.append(n, n.In[2], n.In[4])
	e.attend(n, attended{keys: k, values: v, mask: e.visible(n)})
}

// append writes the rows of x to a cache and returns all rows up to these, [B,position+S,...].
func (e *emitter) append(n *workloads.Node, x, cache *workloads.Value) string {
	if e.rows[cache] != "" {
		e.fail(errTwice(cache))
		return ""
	}
	past := e.get(cache)
	first, end := e.span(n)
	base := cache.Name
	rows := e.op(base+".before", "Slice", []string{past, e.ints(0), first, e.ints(1)})
	rows = e.op(base+".seen", "Concat", []string{rows, e.get(x)}, intAttr("axis", 1))
	after := e.op(base+".after", "Slice", []string{past, end, e.ints(int64(cache.Shape[1])), e.ints(1)})
	whole := e.op(base+".whole", "Concat", []string{rows, after}, intAttr("axis", 1))
	e.stateOut(cache, e.dims(cache), whole)
	e.rows[cache] = whole
	return rows
}

// span is the position of the first row of a call, and that after its last one, as lists of one 64-bit integer.
func (e *emitter) span(n *workloads.Node) (first, end string) {
	position, count := n.In[5], e.rowCount(n.In[0])
	first = e.memo("first "+position.Name, func() string { return e.convert("rows.first", e.get(position), Int32, Int64) })
	end = e.memo("end "+position.Name+" "+count, func() string { return e.op("rows.end", "Add", []string{first, count}) })
	return first, end
}

// visible is a mask [S,position+S]: 0 where a row of the call sees a position, minus infinity elsewhere. A window ends what
// is seen at so many positions back.
func (e *emitter) visible(n *workloads.Node) string {
	rows := e.places(n.In[0], n.In[5])
	_, end := e.span(n)
	key := "visible " + rows + " " + end
	ahead := e.memo(key+" ahead", func() string { // how far a position lies ahead of a row
		scalar := e.op("seen.count", "Squeeze", []string{end})
		columns := e.op("seen.positions", "Range", []string{e.integer(0), scalar, e.integer(1)})
		return e.op("seen.ahead", "Sub", []string{columns, e.op("seen.rows", "Unsqueeze", []string{rows, e.ints(1)})})
	})
	if n.Attr.Window == 0 {
		return e.memo(key, func() string {
			hidden := e.op("seen.hidden", "Greater", []string{ahead, e.integer(0)})
			return e.hide("seen.mask", hidden)
		})
	}
	return e.memo(key+" "+e.integer(int64(n.Attr.Window)), func() string {
		future := e.op("window.future", "Greater", []string{ahead, e.integer(0)})
		past := e.op("window.past", "LessOrEqual", []string{ahead, e.integer(int64(-n.Attr.Window))})
		return e.hide("window.mask", e.op("window.hidden", "Or", []string{future, past}))
	})
}

// hide is minus infinity where hidden is true, and 0 elsewhere.
func (e *emitter) hide(base, hidden string) string {
	return e.op(base, "Where", []string{hidden, e.number(math.Inf(-1), e.float), e.number(0, e.float)})
}

// withSink adds the logit of each head to its scores [...,S,T] as one more column; withoutSink takes its share away again.
func (e *emitter) withSink(n *workloads.Node, scores string) string {
	a, base := n.Attr, n.Out.Name
	batch := int64(n.Out.Shape[0])
	shape := []int64{batch, int64(a.Heads), 1, 1}
	if a.Heads != a.KVHeads {
		shape = []int64{batch, int64(a.KVHeads), int64(a.Heads / a.KVHeads), 1, 1}
	}
	one := append([]int64{1}, shape[1:]...)
	column := e.reshape(base+".sinks", e.get(n.In[6]), one...)
	count := e.rowCount(n.In[0])
	full := e.memo("sink shape "+count, func() string {
		lead, end := e.ints(shape[:len(shape)-2]...), e.ints(1)
		return e.op("sinks.shape", "Concat", []string{lead, count, end}, intAttr("axis", 0))
	})
	column = e.op(base+".sinks.all", "Expand", []string{column, full})
	return e.op(base+".with_sinks", "Concat", []string{scores, column}, intAttr("axis", -1))
}

func (e *emitter) withoutSink(base, shares string) string {
	return e.op(base+".without_sinks", "Slice", []string{shares, e.ints(0), e.ints(-1), e.ints(-1)})
}
