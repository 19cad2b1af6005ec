package stablehlo

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/types"

	"github.com/accelbench/accelbench/workloads"
)

// lowerAttention writes attention as two products around a softmax. The query heads that share a key head are rows of one
// product, so that keys and values are not repeated. With a cache the new rows are written over their places in it, and all of
// it is read, also the places that are not filled yet: shapes are static. Of a window only as much as rows can see is read, and in
// the phase that opens a query the new rows alone, since there are no others.
func lowerAttention(e *emitter, n *workloads.Node) {
	a := n.Attr
	q := e.split(e.get(n.In[0]), n, a.Heads)
	to := attended{keys: e.split(e.get(n.In[1]), n, a.KVHeads), values: e.split(e.get(n.In[2]), n, a.KVHeads)}
	causal := a.Causal
	if cached(n) {
		kept := e.remember(n, to)
		if causal = e.opening; !causal {
			to = kept
		}
	}
	var y value
	if causal {
		y = e.attendCausally(n, q, to)
	} else {
		y = e.attend(n, q, to)
	}
	e.set(n, e.reshape(e.transpose(y, 0, 2, 1, 3), n.Out.Shape...))
}

// attended are keys and values [B,KVHeads,T,HeadDim], and which of them [S,T] rows see; nil for all.
type attended struct{ keys, values, mask value }

// causalBlock is how many rows of causal attention are computed at a time: each block up to its own last row and with a window no
// further back than its first row sees, so that long inputs spare up to half of the work and most of the memory of their scores.
const causalBlock = 1024

// attendCausally is attention of rows to those before them and themselves: [B,Heads,S,HeadDim].
func (e *emitter) attendCausally(n *workloads.Node, q value, to attended) value {
	var out []value
	rows := dims(q)[2]
	for lo := 0; lo < rows; lo += causalBlock {
		hi, first := min(lo+causalBlock, rows), 0
		if n.Attr.Window > 0 {
			first = max(0, lo-n.Attr.Window+1)
		}
		at := func(i int) value { return e.scalar(dtypes.Int32, float64(i)) }
		p := places{row: at(lo), column: at(first), rows: hi - lo, columns: hi - first}
		part := attended{e.slice(to.keys, 2, first, hi), e.slice(to.values, 2, first, hi), e.visible(n, p)}
		out = append(out, e.attend(n, e.slice(q, 2, lo, hi), part))
	}
	return e.concat(2, out...)
}

// split takes x [B,...,heads*HeadDim] apart: [B,heads,rows,HeadDim].
func (e *emitter) split(x value, n *workloads.Node, heads int) value {
	batch, d := n.Out.Shape[0], n.Attr.HeadDim
	rows := workloads.Elements(dims(x)) / (batch * heads * d)
	return e.transpose(e.reshape(x, batch, rows, heads, d), 0, 2, 1, 3)
}

// remember writes new keys and values to the caches, and gives what rows can see of these at any position.
func (e *emitter) remember(n *workloads.Node, fresh attended) attended {
	at := e.position(n.In[5])
	rows, all := n.In[0].Shape[1], n.In[3].Shape[1]
	for i, part := range []value{fresh.keys, fresh.values} {
		state := n.In[3+i]
		e.states[state] = e.update(e.states[state], part, 2, at)
	}
	keys, values := e.states[n.In[3]], e.states[n.In[4]]
	p := places{row: at, rows: rows, columns: all}
	if seen := n.Attr.Window + rows - 1; n.Attr.Window > 0 && seen < all {
		p.column = e.memo(fmt.Sprintf("window %p %d", n.In[5], n.Attr.Window), func() value {
			first := e.sub(at, e.scalar(dtypes.Int32, float64(n.Attr.Window-1)))
			return e.max(first, e.scalar(dtypes.Int32, 0))
		})
		p.columns = seen
		keys, values = e.window(keys, 2, p.column, seen), e.window(values, 2, p.column, seen)
	}
	return attended{keys, values, e.visible(n, p)}
}

// position is an input [1] that says where a call starts, as a scalar.
func (e *emitter) position(v *workloads.Value) value {
	return e.memo(fmt.Sprintf("position %p", v), func() value { return e.reshape(e.values[v]) })
}

// places are the positions of the first row and of the first column of scores, nil for 0, and their numbers.
type places struct {
	row, column   value
	rows, columns int
}

// visible tells which positions [S,T] the rows of a call see: those up to their own, with a window only the last of these.
func (e *emitter) visible(n *workloads.Node, p places) value {
	key := fmt.Sprintf("visible %p %p %d %d %d", p.row, p.column, p.rows, p.columns, n.Attr.Window)
	return e.memo(key, func() value {
		count := func(axis int, first value) value {
			x := e.iota(dtypes.Int32, axis, p.rows, p.columns)
			if first != nil {
				x = e.add(x, e.filled(first, x))
			}
			return x
		}
		row, column := count(0, p.row), count(1, p.column)
		seen := e.compare(column, row, types.CompareLE)
		if n.Attr.Window > 0 {
			row = e.sub(row, e.number(float64(n.Attr.Window), row))
			seen = e.and(seen, e.compare(column, row, types.CompareGT))
		}
		return seen
	})
}

// attend is attention of q [B,Heads,S,HeadDim], in the same shape.
func (e *emitter) attend(n *workloads.Node, q value, to attended) value {
	a, batch := n.Attr, n.Out.Shape[0]
	group, all, rows := a.Heads/a.KVHeads, dims(to.keys)[2], dims(q)[2]
	q = e.reshape(q, batch, a.KVHeads, group*rows, a.HeadDim)
	scores := e.dot(q, axes{[]int{0, 1}, []int{3}}, to.keys, axes{[]int{0, 1}, []int{3}}, dtypes.Float32)
	scores = e.times(e.reshape(scores, batch, a.KVHeads, group, rows, all), 1/math.Sqrt(float64(a.HeadDim)))
	if to.mask != nil {
		scores = e.choose(e.broadcast(to.mask, dims(scores), 3, 4), scores, e.number(-math.MaxFloat32, scores))
	}
	var sinks value
	if len(n.In) == 7 {
		sinks = e.reshape(e.wide(e.get(n.In[6])), a.KVHeads, group)
		sinks = e.broadcast(sinks, []int{batch, a.KVHeads, group, rows}, 1, 2)
	}
	shares := e.narrow(e.reshape(e.softmax(scores, sinks), batch, a.KVHeads, group*rows, all))
	y := e.dot(shares, axes{[]int{0, 1}, []int{3}}, to.values, axes{[]int{0, 1}, []int{2}}, e.floats)
	return e.reshape(y, batch, a.Heads, rows, a.HeadDim)
}

// softmax is that of the last axis of x, 32-bit; sinks, of the shape of x without that axis, are one more logit each, without a
// share of its own. Nil for none.
func (e *emitter) softmax(x, sinks value) value {
	end := len(dims(x)) - 1
	along := func(y value) value { return e.broadcast(y, dims(x), upTo(end)...) }
	top := e.reduce(most(), x, end)
	if sinks != nil {
		top = e.max(top, sinks)
	}
	x = e.exp(e.sub(x, along(top)))
	total := e.reduce(sum(), x, end)
	if sinks != nil {
		total = e.add(total, e.exp(e.sub(sinks, top)))
	}
	return e.div(x, along(total))
}
