package stablehlo

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/types"

	"github.com/accelbench/accelbench/workloads"
)

// The places of the weights among the inputs of a mixture of experts, after x and the logits of the router.
const (
	gateAt, upAt, downAt             = 2, 3, 4
	gateBiasAt, upBiasAt, downBiasAt = 5, 6, 7
)

// lowerMoE writes a mixture of experts with static shapes. As long as the rows together choose no more experts than there are,
// those chosen are gathered. With more rows all experts compute all rows, and a mask of weights picks: of E experts of which a row
// takes k that wastes E/k - 1 times the useful products, but reads each weight once.
func lowerMoE(e *emitter, n *workloads.Node) {
	experts, d := n.In[gateAt].Shape[0], n.In[0].Shape[2]
	x := e.reshape(e.get(n.In[0]), workloads.Elements(n.In[0].Shape)/d, d)
	logits := e.wide(e.get(n.In[1]))
	r := e.route(e.reshape(logits, dims(x)[0], experts), n.Attr.TopK)
	var y value
	if dims(x)[0]*n.Attr.TopK <= experts {
		y = e.someExperts(n, x, r)
	} else {
		y = e.allExperts(n, x, r)
	}
	e.set(n, e.reshape(y, n.Out.Shape...))
}

// routes say which experts rows take: their numbers [rows,k], their weights [rows,k], and for each the experts [rows,E] that it is.
type routes struct {
	chosen, shares value
	hits           []value
}

// route takes the largest logit k times, of equal ones the first.
func (e *emitter) route(logits value, k int) routes {
	var r routes
	var chosen, best []value
	rows := dims(logits)[0]
	along := func(x value) value { return e.broadcast(x, dims(logits), 0) }
	number := e.iota(dtypes.Int32, 1, dims(logits)...)
	for range k {
		top := e.reduce(most(), logits, 1)
		tops := e.compare(logits, along(top), types.CompareGE)
		first := e.reduce(least(), e.choose(tops, number, e.number(float64(last(logits)-1), number)), 1)
		hit := e.compare(number, along(first), types.CompareEQ)
		logits = e.choose(hit, e.number(math.Inf(-1), logits), logits)
		r.hits = append(r.hits, hit)
		chosen, best = append(chosen, e.reshape(first, rows, 1)), append(best, e.reshape(top, rows, 1))
	}
	r.chosen = e.concat(1, chosen...)
	r.shares = e.softmax(e.concat(1, best...), nil)
	return r
}

// mask is the weight of each expert for each row, [rows,E]; 0 for those that a row does not take.
func (e *emitter) mask(r routes) value {
	var out value
	for i, hit := range r.hits {
		share := e.reshape(e.slice(r.shares, 1, i, i+1), dims(hit)[0])
		share = e.broadcast(share, dims(hit), 0)
		if out == nil {
			out = e.number(0, share)
		}
		out = e.choose(hit, share, out)
	}
	return out
}

// allExperts computes all rows of x [rows,D] by all experts. The weights of the mixture go into the hidden values, so that the last
// product sums over experts as well; but where its columns have scales, these differ by expert and come before the sum.
func (e *emitter) allExperts(n *workloads.Node, x value, r routes) value {
	experts, rows := n.In[gateAt].Shape[0], dims(x)[0]
	copies := e.broadcast(x, []int{experts, rows, last(x)}, 1, 2)
	product := func(at, biasAt int) value {
		y := e.batch(copies, n.In[at])
		if len(n.In) > biasAt {
			y = e.add(y, e.broadcast(e.wide(e.get(n.In[biasAt])), dims(y), 0, 2))
		}
		return y
	}
	h := e.swiglu(product(gateAt, gateBiasAt), product(upAt, upBiasAt), n.Attr.Clamp)
	mask := e.mask(r)
	w := n.In[downAt]
	var y value
	if e.levels[w] != nil && byColumn(w, w.Shape[1]) {
		y = e.batch(e.narrow(h), w)
		y = e.reduce(sum(), e.mul(y, e.broadcast(mask, dims(y), 1, 0)), 0)
	} else {
		h = e.narrow(e.mul(h, e.broadcast(mask, dims(h), 1, 0)))
		y = e.dot(h, axes{sum: []int{0, 2}}, e.get(w), axes{sum: []int{0, 1}}, dtypes.Float32)
	}
	if len(n.In) > downBiasAt {
		bias := e.wide(e.get(n.In[downBiasAt]))
		y = e.add(y, e.dot(mask, axes{sum: []int{1}}, bias, axes{sum: []int{0}}, dtypes.Float32))
	}
	return y
}

// batch multiplies x [E,rows,K] by the matrices of experts [E,K,N], 32-bit.
func (e *emitter) batch(x value, w *workloads.Value) value {
	xs, ws := axes{[]int{0}, []int{2}}, axes{[]int{0}, []int{1}}
	if e.levels[w] != nil && byColumn(w, w.Shape[1]) {
		return e.dotLevels(x, xs, w, ws, []int{w.Shape[0], w.Shape[2]}, 0, 2)
	}
	return e.wide(e.dot(x, xs, e.get(w), ws, e.floats))
}

// someExperts computes rows by the experts that they chose. The products are sums of products, so that compilers read the chosen
// weights in place of writing them out for a library.
func (e *emitter) someExperts(n *workloads.Node, x value, r routes) value {
	product := func(at, biasAt int, x value, along ...int) value {
		w := e.experts(n.In[at], r.chosen)
		y := e.reduce(sum(), e.mul(w, e.broadcast(e.wide(x), dims(w), along...)), 2)
		if len(n.In) > biasAt {
			y = e.add(y, e.wide(e.rows(e.get(n.In[biasAt]), r.chosen)))
		}
		return y
	}
	h := e.swiglu(product(gateAt, gateBiasAt, x, 0, 2), product(upAt, upBiasAt, x, 0, 2), n.Attr.Clamp)
	y := product(downAt, downBiasAt, h, 0, 1, 2)
	return e.reduce(sum(), e.mul(y, e.broadcast(r.shares, dims(y), 0, 1)), 1)
}

// experts are the matrices of the chosen experts, 32-bit: [rows,k,K,N].
func (e *emitter) experts(v *workloads.Value, chosen value) value {
	if e.levels[v] == nil {
		return e.wide(e.rows(e.get(v), chosen))
	}
	levels := e.wide(e.rows(e.levels[v], chosen))
	return e.reshape(e.unpacked(levels, e.rows(e.scales[v], chosen), v.Param), dims(levels)...)
}

// swigluAlpha is the steepness of the sigmoid of a clamped SwiGLU.
const swigluAlpha = 1.702

// swiglu is silu(gate)*up, or with a clamp c > 0 what gpt-oss has; see [workloads.OpMoE].
func (e *emitter) swiglu(gate, up value, c float64) value {
	if c == 0 {
		return e.mul(e.mul(gate, e.sigmoid(gate)), up)
	}
	gate = e.min(gate, e.number(c, gate))
	up = e.max(e.min(up, e.number(c, up)), e.number(-c, up))
	gate = e.mul(gate, e.sigmoid(e.times(gate, swigluAlpha)))
	return e.mul(gate, e.add(up, e.number(1, up)))
}
