package native

import (
	"fmt"
	"math"

	"github.com/accelbench/accelbench/devices/engine/native/kernel"
	"github.com/accelbench/accelbench/workloads"
)

const (
	// fewRows is the number of query rows below which reading keys and values as they lie beats packing them.
	fewRows = 4
	// valueRows is the number of rows of values packed together. Query rows that see few positions skip whole packs.
	valueRows = 256
	// headTasks is the number of tasks that suffices to keep the threads of a CPU busy.
	headTasks = 16
)

// attention computes softmax(q k^T / sqrt(d)) v for each head. A task is a range of query rows of one key head: all query
// heads that use it, so that keys and values are packed once for them. With few query rows it is one query head.
type attention struct {
	set                   *kernel.Set
	q, k, v, out          *buffer
	keys, values          *buffer // caches; k and v without
	position              *buffer // nil without caches
	batch, rows, kept     int     // kept is the number of rows of keys per batch row
	heads, kvHeads, d     int
	causal                bool
	scale                 float32
	width, kvWidth, group int
	block                 int // query rows of a task
	blocks                int // tasks per key head
	start                 int // position of query row 0 in this call
}

func (b *binder) attention(n *workloads.Node) (op, error) {
	q := n.In[0].Shape
	a := &attention{
		set: b.set, q: b.values[n.In[0]], k: b.values[n.In[1]], v: b.values[n.In[2]], out: b.values[n.Out],
		batch: q[0], rows: q[1], kept: q[1],
		heads: n.Attr.Heads, kvHeads: n.Attr.KVHeads, d: n.Attr.HeadDim, causal: n.Attr.Causal,
		scale: float32(1 / math.Sqrt(float64(n.Attr.HeadDim))),
	}
	a.width, a.kvWidth, a.group = a.heads*a.d, a.kvHeads*a.d, a.heads/a.kvHeads
	a.keys, a.values = a.k, a.v
	if len(n.In) == 6 {
		a.keys, a.values, a.position = b.values[n.In[3]], b.values[n.In[4]], b.values[n.In[5]]
		a.kept, a.causal = n.In[3].Shape[1], true
	}
	// Every task of a key head packs the keys anew: no more tasks than needed, no more scores than stay in a cache.
	const mostRows = 256
	a.blocks = max((headTasks+a.batch*a.kvHeads-1)/(a.batch*a.kvHeads), (a.rows+mostRows-1)/mostRows)
	a.block = roundUp((a.rows+a.blocks-1)/a.blocks, a.set.MR)
	a.blocks = (a.rows + a.block - 1) / a.block
	return a, nil
}

func (a *attention) few() bool { return a.rows < fewRows }

func (a *attention) count() int {
	if a.few() {
		return a.batch * a.heads
	}
	return a.batch * a.kvHeads * a.blocks
}

// prepare writes the new keys and values to the caches.
func (a *attention) prepare() error {
	if a.position == nil {
		return nil
	}
	a.start = int(a.position.i[0])
	if a.start < 0 || a.start+a.rows > a.kept {
		return fmt.Errorf("attention: %d rows at position %d do not fit into a cache of %d", a.rows, a.start, a.kept)
	}
	n := a.rows * a.kvWidth
	for b := range a.batch {
		at := (b*a.kept + a.start) * a.kvWidth
		copy(a.keys.f[at:at+n], a.k.f[b*n:])
		copy(a.values.f[at:at+n], a.v.f[b*n:])
	}
	return nil
}

// seen is the number of positions that query rows up to and including row see.
func (a *attention) seen(row int) int {
	if a.causal {
		return a.start + row + 1
	}
	return a.kept
}

// headScratch is a worker's memory for one head: packed keys and values, and scores.
type headScratch struct {
	keys   kernel.PackedB
	values []kernel.PackedB
	scores []float32
}

// grow makes the memory large enough for any task of a.
func (h *headScratch) grow(a *attention) {
	scores := a.kept
	if !a.few() {
		packs := (a.kept + valueRows - 1) / valueRows
		for len(h.values) < packs {
			h.values = append(h.values, kernel.PackedB{})
		}
		zeros := make([]float32, a.kept*a.d)
		h.packKeys(a.set, zeros, a.d, a.kept, a.d)
		h.packValues(a.set, zeros, a.d, a.kept, a.d)
		scores = min(a.block, a.rows) * roundUp(a.kept, lineFloats)
	}
	if len(h.scores) < scores {
		h.scores = alignedFloats(scores)
	}
}

func (h *headScratch) packKeys(set *kernel.Set, keys []float32, ld, n, d int) {
	set.PackBTInto(&h.keys, d, n, keys, ld)
}

func (h *headScratch) packValues(set *kernel.Set, values []float32, ld, n, d int) {
	for i := 0; i*valueRows < n; i++ {
		set.PackBInto(&h.values[i], min(valueRows, n-i*valueRows), d, values[i*valueRows*ld:], ld)
	}
}

func (a *attention) run(w *worker, task int) {
	if a.few() {
		a.single(w, task/a.heads, task%a.heads)
		return
	}
	// Later rows see more positions: they come first, so that the tasks that end last are short ones.
	block := a.blocks - 1 - task/(a.batch*a.kvHeads)
	task %= a.batch * a.kvHeads
	a.many(w, task/a.kvHeads, task%a.kvHeads, block*a.block, min((block+1)*a.block, a.rows))
}

// single computes all rows of one query head from keys and values as they lie.
func (a *attention) single(w *worker, batch, head int) {
	kv := batch*a.kept*a.kvWidth + head/a.group*a.d
	for row := range a.rows {
		at := (batch*a.rows+row)*a.width + head*a.d
		out := a.out.f[at : at+a.d]
		scores := w.heads.scores[:a.seen(row)]
		a.set.DotRows(scores, a.q.f[at:at+a.d], a.keys.f[kv:], a.kvWidth)
		a.set.Softmax(scores, a.scale)
		clear(out)
		a.set.SumRows(out, scores, a.values.f[kv:], a.kvWidth)
	}
}

// many computes rows [r0,r1) of all query heads of one key head.
func (a *attention) many(w *worker, batch, kvHead, r0, r1 int) {
	h := &w.heads
	seen := a.seen(r1 - 1)
	kv := batch*a.kept*a.kvWidth + kvHead*a.d
	h.packKeys(a.set, a.keys.f[kv:], a.kvWidth, seen, a.d)
	h.packValues(a.set, a.values.f[kv:], a.kvWidth, seen, a.d)
	ld := roundUp(seen, lineFloats)
	for head := kvHead * a.group; head < (kvHead+1)*a.group; head++ {
		at := (batch*a.rows+r0)*a.width + head*a.d
		a.set.Gemm(r1-r0, a.q.f[at:], a.width, &h.keys, nil, kernel.InitZero, h.scores, ld, 0, seen, &w.scratch)
		for row := r0; row < r1; row++ {
			scores := h.scores[(row-r0)*ld:][:seen]
			visible := a.seen(row)
			a.set.Softmax(scores[:visible], a.scale)
			clear(scores[visible:])
		}
		start := kernel.InitZero
		for i := 0; i*valueRows < seen; i++ {
			a.set.Gemm(r1-r0, h.scores[i*valueRows:], ld, &h.values[i], nil, start, a.out.f[at:], a.width, 0, a.d, &w.scratch)
			start = kernel.InitC
		}
	}
}
