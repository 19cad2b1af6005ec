package stablehlo

import (
	"math"

	"github.com/accelbench/accelbench/workloads"
)

func lowerAdd(e *emitter, n *workloads.Node) { e.set(n, e.add(e.get(n.In[0]), e.get(n.In[1]))) }

func lowerMul(e *emitter, n *workloads.Node) { e.set(n, e.mul(e.get(n.In[0]), e.get(n.In[1]))) }

func lowerRelu(e *emitter, n *workloads.Node) {
	x := e.get(n.In[0])
	e.set(n, e.max(x, e.number(0, x)))
}

func lowerGelu(e *emitter, n *workloads.Node) {
	x := e.wide(e.get(n.In[0]))
	y := e.erf(e.times(x, 1/math.Sqrt2))
	e.set(n, e.mul(e.times(x, 0.5), e.add(y, e.number(1, y))))
}

func lowerSilu(e *emitter, n *workloads.Node) {
	x := e.wide(e.get(n.In[0]))
	e.set(n, e.mul(x, e.sigmoid(x)))
}

func lowerSigmoid(e *emitter, n *workloads.Node) { e.set(n, e.sigmoid(e.wide(e.get(n.In[0])))) }

// lowerCopy passes its input on: results are buffers of their own, to which compilers copy.
func lowerCopy(e *emitter, n *workloads.Node) { e.set(n, e.get(n.In[0])) }

// lowerStore makes x the content of the state.
func lowerStore(e *emitter, n *workloads.Node) {
	x := e.get(n.In[0])
	e.states[n.In[1]] = x
	e.set(n, x)
}

// lowerAddRows adds y [B,D] along all axes but the first and the last of x.
func lowerAddRows(e *emitter, n *workloads.Node) {
	x := e.get(n.In[0])
	e.set(n, e.add(x, e.broadcast(e.get(n.In[1]), dims(x), 0, len(dims(x))-1)))
}

func lowerConcat(e *emitter, n *workloads.Node) {
	var xs []value
	for _, v := range n.In {
		xs = append(xs, e.get(v))
	}
	e.set(n, e.concat(len(dims(xs[0]))-1, xs...))
}

func lowerEmbedding(e *emitter, n *workloads.Node) { e.set(n, e.rows(e.get(n.In[0]), e.get(n.In[1]))) }

// lowerEmbeddingBag gathers the rows of each bag and adds them up in 32 bits; compilers fuse the two.
func lowerEmbeddingBag(e *emitter, n *workloads.Node) {
	e.set(n, e.reduce(sum(), e.wide(e.rows(e.get(n.In[0]), e.get(n.In[1]))), 1))
}

func lowerLast(e *emitter, n *workloads.Node) {
	x := e.get(n.In[0])
	rows := dims(x)[1]
	e.set(n, e.reshape(e.slice(x, 1, rows-1, rows), n.Out.Shape...))
}

func lowerMaxPool(e *emitter, n *workloads.Node) {
	e.set(n, e.reduceWindows(most(), e.get(n.In[0]), n.Attr))
}

func lowerGlobalAvgPool(e *emitter, n *workloads.Node) {
	x := e.wide(e.get(n.In[0]))
	e.set(n, e.mean(x, 1, 2))
}

// lowerUpsample repeats each pixel along two new axes.
func lowerUpsample(e *emitter, n *workloads.Node) {
	s := n.In[0].Shape
	y := e.broadcast(e.get(n.In[0]), []int{s[0], s[1], 2, s[2], 2, s[3]}, 0, 1, 3, 5)
	e.set(n, e.reshape(y, n.Out.Shape...))
}
