package onnx

import (
	"fmt"

	"github.com/accelbench/accelbench/workloads"
)

// deployAdd writes a residual sum and the norm that follows it as one operator, as deployments of transformers have it, and
// the sum of two quantised tensors as a quantised one.
func deployAdd(e *emitter, n *workloads.Node) {
	if e.coded(n.In[0]) && e.coded(n.In[1]) {
		e.quantisedAdd(n)
		return
	}
	if len(n.Out.Shape) == 3 {
		if norm := e.normOf(n.Out, workloads.OpRMSNorm); norm != nil {
			e.skipNorm(n, norm, "SkipSimplifiedLayerNormalization")
			return
		}
		if norm := e.normOf(n.Out, workloads.OpLayerNorm); norm != nil {
			e.skipNorm(n, norm, "SkipLayerNormalization")
			return
		}
	}
	elementwise("Add")(e, n)
}

// skipNorm writes sum and norm; the sum comes out besides for those who need it.
func (e *emitter) skipNorm(sum, norm *workloads.Node, op string) {
	in := []string{e.get(sum.In[0]), e.get(sum.In[1])}
	for _, p := range norm.In[1:] {
		in = append(in, e.get(p))
	}
	out := []string{norm.Out.Name}
	if e.uses[sum.Out] > 1 {
		out = append(out, "", "", sum.Out.Name)
	}
	names := e.microsoft(op, in, out, floatAttr("epsilon", norm.Attr.Eps))
	e.set(norm.Out, names[0])
	if len(names) > 1 {
		e.set(sum.Out, names[3])
	}
}

func deployLayerNorm(e *emitter, n *workloads.Node) {
	if !e.written(n.Out) {
		lowerLayerNorm(e, n)
	}
}

func deployRMSNorm(e *emitter, n *workloads.Node) {
	if e.written(n.Out) {
		return
	}
	// ONNX Runtime has this operator among those of ai.onnx.
	e.set(n.Out, e.op(n.Out.Name, "SimplifiedLayerNormalization", []string{e.get(n.In[0]), e.get(n.In[1])},
		floatAttr("epsilon", n.Attr.Eps), intAttr("axis", -1), intAttr("stash_type", 1)))
}

// deployRope leaves a rotation to the attention that takes it, if that can do it.
func deployRope(e *emitter, n *workloads.Node) {
	if a := e.consumer(n.Out); a != nil && a.Op == workloads.OpAttention && e.rotates(a) {
		return
	}
	lowerRope(e, n)
}

// groupQuery tells whether GroupQueryAttention takes heads of that size: multiples of 16. Small models, as tests have them,
// may have others.
func groupQuery(a workloads.Attr) bool { return a.HeadDim%16 == 0 }

// rotates tells whether both queries and keys of an attention with a cache are rotations by the same angles.
func (e *emitter) rotates(a *workloads.Node) bool {
	if len(a.In) < 6 || !groupQuery(a.Attr) {
		return false
	}
	q, k := e.producer(a.In[0]), e.producer(a.In[1])
	return q != nil && k != nil && q.Op == workloads.OpRope && k.Op == workloads.OpRope && q.Attr == k.Attr &&
		q.Attr.HeadDim == a.Attr.HeadDim && q.In[1] == a.In[5] && k.In[1] == a.In[5]
}

// deployCached writes attention with a cache as GroupQueryAttention, which rotates queries and keys itself and writes the new
// keys and values into the cache that is bound to its input and output at once. A state becomes [B,KVHeads,T,HeadDim].
// ONNX Runtime refuses a batch of several rows of more than one token at a position above 0.
func deployCached(e *emitter, n *workloads.Node) {
	if !groupQuery(n.Attr) {
		lowerCached(e, n)
		return
	}
	a, q, k := n.Attr, n.In[0], n.In[1]
	attrs := []attribute{intAttr("num_heads", a.Heads), intAttr("kv_num_heads", a.KVHeads)}
	var cos, sin, sinks string
	if e.rotates(n) {
		rope := e.producer(q)
		q, k = rope.In[0], e.producer(k).In[0]
		cos, sin = e.ropeTables(rope.Attr)
		attrs = append(attrs, intAttr("do_rotary", 1))
	}
	if a.Window > 0 {
		attrs = append(attrs, intAttr("local_window_size", a.Window))
	}
	cache := func(v *workloads.Value) []int64 {
		return []int64{int64(v.Shape[0]), int64(a.KVHeads), int64(v.Shape[1]), int64(a.HeadDim)}
	}
	last, total := e.lengths(n.In[5], n.In[0])
	keys, values := e.stateIn(n.In[3], cache(n.In[3])), e.stateIn(n.In[4], cache(n.In[4]))
	in := []string{e.get(q), e.get(k), e.get(n.In[2]), keys, values, last, total, cos, sin}
	if len(n.In) > 6 {
		sinks = e.get(n.In[6])
		in = append(in, "", "", sinks)
	}
	for in[len(in)-1] == "" {
		in = in[:len(in)-1]
	}
	out := e.microsoft("GroupQueryAttention", in, []string{n.Out.Name, n.In[3].Name + ".out", n.In[4].Name + ".out"}, attrs...)
	e.set(n.Out, out[0])
	e.stateBecomes(n.In[3], cache(n.In[3]), out[1])
	e.stateBecomes(n.In[4], cache(n.In[4]), out[2])
}

// stateBecomes makes out, an output of an operator that writes into the buffer of the state, the state's output.
func (e *emitter) stateBecomes(v *workloads.Value, shape []int64, out string) {
	s := e.state(v, shape)
	if s.Out != "" || e.rows[v] != "" {
		e.fail(errTwice(v))
		return
	}
	s.Out = out
}

// lengths are what GroupQueryAttention asks for: the index of the last position for each row of the batch, and the number of
// positions, both from the position at which a call starts and the number of its rows.
func (e *emitter) lengths(position, queries *workloads.Value) (last, total string) {
	rows := e.rowCount(queries)
	key := fmt.Sprintf("lengths %s %s", position.Name, rows)
	count := e.memo(key, func() string {
		start := e.convert("length.start", e.get(position), Int32, Int64)
		return e.op("length", "Add", []string{start, rows})
	})
	last = e.memo(key+" last", func() string {
		index := e.op("length.last", "Sub", []string{count, e.ints(1)})
		index = e.op("length.rows", "Expand", []string{index, e.ints(int64(queries.Shape[0]))})
		return e.convert("length.rows.int32", index, Int64, Int32)
	})
	total = e.memo(key+" total", func() string {
		return e.convert("length.int32", e.op("length.scalar", "Squeeze", []string{count}), Int64, Int32)
	})
	return last, total
}

// deployAttention writes attention without a cache as MultiHeadAttention, which has fused kernels.
func deployAttention(e *emitter, n *workloads.Node) {
	if n.Attr.Heads != n.Attr.KVHeads || n.In[1].Kind == workloads.State || n.In[2].Kind == workloads.State {
		lowerAttention(e, n)
		return
	}
	batch, channels := int64(n.Out.Shape[0]), int64(n.Attr.Heads*n.Attr.HeadDim)
	flat := func(v *workloads.Value) string {
		if len(v.Shape) == 3 {
			return e.get(v)
		}
		return e.reshape(v.Name+".sequence", e.get(v), batch, -1, channels)
	}
	attrs := []attribute{intAttr("num_heads", n.Attr.Heads)}
	if n.Attr.Causal {
		attrs = append(attrs, intAttr("unidirectional", 1))
	}
	y := e.microsoft("MultiHeadAttention", []string{flat(n.In[0]), flat(n.In[1]), flat(n.In[2])}, []string{n.Out.Name}, attrs...)[0]
	if len(n.Out.Shape) != 3 {
		y = e.reshape(n.Out.Name+".axes", y, e.dims(n.Out)...)
	}
	e.set(n.Out, y)
}
